// Which container kept `docker compose up` from coming to its end, and the last lines that it said.
import { EnvironmentError } from '../../host/environment-error.ts';
import { containersOf, type Container } from './container.ts';
import type { Engine } from './engine.ts';
import { saidBy } from './logs.ts';

const SHOWN_LINES = 12;

/** Null where every container that there is runs and is healthy, or will be. */
export async function failedContainer(
  engine: Engine,
  run: string,
): Promise<EnvironmentError | null> {
  const containers = await containersOf(engine, run);
  const failed = containers.find(hasEnded) ?? containers.find(isUnhealthy);
  if (failed === undefined) return null;
  const { State } = failed.facts;
  const how = State.OOMKilled ? ' for want of memory' : '';
  const found = hasEnded(failed)
    ? `it ended with exit code ${State.ExitCode}${how} ${State.Error}`.trimEnd()
    : `it is unhealthy: ${State.Health?.Log.at(-1)?.Output.trim() || 'no word of why'}`;
  return new EnvironmentError({
    what: `the container of ${failed.node}`,
    expected: 'it to start and to become healthy',
    found,
    hint: 'read its log below; compose/README.md says how to run the system by hand',
    log: (await saidBy(engine, failed, SHOWN_LINES).catch(() => [])).slice(-SHOWN_LINES),
  });
}

/** One that never began to run is compose's own failure to tell. */
function hasEnded({ facts }: Container): boolean {
  const { Status, StartedAt } = facts.State;
  return Status === 'exited' || (Status === 'dead' && !StartedAt.startsWith('0001'));
}

function isUnhealthy({ facts }: Container): boolean {
  return facts.State.Health?.Status === 'unhealthy';
}

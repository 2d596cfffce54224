// What a user is told when a system of containers does not come up: a part that does not answer, or
// a container that kept `docker compose up` from coming to its end, with the last lines it said.
import { EnvironmentError } from '../../host/environment-error.ts';
import { ProgramError } from '../../host/program/program-client.ts';
import { LinkError } from '../../link/links.ts';
import { EngineError, isUnreachable, unreachable, type Engine } from './engine/engine.ts';
import { containersOf, type Container } from './engine/container.ts';

/** Anything else is a bug in drill, and stays what it is. */
export function bringUpFailure(engine: Engine, error: unknown, logs: string): unknown {
  if (isUnreachable(error)) return unreachable(engine, error);
  const what = partOf(error);
  if (what === null) return error;
  return new EnvironmentError(
    {
      what,
      expected: 'it to do what it was asked while the system came up',
      found: (error as Error).message,
      hint: `read the logs of the containers: ${logs}`,
    },
    { cause: error },
  );
}

function partOf(error: unknown): string | null {
  if (error instanceof EngineError) return 'the docker engine';
  if (error instanceof LinkError) return 'the proxy server';
  return error instanceof ProgramError ? 'a program in a container' : null;
}

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
    log: (await failed.said(SHOWN_LINES).catch(() => [])).slice(-SHOWN_LINES),
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

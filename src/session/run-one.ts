// One drill, from what was read to its result: its place is made, its system is a new one or one
// that is up, and the session is told what happens.
import { runsDirectory } from '../archive/run-directory.ts';
import { startWorkload } from '../workload/clients.ts';
import { runDrill } from '../engine/run.ts';
import type { RunEvent } from '../evidence/event.ts';
import { faults } from '../fault/registry.ts';
import { hostClock } from '../host/clock.ts';
import { markedEnvironment } from '../host/process/processes.ts';
import { recoveries } from '../recovery/registry.ts';
import { UserError } from '../screen/user-error.ts';
import type { Result } from '../verdict/result.ts';
import { runtimeAgainst, type Against } from './kept.ts';
import { newPlace } from './place.ts';
import type { DrillRead } from './read.ts';
import { pruneRuns } from './retention.ts';
import { checkRuntimeFiles, newRegions } from './runtime-of.ts';
import type { Session, Surroundings } from './session.ts';
import { version } from './version.ts';

export interface RunOptions {
  /** The run is stopped after so long; null: only its own budgets stop it. */
  readonly limit_ms: number | null;
  /** A system that is up; null: the drill has regions of its own. */
  readonly against: Against | null;
  /** Where the system of a drill without `against` comes from; `newRegions` when left out. */
  readonly source?: typeof newRegions;
}

/** What cannot be seen in a drill file alone; rejects with what the user has to change. */
export async function requireRunnable(
  drills: readonly DrillRead[],
  surroundings: Surroundings,
): Promise<void> {
  for (const { drill, settings } of drills) {
    await checkRuntimeFiles(drill.runtime, settings, surroundings);
  }
  const asks = drills.find(({ plan }) => plan.declare.by === 'operator');
  if (asks === undefined || surroundings.ask !== null) return;
  throw new UserError(
    `${asks.plan.name}: "declare: operator" waits for somebody to press Enter; ` +
      'stdin is no terminal',
    { hint: 'run it in a terminal, or with --set declare=automatic' },
  );
}

export async function runOne(
  drill: DrillRead,
  session: Session,
  { limit_ms, against, source = newRegions }: RunOptions,
): Promise<{ readonly result: Result; readonly directory: string }> {
  const { plan, settings, text } = drill;
  const runs = runsDirectory(session.directory, settings.out);
  const place = newPlace(runs, plan.name);
  session.on({ type: 'begun', plan, place });
  const { runtime, preflight, release } =
    against === null
      ? source(drill, place, session)
      : runtimeAgainst(against, plan, session.environment);
  const result = await runDrill({
    plan,
    text,
    place,
    parts: { runtime, faults, recoveries, startClients: startWorkload, preflight },
    version: version(),
    environment: markedEnvironment(session.environment, place.id),
    onEvent: (event: RunEvent) => session.on({ type: 'event', event }),
    interrupt: session.interrupt,
    kill: session.kill,
    keep: settings.keep,
    limit_ms,
    askForEnter: session.ask,
  }).finally(release);
  session.on({ type: 'ended', result, place });
  pruneRuns(runs, settings.retention, hostClock().wall(), (text) =>
    session.on({ type: 'warning', text }),
  );
  return { result, directory: place.directory };
}

// One drill, from what was read to its result, or its system alone, brought up and left running:
// the place of the run is made, and the session is told what happens.
import { remember } from '../archive/history/history.ts';
import { runsDirectory } from '../archive/run-directory.ts';
import { startWorkload, type StartClients } from '../workload/clients.ts';
import { isOwnPlan } from '../drill/own-plan.ts';
import { runDrill } from '../engine/run.ts';
import { bringUpSystem, type SystemUp } from '../engine/up.ts';
import type { RunEvent } from '../evidence/event.ts';
import { faults } from '../fault/registry.ts';
import { hostClock } from '../host/clock.ts';
import { markedEnvironment } from '../host/process/environment.ts';
import { recoveries } from '../recovery/registry.ts';
import type { RunPlace } from '../topology/system/system.ts';
import type { Result } from '../verdict/result.ts';
import { requireConsent, requirePrimaryThere } from './attached/consent.ts';
import { requireCommands } from './commands.ts';
import { requireStayable, runtimeAgainst, type Against } from './kept.ts';
import { shareRun } from './history/share.ts';
import { newPlace } from './place.ts';
import type { DrillRead } from './read.ts';
import { pruneRuns } from './retention.ts';
import { operatorOf } from './operator/operator.ts';
import {
  killSwitchThrown,
  leverPulled,
  requireNoKillSwitch,
  requireNoLever,
} from './operator/kill-switch.ts';
import { orderGiven, ordersFolder } from './operator/orders.ts';
import { checkRuntimeFiles, newRegions, type SystemSource } from './runtime-of.ts';
import type { Session, Surroundings } from './session.ts';
import { version } from './version.ts';

export interface RunOptions {
  /** The run is stopped after so long; null: only its own budgets stop it. */
  readonly limit_ms: number | null;
  /** A system that is up; null: the drill has regions of its own. */
  readonly against: Against | null;
  /** Where the system of a drill without `against` comes from; `newRegions` when left out. */
  readonly source?: typeof newRegions;
  /** The clients of the runs; programs of their own when left out. */
  readonly startClients?: StartClients;
}

/**
 * What cannot be seen in a drill file alone; rejects with what the user has to change.
 * `confirmed`: the name of a drill of a system of their own, as somebody has typed it.
 */
export async function requireRunnable(
  drills: readonly DrillRead[],
  surroundings: Surroundings,
  confirmed: string | null = null,
): Promise<void> {
  for (const { drill, settings } of drills) {
    await checkRuntimeFiles(drill.runtime, settings, surroundings);
  }
  const first = drills.find(({ plan }) => isOwnPlan(plan));
  for (const drill of drills) {
    const met = await requireConsent(drill, surroundings, confirmed);
    // Those after it may be meant for where it leaves the primary.
    if (met !== null && drill === first) await requirePrimaryThere(drill, met);
    requireCommands(drill, surroundings);
  }
}

export async function runOne(
  drill: DrillRead,
  session: Session,
  { limit_ms, against, source = newRegions, startClients = startWorkload }: RunOptions,
): Promise<{ readonly result: Result; readonly directory: string }> {
  const { plan, settings } = drill;
  const { runs, place } = begin(drill, session);
  const made =
    against === null
      ? source(drill, place, session)
      : runtimeAgainst(against, plan, session.environment);
  const { parts, ...opened } = openOptions(drill, place, session, made);
  const own = { ...parts, startClients };
  const { baseline } = drill;
  const { interrupt, end } = untilHalted(runs, place, session.interrupt, drill.consent?.lever);
  const options = { ...opened, parts: own, keep: settings.keep, limit_ms, baseline, interrupt };
  const result = await runDrill(options).finally(() => {
    end();
    return made.release();
  });
  rememberRun(runs, place.id, drill.series ?? null, session);
  session.on({ type: 'ended', result, place });
  await shareRun(runs, place.id, drill, session);
  pruneRuns(runs, settings.retention, hostClock().wall(), (text) =>
    session.on({ type: 'warning', text }),
  );
  return { result, directory: place.directory };
}

/** Aborts with the session, and when somebody elsewhere orders a halt, of it or of all. */
function untilHalted(
  runs: string,
  { directory }: RunPlace,
  interrupt: AbortSignal,
  lever: string | null = null,
) {
  const halted = new AbortController();
  const over = new AbortController();
  const way = { clock: hostClock(), signal: over.signal };
  orderGiven(ordersFolder(directory), ['halt'], way).then(
    ({ by }) => halted.abort(new Error(by)),
    () => {}, // the run is over
  );
  killSwitchThrown(runs, way).then(
    (by) => halted.abort(new Error(`the kill switch, thrown by ${by}`)),
    () => {},
  );
  if (lever !== null) {
    leverPulled(lever, way).then(
      (why) => halted.abort(new Error(why)),
      () => {},
    );
  }
  const end = () => over.abort(new Error('the run is over'));
  return { interrupt: AbortSignal.any([interrupt, halted.signal]), end };
}

/** What was measured stays known when the run's folder goes. That it cannot is told. */
export function rememberRun(
  runs: string,
  id: string,
  series: string | null,
  session: Pick<Session, 'on'>,
): void {
  try {
    remember(runs, id, series);
  } catch (error) {
    const text = `the run is not in the history of ${runs}: ${(error as Error).message}`;
    session.on({ type: 'warning', text });
  }
}

/** `up` is null when it could not be brought up; the events say why, and what is left of it. */
export async function bringUp(
  drill: DrillRead,
  session: Session,
): Promise<{ readonly up: SystemUp | null; readonly place: RunPlace }> {
  requireStayable(drill.plan, null);
  await checkRuntimeFiles(drill.drill.runtime, drill.settings, session);
  const { runs, place } = begin(drill, session);
  const made = newRegions(drill, place, session);
  const { interrupt, end } = untilHalted(runs, place, session.interrupt);
  const options = { ...openOptions(drill, place, session, made), interrupt };
  const up = await bringUpSystem(options).finally(end);
  session.on({ type: 'ended', result: null, place });
  return { up, place };
}

function begin({ plan, settings, file, text, consent }: DrillRead, session: Session) {
  const runs = runsDirectory(session.directory, settings.out);
  requireNoKillSwitch(runs);
  const lever = consent?.lever ?? null;
  if (lever !== null) requireNoLever(lever);
  const place = newPlace(runs, plan.name);
  session.on({ type: 'begun', plan, source: { file, bytes: text }, place });
  return { runs, place };
}

function openOptions(
  { plan, text }: DrillRead,
  place: RunPlace,
  session: Session,
  { runtime, preflight }: SystemSource,
) {
  return {
    plan,
    text,
    place,
    parts: { runtime, faults, recoveries, startClients: startWorkload, preflight },
    version: version(),
    environment: markedEnvironment(session.environment, place.id),
    onEvent: (event: RunEvent) => session.on({ type: 'event', event }),
    interrupt: session.interrupt,
    kill: session.kill,
    limit_ms: null,
    operator: operatorOf(ordersFolder(place.directory), session.ask, hostClock()),
  };
}

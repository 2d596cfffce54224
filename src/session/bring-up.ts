// The system of a drill file, brought up and left running.
import { runsDirectory } from '../archive/run-directory.ts';
import type { Plan } from '../drill/plan/plan.ts';
import { STRATEGY_FACTS } from '../drill/plan/strategies.ts';
import { bringUpSystem, type SystemUp } from '../engine/up.ts';
import { markedEnvironment } from '../host/process/processes.ts';
import { UserError } from '../screen/user-error.ts';
import type { RunPlace } from '../topology/system/system.ts';
import { newPlace } from './place.ts';
import type { DrillRead } from './read.ts';
import { checkRuntimeFiles, newRegions } from './runtime-of.ts';
import type { Session } from './session.ts';
import { version } from './version.ts';

/** `up` is null when it could not be brought up; the events say why, and what is left of it. */
export async function bringUp(
  drill: DrillRead,
  session: Session,
): Promise<{ readonly up: SystemUp | null; readonly place: RunPlace }> {
  const { plan, settings, text } = drill;
  requireStayable(plan, null);
  await checkRuntimeFiles(drill.drill.runtime, settings, session);
  const place = newPlace(runsDirectory(session.directory, settings.out), plan.name);
  session.on({ type: 'begun', plan, place });
  const { runtime, preflight } = newRegions(drill, place, session);
  const up = await bringUpSystem({
    plan,
    place,
    text,
    runtime,
    preflight,
    version: version(),
    environment: markedEnvironment(session.environment, place.id),
    onEvent: (event) => session.on({ type: 'event', event }),
    interrupt: session.interrupt,
    kill: session.kill,
  });
  session.on({ type: 'ended', result: null, place });
  return { up, place };
}

/**
 * Throws a `UserError` for a system that a later run could not take over. `keepSource` is what asks
 * a run to keep it up; null: the verb is for that.
 */
export function requireStayable(
  { name, strategy }: Pick<Plan, 'name' | 'strategy'>,
  keepSource: string | null,
): void {
  if (STRATEGY_FACTS[strategy].database === 'standby') return;
  const what = `${name}: a system with the strategy ${strategy} cannot be left up yet`;
  if (keepSource !== null) {
    throw new UserError(`${what} (asked for by ${keepSource})`, { hint: '--keep never' });
  }
  throw new UserError(what, { hint: 'drill run brings it up, drills it and brings it down' });
}

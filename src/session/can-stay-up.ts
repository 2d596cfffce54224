// Which systems can outlive the run that made them, and what a run on such a system cannot do.
import type { Plan } from '../drill/plan/plan.ts';
import { STRATEGY_FACTS } from '../drill/plan/strategies.ts';
import { UserError } from '../screen/user-error.ts';

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

/** Throws a `UserError` for what needs the passwords of the run that made the system. */
export function requireDrillable({ name, failback, recover }: Plan): void {
  const what = failback ? 'a failback' : recover.with === 'switch-over' ? 'a switch-over' : null;
  if (what === null) return;
  throw new UserError(`${name}: ${what} rebuilds a database, and --against cannot do that yet`, {
    hint: failback ? '--set failback=false' : 'run it without --against',
  });
}

// A system of somebody's own, as the engine, the fault `command` and its recoveries see it: who
// takes writes on each of its servers, all the time, and nothing that could change that.
import type { PlannedFault } from '../../drill/fault/registry.ts';
import type { CheckResult } from '../../evidence/event.ts';
import type { OrderId } from '../../evidence/restore.ts';
import { until, type Clock } from '../../host/clock.ts';
import type { ServerLook } from '../../evidence/events/server-look.ts';
import type { DeadStore } from './store.ts';

export interface Answer {
  /** Null: nobody knows. */
  readonly ok: boolean | null;
  readonly detail: string;
}

export type SeenFault = Pick<PlannedFault<'command'>, 'title' | 'seen' | 'takes_at_most_ms'>;

export interface OwnSystem {
  /** The newest look at each server, in the order of the drill file. */
  picture(): readonly ServerLook[];
  /**
   * Resolves to what `find` finds in some picture; it asks the one of now first, and the next look
   * at each server begins at once.
   */
  until<T>(find: (picture: readonly ServerLook[]) => T | null, signal: AbortSignal): Promise<T>;
  /** One look whether a fault bites. */
  bites(fault: SeenFault): Promise<Answer>;
  /** Whether a command of the team's says that it hurts. */
  hurts(command: readonly string[], signal: AbortSignal): Promise<Answer>;
  /**
   * Where the way of the clients leads to now, by a connection of drill's own: a server that takes
   * writes; null: to none, or nobody can tell.
   */
  leadsTo(signal: AbortSignal): Promise<{ readonly node: string | null; readonly detail: string }>;
  /** Whether what is written on the primary of now comes to each other server. */
  follow(): Promise<readonly CheckResult[]>;
  /**
   * Which servers that live have the row, by a read of each; what cannot be read is left out. Null:
   * no server can be asked by itself.
   */
  haveRow(row: OrderId): Promise<readonly string[] | null>;
  /** What is in each server that takes writes now. */
  takingWrites(): readonly DeadStore[];
  /** Where its commands are run. */
  readonly folder: string;
  /** Commands may be run, each until it ends with 0. */
  run(command: readonly string[], atMost_ms: number, signal?: AbortSignal): Promise<void>;
}

const LOOK_EVERY_MS = 100;

/**
 * Whether it is seen not to bite any more, within the time that the fault gives each command. A
 * look that could not be made has not seen that.
 */
export async function untilUndone(
  { takes_at_most_ms }: Pick<SeenFault, 'takes_at_most_ms'>,
  clock: Clock,
  look: () => Promise<Answer>,
): Promise<boolean> {
  const deadline_ms = clock.now() + takes_at_most_ms;
  const found = await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS }, async () => {
    return (await look()).ok === false ? true : null;
  });
  return found === true;
}

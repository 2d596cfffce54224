// What a fault is: something broken on purpose, with a heal and a proof that it bit. One file per
// fault.
import type { Plan, PlannedFault } from '../drill/plan/plan.ts';
import type { CheckResult } from '../evidence/event.ts';
import type { Effect, Undoable } from '../evidence/undo.ts';
import type { Clock } from '../host/clock.ts';
import type { Mistake } from '../postgres/read/mistake.ts';
import type { System } from '../topology/system.ts';

export interface FaultContext {
  readonly plan: Plan;
  readonly fault: PlannedFault;
  readonly system: System;
  readonly clock: Clock;
  /** What `inject` did to data; null before, and of other faults. */
  readonly mistake: Mistake | null;
  /**
   * Call it before each effect that can be healed: the entry, from which `drill clean` heals it, is
   * on the disk when this resolves. `heal` may be called twice, and without its effect. What was
   * deferred when `inject` fails is healed at once; later it is healed in reverse order.
   */
  readonly defer: (entry: Effect, heal: () => Promise<void>) => Promise<void>;
}

/** Has the effect once its undo is on the disk. */
export async function apply(
  { defer }: Pick<FaultContext, 'defer'>,
  effect: Undoable,
): Promise<void> {
  await defer(effect.entry, () => effect.undo());
  await effect.act();
}

export interface Injected {
  /** What was done, for the journal. */
  readonly detail: string;
  /** Rows that were harmed. */
  readonly mistake?: Mistake;
}

export interface Fault {
  /** As in the drill file. */
  readonly kind: string;
  readonly summary: string;
  /** Field names of the drill file with what they mean. */
  readonly settings: Readonly<Record<string, string>>;
  /** What it defers heals the fault; without that nothing can (what is dead stays dead). */
  inject(context: FaultContext): Promise<Injected>;
  /**
   * Looks for the effect by a way that does not depend on the injecting call. Every check has its
   * own time limit.
   */
  prove(context: FaultContext): Promise<CheckResult[]>;
}

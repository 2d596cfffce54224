// What a fault is: something broken on purpose, with a heal and a proof that it bit. One file per
// fault.
import type { Plan, PlannedFault } from '../drill/plan/plan.ts';
import type { CheckResult } from '../evidence/event.ts';
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
}

/** What was done by half does not stay so. */
export async function orUndo(act: () => Promise<void>, undo: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    await undo().catch(() => {}); // why it could not be done says more
    throw error;
  }
}

export interface Injected {
  /** What was done, for the journal. */
  readonly detail: string;
  /**
   * Undoes the fault; null where nothing can be healed while the run lasts (what is dead stays
   * dead).
   */
  readonly heal: (() => Promise<void>) | null;
  /** Rows that were harmed. */
  readonly mistake?: Mistake;
}

export interface Fault {
  /** As in the drill file. */
  readonly kind: string;
  readonly summary: string;
  /** Field names of the drill file with what they mean. */
  readonly settings: Readonly<Record<string, string>>;
  inject(context: FaultContext): Promise<Injected>;
  /**
   * Looks for the effect by a way that does not depend on the injecting call. Every check has its
   * own time limit.
   */
  prove(context: FaultContext): Promise<CheckResult[]>;
}

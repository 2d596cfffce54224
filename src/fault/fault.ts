// What it takes to break something on purpose, to heal it, and to prove that it bit. One file per
// fault; its settings, effect and words stand in `src/drill/fault/`.
import type { FaultKind, PlannedFault } from '../drill/fault/registry.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { CheckResult } from '../evidence/event.ts';
import type { Effect, Undoable } from '../evidence/undo.ts';
import type { Clock } from '../host/clock.ts';
import { probe } from '../host/probe.ts';
import type { Link } from '../link/links.ts';
import type { Mistake } from '../evidence/restore.ts';
import type { System } from '../topology/system/system.ts';

export interface FaultContext<K extends FaultKind = FaultKind> {
  readonly plan: Plan;
  readonly fault: PlannedFault<K>;
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

/** Whoever speaks to one of the link's proxies hears nothing within `ms`. */
export function proveSilent({ proxies }: Link, ms: number): Promise<CheckResult>[] {
  return proxies.map(async ({ name, host, port }) => {
    const { isSilent, detail } = await probe(host, port, ms);
    return { name: `link ${name} is silent`, ok: isSilent, detail };
  });
}

interface Injected {
  /** What was done, for the journal. */
  readonly detail: string;
  readonly mistake?: Mistake;
}

/** Methods, so that a fault of one kind can stand for any where its kind has been looked up. */
export interface Fault<K extends FaultKind = FaultKind> {
  readonly kind: K;
  /** What it defers heals the fault; without that nothing can (what is dead stays dead). */
  inject(context: FaultContext<K>): Promise<Injected>;
  /**
   * Looks for the effect by a way that does not depend on the injecting call. Every check has its
   * own time limit.
   */
  prove(context: FaultContext<K>): Promise<CheckResult[]>;
}

// What it takes to break something on purpose, to heal it, and to prove that it bit. One file per
// fault; its settings, effect and words stand in `src/drill/fault/`.
import type { FaultKind, PlannedFault } from '../drill/fault/registry.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { CheckResult, LookResult } from '../evidence/event.ts';
import type { Effect, Undoable } from '../evidence/undo.ts';
import type { Clock } from '../host/clock.ts';
import { reasonOf } from '../host/operation-failed.ts';
import { probe } from '../host/probe.ts';
import type { Link } from '../link/links.ts';
import type { Mistake } from '../evidence/restore.ts';
import type { Lab, System } from '../topology/system/system.ts';

/**
 * Whoever lives answers within so long on a way that nothing is done to, so that a proof of silence
 * watches as long.
 */
export const PROBE_MS = 500;

/** `S`: what it can do something to; most faults need a system that drill has made. */
export interface FaultContext<K extends FaultKind = FaultKind, S extends System = Lab> {
  readonly plan: Plan;
  readonly fault: PlannedFault<K>;
  readonly system: S;
  readonly clock: Clock;
  /**
   * Aborts when the run is stopped: what `inject` would still do is ended before it rejects. The
   * undo heeds it not.
   */
  readonly signal: AbortSignal;
  /** What `inject` did to data; null before, and of other faults. */
  readonly mistake: Mistake | null;
  /** Of the node before it was hit; absent: nobody asked. */
  readonly life?: string | null;
  /**
   * Call it before each effect that can be healed: the entry, from which `drill clean` heals it, is
   * on the disk when this resolves. `heal` may be called twice, and without its effect. What was
   * deferred when `inject` fails is healed at once; later it is healed in reverse order. It
   * resolves to what was not there any more to be undone, as an `Undoable` does.
   */
  readonly defer: (entry: Effect, heal: () => Promise<readonly string[]>) => Promise<void>;
  /** The same of what is not healed: it is undone once all was counted, where it is there still. */
  readonly deferToEnd: FaultContext['defer'];
}

export interface LookContext<
  K extends FaultKind = FaultKind,
  S extends System = Lab,
> extends FaultContext<K, S> {
  /** A look may watch for so long; one that is not over when the heal is due proves nothing. */
  readonly watch_ms: number;
  /**
   * Nothing but the fault explains what is seen: no recovery has begun, and no other fault has
   * taken a region away. Else nodes may be dead, links cut, and a standby a primary by now.
   */
  readonly isAlone: boolean;
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

/** What a check or a look comes to, whatever it is called. */
export type Seen = Omit<CheckResult, 'name'>;

/** One look; where the world does not answer, that is what was found. */
export async function looked(name: string, look: () => Promise<Seen>): Promise<LookResult> {
  return { name, ...(await found(look)) };
}

async function found<S>(look: () => Promise<S>): Promise<S | { ok: null; detail: string }> {
  try {
    return await look();
  } catch (error) {
    return { ok: null, detail: reasonOf(error) };
  }
}

/** One look, where nothing else explains what is seen; null: that tells nothing. */
export async function lookedAlone(
  { isAlone }: Pick<LookContext, 'isAlone'>,
  name: string,
  look: () => Promise<Seen | null>,
): Promise<LookResult[]> {
  const seen = isAlone ? await found(look) : null;
  return seen === null ? [] : [{ name, ...seen }];
}

/**
 * Proved by what is seen, and by the same later, as long as nothing else explains it. A look has
 * `atMost_ms` for what it waits for, a proof as long as it likes; null: that tells nothing.
 */
export function seenAs<C extends FaultContext>(
  nameOf: (context: C) => string,
  see: (context: C, atMost_ms: number) => Promise<Seen | null>,
) {
  return {
    prove: async (context: C): Promise<CheckResult[]> => {
      const seen = (await see(context, Infinity)) ?? {
        ok: false,
        detail: 'nothing was seen of it',
      };
      return [{ name: nameOf(context), ...seen }];
    },
    look: async (context: C & Pick<LookContext, 'isAlone' | 'watch_ms'>) =>
      await lookedAlone(context, nameOf(context), () => see(context, context.watch_ms)),
  };
}

/**
 * Nothing is heard through any proxy of the link. One that takes no connections any more is as
 * silent where a fence or another fault may have cut it. `is` is what a link is called then.
 */
export function stillSilent(
  { system, watch_ms, isAlone }: LookContext,
  { proxies }: Link,
  is = 'silent',
): Promise<LookResult>[] {
  return proxies.map(async (proxy) => {
    return await looked(`link ${proxy.name} is ${is}`, async () => {
      const { isSilent, detail } = await probe(proxy.host, proxy.port, watch_ms);
      if (isSilent || isAlone) return { ok: isSilent, detail };
      const now = await system.mayListen(proxy, watch_ms);
      return { ok: !now.listens, detail: `${detail}; ${now.detail}` };
    });
  });
}

interface Injected {
  /** What was done, for the journal. */
  readonly detail: string;
  readonly mistake?: Mistake;
  /** Of the node before, for `prove`. */
  readonly life?: string | null;
  /** What it deferred is undone already: there is nothing to heal later. */
  readonly isOver?: true;
  /** When it was seen to bite, where somebody looked all the time; null: it was not. */
  readonly bitten?: Promise<Bitten | null>;
}

/** The first look that saw it, and when the one before began (or the fault, without one). */
export interface Bitten {
  readonly not_yet_ms: number;
  readonly asked_ms: number;
  readonly answered_ms: number;
}

/** Methods, so that a fault of one kind can stand for any where its kind has been looked up. */
export interface Fault<K extends FaultKind = FaultKind, S extends System = Lab> {
  readonly kind: K;
  /** What it defers heals the fault; without that nothing can (what is dead stays dead). */
  inject(context: FaultContext<K, S>): Promise<Injected>;
  /**
   * Looks for the effect by a way that does not depend on the injecting call. Every check has its
   * own time limit.
   */
  prove(context: FaultContext<K, S>): Promise<CheckResult[]>;
  /**
   * Looks whether the effect is still there, each look with its own time limit; nothing where
   * nothing can be seen of it by now. Absent: the effect is a deed, not a state that lasts.
   */
  look?(context: LookContext<K, S>): Promise<LookResult[]>;
}

/** Of any kind, on any system: the engine has looked up one that fits it. */
export type AnyFaultContext = FaultContext<FaultKind, System>;
export type AnyFault = Fault<FaultKind, System>;

// Time comes from here and nowhere else. `now` is CLOCK_MONOTONIC, which all processes and
// containers of one host share (`performance.now()` has another origin in each process, so it is
// never used).
import { setTimeout as timeout } from 'node:timers/promises';

/** Milliseconds on a clock that never goes back; sub-microsecond fractions. */
export interface Clock {
  /** Milliseconds since this clock's origin. */
  now(): number;
  /** The wall clock, milliseconds since 1970: for display and to notice a suspended machine. */
  wall(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Milliseconds of CLOCK_MONOTONIC, as a double (exact to a microsecond for centuries). */
export function hostNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A clock whose zero is `origin`, a value of `hostNow()` of any process of this host. */
export function hostClock(origin = 0): Clock {
  return { now: () => hostNow() - origin, wall: () => Date.now(), sleep };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await timeout(Math.max(0, ms), undefined, signal && { signal });
  } catch {
    signal!.throwIfAborted();
  }
}

/** A signal that aborts with `reason` after `ms`, unless `ended` aborts before. */
export function abortAfter(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  reason: Error,
  ended: AbortSignal,
): AbortSignal {
  const limit = new AbortController();
  clock.sleep(ms, ended).then(
    () => limit.abort(reason),
    () => {},
  );
  return limit.signal;
}

export interface Waiting {
  readonly clock: Clock;
  /** On the clock. */
  readonly deadline_ms: number;
  readonly every_ms: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What `look` finds; null when it found nothing at the deadline. It looks once at least, and once
 * after the deadline. Rejects when `look` does, and when `signal` aborts between two looks.
 */
export async function until<T>(
  { clock, deadline_ms, every_ms, signal }: Waiting,
  look: () => Promise<T | null>,
): Promise<T | null> {
  for (;;) {
    const found = await look();
    if (found !== null || clock.now() > deadline_ms) return found;
    await clock.sleep(every_ms, signal);
  }
}

/** What `promise` resolves to, or `otherwise` after `ms`; a later rejection is ignored. */
export async function within<T, F>(promise: Promise<T>, ms: number, otherwise: F): Promise<T | F> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<F>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  promise.catch(() => {});
  try {
    return await Promise.race([promise, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Tells what a promise that never rejects has resolved to; null until then. */
export function outcomeOf<T>(promise: Promise<T>): () => T | null {
  let outcome: T | null = null;
  void promise.then((value) => (outcome = value));
  return () => outcome;
}

// A value with what speaks against it: doubts and failures stand beside what they are about.
import type { Doubt, Figures } from '../drill/measurement.ts';
import { STORES, type StoreRole } from '../drill/stores.ts';
import type { Failure } from './failure.ts';
import { inFailback, ofStore } from './words.ts';

export interface Measured<T> {
  readonly value: T;
  readonly doubts: readonly Doubt[];
  readonly failures: readonly Failure[];
}

/** All numbers of a run. */
export interface Measurement extends Figures {
  /** Proved: any of these fails the run whatever else is inconclusive. */
  readonly failures: readonly Failure[];
}

export function measured<T>(
  value: T,
  doubts: readonly Doubt[] = [],
  failures: readonly Failure[] = [],
): Measured<T> {
  return { value, doubts, failures };
}

export function doubt(affects: Doubt['affects'], reason: string): Doubt {
  return { affects, reason };
}

export function doubts(affects: Doubt['affects'], reasons: readonly string[]): Doubt[] {
  return reasons.map((reason) => doubt(affects, reason));
}

/** What speaks against any of several values, in their order. */
export function against(parts: readonly Measured<unknown>[]): Omit<Measured<unknown>, 'value'> {
  return {
    doubts: parts.flatMap(({ doubts }) => doubts),
    failures: parts.flatMap(({ failures }) => failures),
  };
}

/** The loss of one store; `name` is how sentences call it, null where it is the only one. */
export function measuredOfStore<T>(
  store: StoreRole,
  name: StoreRole | null,
  value: T,
  reasons: readonly string[],
  failures: readonly Failure[] = [],
): Measured<{ readonly store: StoreRole; readonly loss: T }> {
  return measured(
    { store, loss: value },
    reasons.map((reason): Doubt => ({ affects: 'loss', store, reason: ofStore(name, reason) })),
    failures.map((failure) => ({
      ...failure,
      store: STORES[store].written,
      text: ofStore(name, failure.text),
    })),
  );
}

/** A part of the failback: whatever speaks against it speaks against the failback alone. */
export function measuredInFailback<T>({ value, doubts, failures }: Measured<T>): Measured<T> {
  return measured(
    value,
    doubts.map(({ reason }) => doubt('failback', inFailback(reason))),
    failures.map((failure) => ({ ...failure, text: inFailback(failure.text) })),
  );
}

// A value with what speaks against it: doubts and failures stand beside what they are about. A
// failure fails a run whatever its targets: it has a code that stays the same, for whoever counts
// failures over many runs, and a sentence for people.
import type { Doubt, Figures } from '../drill/measurement.ts';
import { STORES, type StoreRole, type WrittenStore } from '../drill/stores.ts';
import { inFailback, ofStore } from './words.ts';

/** Every code, with what it means. A code is never used for something else, and never renamed. */
export const FAILURE_CODES = {
  'target-missed': 'A target of the drill file was missed; `gate` says which one.',
  'recovery-step-failed': 'A step of the recovery failed; `step` says which one.',
  'failback-step-failed': 'A step of the failback failed; `step` says which one.',
  'fence-open': 'The lost region was not fenced when it was there again.',
  'two-primaries': 'Two servers of a system of your own took writes at the same time.',
  'not-protected': 'A server of a system of your own did not follow again in the end.',
  'no-primary': 'No server of a system of your own took writes in the end.',
  'written-elsewhere': 'Clients write to another server than the system calls its primary.',
  'data-not-restored': 'A restore did not bring back what a mistake had harmed.',
  'database-corrupt': 'A store that serves found its own data damaged.',
  'write-unexpected': 'A write is there that was refused or never sent.',
  'write-corrupt': 'A write is there with a payload that no client sent.',
  'write-duplicated': 'A write is there more than once.',
  'write-diverged': 'Two serving databases do not hold the same, or a shared row lost a change.',
  'write-lost-after-recovery': 'A write that the new side acknowledged went missing.',
  'write-lost-in-failback': 'An acknowledged write was lost in the failback.',
  'split-brain-in-failback': 'The old side acknowledged writes after the move back.',
  'databases-diverged': 'Rows differ between the two serving databases.',
  'disturbed-before': 'Service was disturbed before the disaster already: no RTO can be told.',
  'not-declared': 'No recovery ran, and the drill was to prove one.',
  'environment-failed': 'The system could not be brought up, or a part of it is missing.',
  'run-interrupted': 'Somebody stopped the run.',
  'clean-up-failed': 'Something that the run made is left.',
  'internal-error': 'A bug in drill ended the run.',
  'stop-condition': 'A stop condition of the drill file held, which is a failure there.',
} as const;

export type FailureCode = keyof typeof FAILURE_CODES;

export interface Failure {
  readonly code: FailureCode;
  /** The store that it is about; absent: the run as a whole, or more than one. */
  readonly store?: WrittenStore;
  readonly step?: string;
  readonly gate?: string;
  readonly text: string;
}

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

/** About something that was to come later: the run ended before it. */
export function missing(affects: Doubt['affects'], reasons: readonly string[]): Doubt[] {
  return reasons.map((reason) => ({ affects, reason, endsEarly: true }));
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
  against: readonly Doubt[],
  failures: readonly Failure[] = [],
): Measured<{ readonly store: StoreRole; readonly loss: T }> {
  return measured(
    { store, loss: value },
    against.map((each): Doubt => ({ ...each, store, reason: ofStore(name, each.reason) })),
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
    doubts.map((each) => ({ ...each, affects: 'failback', reason: inFailback(each.reason) })),
    failures.map((failure) => ({ ...failure, text: inFailback(failure.text) })),
  );
}

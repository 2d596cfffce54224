// What fails a run whatever its targets: each with a code that stays the same, for whoever counts
// failures over many runs, and a sentence for people.
import type { WrittenStore } from '../drill/stores.ts';

/** Every code, with what it means. A code is never used for something else, and never renamed. */
export const FAILURE_CODES = {
  'target-missed': 'A target of the drill file was missed; `gate` says which one.',
  'recovery-step-failed': 'A step of the recovery failed; `step` says which one.',
  'failback-step-failed': 'A step of the failback failed; `step` says which one.',
  'fence-open': 'The lost region was not fenced when it was there again.',
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
  'environment-failed': 'The system could not be brought up, or a part of it is missing.',
  'run-interrupted': 'Somebody stopped the run.',
  'clean-up-failed': 'Something that the run made is left.',
  'internal-error': 'A bug in drill ended the run.',
} as const satisfies Readonly<Record<string, string>>;
export type FailureCode = keyof typeof FAILURE_CODES;

export interface Failure {
  readonly code: FailureCode;
  /** The store that it is about; absent: the run as a whole, or more than one. */
  readonly store?: WrittenStore;
  readonly step?: string;
  readonly gate?: string;
  readonly text: string;
}

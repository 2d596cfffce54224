// One client request and its outcome, as the ledger holds it.
import type { Numbers } from '../../base/column.ts';

/** Numbers as they stand in `ledger.bin`. */
export const OPERATION_KIND = { write: 0, read: 1, seed: 2, marker: 3, update: 4 } as const;

/** `unknown` is also what a send record without an outcome record means. */
export const OUTCOME = { unknown: 0, acknowledged: 1, refused: 2, unsent: 3 } as const;
export type Outcome = keyof typeof OUTCOME;

/** Later than that a start is late. */
export const LATE_START_MS = 50;

export const OPERATION_FLAG = {
  /** A read whose reply lacked a row that had been acknowledged before the read was sent. */
  wrong_read: 1,
  /** Started over 50 ms late, or not at all for that: the runner's fault, as far as known. */
  late_start: 2,
  /** It was done, by an answer that warned: no standby is known to have it. */
  unprotected: 4,
} as const;

/** Writer number of marker writes; ordinary writers count from 1 and seed rows have writer 0. */
export const MARKER_WRITER = 0xffff;
export const SEED_WRITER = 0;
/**
 * Updates of shared rows are numbered apart from writes: those of writer n have the writer number
 * 2000 + n (there are at most 1024 writers) and sequences from 1, so that writer and sequence alone
 * tell every operation that leaves a trace in a database.
 */
export const UPDATE_WRITERS = 2000;
/** No node, or one that did not say who it is. */
export const NO_NODE = 0xff;

/** What is known before the request goes out. Times are milliseconds since the run's origin. */
export interface SentOperation {
  readonly kind: number;
  readonly writer: number;
  /** From 1, per writer, and apart for writes, reads and updates. */
  readonly sequence: number;
  readonly scheduled_ms: number;
  readonly sent_ms: number;
}

/** What is known after the reply is parsed. */
export interface OperationOutcome {
  readonly kind: number;
  readonly writer: number;
  readonly sequence: number;
  readonly outcome: number;
  readonly done_ms: number;
  /** The app or database that answered, by its place in the header; else `NO_NODE`. */
  readonly node: number;
  /** Timeline of the database that took the write, 0 when the reply did not say. */
  readonly timeline: number;
  readonly flags: number;
}

/**
 * All operations of a run, one row each, in columns (a million of them take about 20 MB). Row order
 * is the order of the send records; consumers must not depend on it.
 */
export interface Operations {
  readonly count: number;
  readonly kind: Numbers;
  readonly writer: Numbers;
  readonly sequence: Numbers;
  readonly scheduled_ms: Numbers;
  /** NaN for an unsent operation. */
  readonly sent_ms: Numbers;
  /** NaN where no outcome was recorded. */
  readonly done_ms: Numbers;
  readonly outcome: Numbers;
  readonly node: Numbers;
  readonly timeline: Numbers;
  readonly flags: Numbers;
  /** The ledger that holds the row, from 0, where there are several; else 0. */
  readonly ledger: Numbers;
}

// `ledger.bin`: every operation, in fixed-size records, appended as it happens.
import type { OperationOutcome, Operations, SentOperation } from './operation.ts';

/**
 * The first line of the file, JSON (with a checksum as its last key) padded with spaces to 4,096
 * bytes, newline last.
 */
export interface LedgerHeader {
  readonly schema: 'drill.ledger/1';
  readonly run: string;
  /** Which store these operations went to: `postgres` or `redis`. */
  readonly store: string;
  readonly seed: number;
  readonly payload_bytes: number;
  /** Node names (`east/app-1`) by the numbers that records hold. */
  readonly nodes: readonly string[];
}

/**
 * Appends records. `send` and `outcome` only fill a buffer; `flush` hands it to the operating
 * system in one write, so that what was flushed survives the death of the process. Callers flush
 * before the request of a `send` goes out.
 */
export interface LedgerWriter {
  send(operation: SentOperation): void;
  outcome(outcome: OperationOutcome): void;
  /** An operation that was due and never sent; one record says it all. */
  unsent(operation: SentOperation, flags: number): void;
  flush(): void;
  close(): void;
}

export interface LedgerContents {
  readonly header: LedgerHeader;
  readonly operations: Operations;
  /**
   * What is wrong with the file: a torn tail, a bad checksum, an outcome without a send. Empty when
   * it is sound.
   */
  readonly problems: readonly string[];
}

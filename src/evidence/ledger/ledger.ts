// `ledger.bin`: every operation, in fixed-size records, appended as it happens. A closed ledger
// ends with a record that says how many came before it, so that a missing tail shows even when it
// was cut between two records.
import type { OperationOutcome, SentOperation } from './operation.ts';
import { RecordWriter } from './record.ts';

/*
 * A record, 32 bytes:
 *   0 type u8 · 1 kind u8 · 2 writer u16 · 4 sequence u32
 *   send, unsent: 8 scheduled_ms f64 · 16 sent_ms f64 (send) · 24 flags u8 (unsent)
 *   outcome:      8 done_ms f64 · 16 outcome u8 · 17 node u8 · 18 timeline u16 · 24 flags u8
 *   end:          8 number of records before it f64
 *   28 checksum u32
 */
export const LEDGER_RECORD = { send: 1, outcome: 2, unsent: 3, end: 4 } as const;
export const LEDGER_SCHEMA = 'drill.ledger/1';

/** The first line of the file, JSON with a checksum as its last key, padded to 4,096 bytes. */
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

export type LedgerWriter = ReturnType<typeof createLedger>;

/**
 * Creates the file, or empties it. `send` and `outcome` only fill a buffer; `flush` hands it to the
 * operating system in one write, so that what was flushed survives the death of the process.
 * Callers flush before the request of a `send` goes out. Throws what the operating system says.
 */
export function createLedger(file: string, header: LedgerHeader) {
  const records = new RecordWriter(file, header);
  const append = (
    type: number,
    id: { kind: number; writer: number; sequence: number },
    rest: (view: DataView, at: number) => void,
  ) => {
    records.append((view, at) => {
      view.setUint8(at, type);
      view.setUint8(at + 1, id.kind);
      view.setUint16(at + 2, id.writer, true);
      view.setUint32(at + 4, id.sequence, true);
      rest(view, at);
    });
  };
  return {
    send(operation: SentOperation): void {
      append(LEDGER_RECORD.send, operation, (view, at) => {
        view.setFloat64(at + 8, operation.scheduled_ms, true);
        view.setFloat64(at + 16, operation.sent_ms, true);
      });
    },
    outcome(outcome: OperationOutcome): void {
      append(LEDGER_RECORD.outcome, outcome, (view, at) => {
        view.setFloat64(at + 8, outcome.done_ms, true);
        view.setUint8(at + 16, outcome.outcome);
        view.setUint8(at + 17, outcome.node);
        view.setUint16(at + 18, outcome.timeline, true);
        view.setUint8(at + 24, outcome.flags);
      });
    },
    /** An operation that was due and never sent; one record says it all. */
    unsent(operation: SentOperation, flags: number): void {
      append(LEDGER_RECORD.unsent, operation, (view, at) => {
        view.setFloat64(at + 8, operation.scheduled_ms, true);
        view.setUint8(at + 24, flags);
      });
    },
    flush: () => records.flush(),
    close(): void {
      const count = records.count;
      append(LEDGER_RECORD.end, { kind: 0, writer: 0, sequence: 0 }, (view, at) => {
        view.setFloat64(at + 8, count, true);
      });
      records.close();
    },
  };
}

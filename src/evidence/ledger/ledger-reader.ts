// Reads `ledger.bin`: all at once, or again and again while the workload still appends.
import { LEDGER_RECORD, LEDGER_SCHEMA, type LedgerHeader } from './ledger.ts';
import { OperationColumns } from './operation-columns.ts';
import type { OperationOutcome, Operations, SentOperation } from './operation.ts';
import { EvidenceError } from '../evidence-error.ts';
import { RECORD_BYTES, RecordReader } from './record.ts';

export type LedgerContents = ReturnType<typeof readLedger>;
export type LedgerFollower = ReturnType<typeof followLedger>;

/** A ledger as it is now. */
export interface GrowingLedger {
  readonly operations: Operations;
  /** When the earliest was due of the rows that are new or changed since the last look. */
  readonly changed_ms: number;
}

/**
 * Reads a whole ledger. Throws an `EvidenceError` when the file or its header cannot be read;
 * everything else that is wrong stands in `problems`.
 */
export function readLedger(file: string) {
  const ledger = new LedgerFile(file);
  try {
    ledger.advance(false);
    const { header, columns } = ledger;
    return { header, operations: columns.operations(), problems: ledger.problems() };
  } finally {
    ledger.records.close();
  }
}

/**
 * Opens a ledger that is still written to: each call of `look` reads what is new and returns
 * everything so far. Throws an `EvidenceError` when it cannot be read.
 */
export function followLedger(file: string) {
  const ledger = new LedgerFile(file);
  return {
    look(): GrowingLedger {
      ledger.advance(true);
      const { columns } = ledger;
      return { operations: columns.operations(), changed_ms: columns.changedSince() };
    },
    close: () => ledger.records.close(),
  };
}

class LedgerFile {
  readonly header: LedgerHeader;
  readonly columns = new OperationColumns();
  readonly records: RecordReader;
  #count = 0;
  #end: number | null = null;

  constructor(file: string) {
    this.records = new RecordReader(file, LEDGER_SCHEMA);
    this.header = headerOf(file, this.records);
  }

  advance(growing: boolean): void {
    this.records.advance(growing, (view, at, byte) => {
      const problem = this.#take(view, at);
      this.#count++;
      if (problem !== null) this.records.problems.add(problem, byte);
    });
  }

  /** What is wrong with a ledger that nobody writes to any more. */
  problems(): string[] {
    const problems = this.records.problems.list();
    const torn = this.records.tornBytes();
    if (torn > 0) problems.push(`its end is torn: ${torn} bytes of a record of ${RECORD_BYTES}`);
    else if (this.#end === null) {
      problems.push('it was never closed, so operations may be missing at its end');
    }
    return problems;
  }

  #take(view: DataView, at: number): string | null {
    if (this.#end !== null) return 'a record after the end of the ledger';
    switch (view.getUint8(at)) {
      case LEDGER_RECORD.outcome:
        return this.columns.addOutcome(outcomeAt(view, at));
      case LEDGER_RECORD.send: {
        const operation = operationAt(view, at, view.getFloat64(at + 16, true));
        if (!Number.isFinite(operation.sent_ms)) return 'a send record that makes no sense';
        return this.columns.addSent(operation, true, 0);
      }
      case LEDGER_RECORD.unsent:
        return this.columns.addSent(operationAt(view, at, NaN), false, view.getUint8(at + 24));
      case LEDGER_RECORD.end:
        this.#end = view.getFloat64(at + 8, true);
        return this.#end === this.#count ? null : 'an end record with the wrong count';
      default:
        return 'a record of an unknown type';
    }
  }
}

// No spreading of objects in these: it would be most of the time that a million records take.
function operationAt(view: DataView, at: number, sent_ms: number): SentOperation {
  return {
    kind: view.getUint8(at + 1),
    writer: view.getUint16(at + 2, true),
    sequence: view.getUint32(at + 4, true),
    scheduled_ms: view.getFloat64(at + 8, true),
    sent_ms,
  };
}

/** Somebody else may have written it: every field is looked at. */
function headerOf(file: string, records: RecordReader): LedgerHeader {
  const header = records.header as Partial<LedgerHeader>;
  const { run, store, seed, payload_bytes, nodes } = header;
  const isWhole =
    typeof run === 'string' &&
    typeof store === 'string' &&
    Number.isInteger(seed) &&
    Number.isInteger(payload_bytes) &&
    Array.isArray(nodes) &&
    nodes.every((node) => typeof node === 'string');
  if (isWhole) return header as LedgerHeader;
  records.close();
  const found = Object.keys(header).join(', ');
  throw new EvidenceError(
    `${file}: expected a header with run, store, seed, payload_bytes and nodes, found ${found}`,
  );
}

function outcomeAt(view: DataView, at: number): OperationOutcome {
  return {
    kind: view.getUint8(at + 1),
    writer: view.getUint16(at + 2, true),
    sequence: view.getUint32(at + 4, true),
    done_ms: view.getFloat64(at + 8, true),
    outcome: view.getUint8(at + 16),
    node: view.getUint8(at + 17),
    timeline: view.getUint16(at + 18, true),
    flags: view.getUint8(at + 24),
  };
}

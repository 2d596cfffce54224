// Gives every write exactly one class: the first that matches, in the order of CLASS_NAMES.
import { OPERATION_KIND, OUTCOME } from '../evidence/operation.ts';
import type { LedgerHeader } from '../evidence/ledger.ts';
import type { Operations } from '../evidence/operation.ts';
import type { Reading, SurvivorRows } from '../evidence/survivors.ts';
import { IdTable } from './id-table.ts';
import { CLASS_NAMES } from './measurement.ts';
import type { ClassName, Id } from './measurement.ts';
import { presenceOf, type Presence } from './presence.ts';

/** Stands in `classes` where an operation has none: it is a read. */
const NO_CLASS = 0xff;

export interface Classified {
  /** Index into CLASS_NAMES by operation row, or NO_CLASS. */
  readonly classes: Uint8Array;
  readonly serving: Presence;
  readonly oldPrimary: Presence | null;
  readonly hasReturned: boolean;
}

const CLASS = Object.fromEntries(CLASS_NAMES.map((name, at) => [name, at])) as Record<
  ClassName,
  number
>;

/** Null without a reading of the serving database: nothing can be said of any write then. */
export function classify(
  operations: Operations,
  header: LedgerHeader,
  readings: ReadonlyMap<Reading, SurvivorRows>,
): Classified | null {
  const ids = new IdTable(operations);
  const present = (reading: Reading) => {
    const rows = readings.get(reading);
    return rows === undefined ? null : presenceOf(rows, ids, operations.count, header);
  };
  const serving = present('serving');
  if (serving === null) return null;
  const returned = present('after-return');
  const classes = new Uint8Array(operations.count);
  for (let row = 0; row < operations.count; row++) {
    const isRead = operations.kind[row] === OPERATION_KIND.read;
    classes[row] = isRead ? NO_CLASS : classOf(operations.outcome[row]!, row, serving, returned);
  }
  const hasReturned = returned !== null;
  return { classes, serving, oldPrimary: present('old-primary'), hasReturned };
}

function classOf(
  outcome: number,
  row: number,
  serving: Presence,
  returned: Presence | null,
): number {
  const copies = serving.copies[row]!;
  if (copies > 0) {
    if (outcome === OUTCOME.refused || outcome === OUTCOME.unsent) return CLASS.unexpected;
    if (serving.altered[row] === 1) return CLASS.corrupt;
    if (copies > 1) return CLASS.duplicated;
    return outcome === OUTCOME.acknowledged ? CLASS.kept : CLASS.recovered;
  }
  const isLate = returned !== null && returned.copies[row]! > 0;
  switch (outcome) {
    case OUTCOME.acknowledged:
      return isLate ? CLASS.late : CLASS.lost;
    case OUTCOME.refused:
      return isLate ? CLASS.unexpected : CLASS.refused;
    case OUTCOME.unsent:
      return isLate ? CLASS.unexpected : CLASS.unsent;
    default:
      return isLate ? CLASS.recovered : CLASS.vanished;
  }
}

/** Rows of one class, in ledger order. */
export function rowsOf(classified: Classified, name: ClassName): number[] {
  const rows: number[] = [];
  classified.classes.forEach((value, row) => {
    if (value === CLASS[name]) rows.push(row);
  });
  return rows;
}

/** Ids per class; ids that were never sent are unexpected. */
export function countClasses(classified: Classified): Record<ClassName, number> {
  const counts = new Uint32Array(256);
  for (const value of classified.classes) counts[value]!++;
  const named = CLASS_NAMES.map((name, at) => [name, counts[at]!]);
  const classes = Object.fromEntries(named) as Record<ClassName, number>;
  classes.unexpected += classified.serving.strangers.length;
  return classes;
}

export function idOf(operations: Operations, row: number): Id {
  return { writer: operations.writer[row]!, sequence: operations.sequence[row]! };
}

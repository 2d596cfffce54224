// Gives every write exactly one class: the first that matches, in the order of CLASS_NAMES.
// Readings of databases stand beside the ledger: copies of each write, and altered payloads.
import { OPERATION_KIND, OUTCOME, type Operations } from '../../evidence/ledger/operation.ts';
import { RowIndex } from '../../evidence/ledger/row-index.ts';
import type { Reading, SurvivorRows } from '../../evidence/survivors.ts';
import { CLASS_NAMES, type ClassName, type Id } from '../../drill/measurement.ts';

/** Stands in `classes` where an operation has none: it is a read, or nobody can say. */
export const NO_CLASS = 0xff;

interface Presence {
  /** Copies by operation row, at most 255. */
  readonly copies: Uint8Array;
  /** 1 where a copy's payload is not what the client sent. */
  readonly altered: Uint8Array;
  /** Ids that no operation of the ledger has, each once. */
  readonly unexpected: readonly Id[];
}

export interface Classified {
  /** Index into CLASS_NAMES by operation row, or NO_CLASS. */
  readonly classes: Uint8Array;
  /** Not 0 where a write is in any database that serves at the cut. */
  readonly present: Uint8Array;
  /** The same in the end: after the lost region has returned, if it did. */
  readonly presentLast: Uint8Array;
  /** Ids in serving databases that no operation of the ledger has, each once. */
  readonly unexpected: readonly Id[];
  readonly oldPrimary: Presence | null;
  readonly hasReturned: boolean;
}

/** Which readings of serving databases say what survived. */
interface Sights {
  /** At the cut; the first of them must be there. */
  readonly cut: readonly [Reading, ...Reading[]];
  /** After the lost region has returned and caught up. */
  readonly later: readonly Reading[];
}

export const DRILL_SIGHTS: Sights = {
  cut: ['serving', 'peer'],
  later: ['after-return', 'peer-after-return'],
};
export const FAILBACK_SIGHTS: Sights = { cut: ['after-failback'], later: [] };

const CLASS = Object.fromEntries(CLASS_NAMES.map((name, at) => [name, at])) as Record<
  ClassName,
  number
>;

interface Seen
  extends Pick<Classified, 'present' | 'presentLast'>, Pick<ClassifyInputs, 'isUndone'> {
  /** The most copies in one database, whenever it was read. */
  readonly copies: Uint8Array;
  /** Not 0 where any copy's payload is not what the client sent. */
  readonly altered: Uint8Array;
  /** Two databases that serve in the end. */
  readonly pair: readonly [Presence, Presence] | null;
}

interface ClassifyInputs {
  readonly operations: Operations;
  readonly readings: ReadonlyMap<Reading, SurvivorRows>;
  readonly sights: Sights;
  /** Whether a restore to a point in time undid an acknowledged write on purpose. */
  readonly isUndone: (row: number) => boolean;
}

/** Null without a reading of the serving database: nothing can be said of any write then. */
export function classify(inputs: ClassifyInputs): Classified | null {
  const { operations, readings, sights, isUndone } = inputs;
  if (!readings.has(sights.cut[0])) return null;
  const writes = writesOf(operations);
  const present = (reading: Reading): Presence[] => {
    const rows = readings.get(reading);
    return rows === undefined ? [] : [presenceOf(rows, writes, operations.count)];
  };
  const cut = sights.cut.flatMap(present);
  const later = sights.later.flatMap(present);
  const all = [...cut, ...later];
  const seen: Seen = {
    present: greatestIn(cut, 'copies'),
    presentLast: greatestIn(later.length > 0 ? later : cut, 'copies'),
    copies: greatestIn(all, 'copies'),
    altered: greatestIn(all, 'altered'),
    pair: pairOf(later) ?? pairOf(cut),
    isUndone,
  };
  const classes = new Uint8Array(operations.count);
  for (let row = 0; row < operations.count; row++) {
    const isRead = operations.kind.at(row) === OPERATION_KIND.read;
    classes[row] = isRead ? NO_CLASS : classOf(operations, row, seen);
  }
  return {
    classes,
    present: seen.present,
    presentLast: seen.presentLast,
    unexpected: unexpectedIn(all),
    oldPrimary: present('old-primary')[0] ?? null,
    hasReturned: later.length > 0,
  };
}

function pairOf(presences: readonly Presence[]): readonly [Presence, Presence] | null {
  const [one, other] = presences;
  return other === undefined ? null : [one!, other];
}

function classOf(operations: Operations, row: number, seen: Seen): number {
  const outcome = operations.outcome.at(row);
  if (seen.copies[row]! > 0) {
    if (outcome === OUTCOME.refused || outcome === OUTCOME.unsent) return CLASS.unexpected;
    if (seen.altered[row]! > 0) return CLASS.corrupt;
    if (seen.copies[row]! > 1) return CLASS.duplicated;
  }
  if (hasDiverged(operations, row, seen)) return CLASS.diverged;
  const isAtCut = seen.present[row]! > 0;
  const isThere = seen.presentLast[row]! > 0;
  switch (outcome) {
    case OUTCOME.acknowledged: {
      if (isAtCut && isThere) return CLASS.kept;
      // A marker that is written after the first reading is missing from that one by right.
      if (isThere && operations.kind.at(row) === OPERATION_KIND.marker) return CLASS.kept;
      if (!isAtCut && seen.isUndone(row)) return CLASS.intended;
      return isThere ? CLASS.late : CLASS.lost;
    }
    case OUTCOME.refused:
      return CLASS.refused;
    case OUTCOME.unsent:
      return CLASS.unsent;
    default:
      return isThere ? CLASS.recovered : CLASS.vanished;
  }
}

/**
 * In one of two databases that serve in the end and not in the other; or a change of a shared row
 * that was acknowledged, and whose trace another change has wiped out.
 */
function hasDiverged(operations: Operations, row: number, { pair, presentLast }: Seen): boolean {
  if (pair !== null && pair[0].copies[row]! > 0 !== pair[1].copies[row]! > 0) return true;
  const isUpdate = operations.kind.at(row) === OPERATION_KIND.update;
  const isPromised = operations.outcome.at(row) === OUTCOME.acknowledged;
  return isUpdate && isPromised && presentLast[row] === 0;
}

export function rowsOf({ classes }: Pick<Classified, 'classes'>, name: ClassName): number[] {
  const rows: number[] = [];
  const value = CLASS[name];
  for (let at = classes.indexOf(value); at >= 0; at = classes.indexOf(value, at + 1)) rows.push(at);
  return rows;
}

/** Ids per class; ids that were never sent are unexpected. */
export function countClasses(classified: Classified): Record<ClassName, number> {
  const counts = new Uint32Array(NO_CLASS + 1);
  for (const value of classified.classes) counts[value]!++;
  const named = CLASS_NAMES.map((name, at) => [name, counts[at]!]);
  const classes = Object.fromEntries(named) as Record<ClassName, number>;
  classes.unexpected += classified.unexpected.length;
  return classes;
}

export function idOf(operations: Operations, row: number): Id {
  return { writer: operations.writer.at(row), sequence: operations.sequence.at(row) };
}

/** Rows of writes by writer and sequence, seed rows and markers too; a read names no row. */
function writesOf({ count, kind, writer, sequence }: Operations): RowIndex {
  const writes = new RowIndex();
  for (let row = 0; row < count; row++) {
    if (kind.at(row) !== OPERATION_KIND.read) writes.set(writer.at(row), sequence.at(row), row);
  }
  return writes;
}

/** The row of a write, or -1: for a few, without an index of all. */
export function rowOfWrite({ count, kind, ...ids }: Operations, { writer, sequence }: Id): number {
  for (let row = count - 1; row >= 0; row--) {
    if (ids.sequence.at(row) !== sequence || ids.writer.at(row) !== writer) continue;
    if (kind.at(row) !== OPERATION_KIND.read) return row;
  }
  return -1;
}

function presenceOf(rows: SurvivorRows, writes: RowIndex, operationCount: number): Presence {
  const copies = new Uint8Array(operationCount);
  const altered = new Uint8Array(operationCount);
  const unexpected = new Map<number, Id>();
  for (let at = 0; at < rows.count; at++) {
    const writer = rows.writer.at(at);
    const sequence = rows.sequence.at(at);
    const row = writes.get(writer, sequence);
    if (row < 0) {
      unexpected.set(keyOf({ writer, sequence }), { writer, sequence });
      continue;
    }
    if (copies[row]! < 255) copies[row]!++;
    if (rows.altered.at(at) > 0) altered[row] = 1;
  }
  return { copies, altered, unexpected: [...unexpected.values()] };
}

/** The greatest of each write in several readings; none of them may be changed. */
function greatestIn(presences: readonly Presence[], column: 'copies' | 'altered'): Uint8Array {
  const [first, ...others] = presences.map((presence) => presence[column]);
  if (others.length === 0) return first!;
  return first!.map((most, row) => Math.max(most, ...others.map((other) => other[row]!)));
}

/** Ids in any of several databases that no operation of the ledger has, each once. */
function unexpectedIn(presences: readonly Presence[]): readonly Id[] {
  const all = presences.flatMap(({ unexpected }) => unexpected);
  return [...new Map(all.map((id) => [keyOf(id), id])).values()];
}

/** A number of its own for each id: many of them take less room than as texts. */
function keyOf({ writer, sequence }: Id): number {
  return writer * 2 ** 32 + sequence;
}

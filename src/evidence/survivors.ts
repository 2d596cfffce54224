// `survivors.bin`: what the verification read from a database, one fixed-size record per row. A
// reading counts only when it was ended; one that was begun and neither ended nor abandoned is a
// problem.
import { Column, type Numbers } from '../base/column.ts';
import { expectedDigest } from '../base/payload.ts';
import type { LedgerHeader } from './ledger/ledger.ts';
import { RecordReader, RecordWriter } from './ledger/record.ts';
import type { OrderId } from './restore.ts';

/**
 * Which database was read, and when. The peer is the second database that serves, where two do; the
 * numbers in the file are the places in this list.
 */
export const READINGS = [
  'serving',
  'old-primary',
  'after-return',
  'peer',
  'peer-after-return',
  'after-failback',
] as const;
export type Reading = (typeof READINGS)[number];

/** A row as it was read; `digest_*` is `digestOf` of the payload as it stands there. */
export interface SurvivorRow {
  readonly writer: number;
  readonly sequence: number;
  readonly digest_high: number;
  readonly digest_low: number;
  readonly payload_bytes: number;
}

/** Of a row whose payload nobody was told: it is there, and whether it was altered is not known. */
const NOT_TOLD = 0xffff_ffff;

export function payloadNotTold({ writer, sequence }: OrderId): SurvivorRow {
  return { writer, sequence, digest_high: 0, digest_low: 0, payload_bytes: NOT_TOLD };
}

/** The rows of one reading, in columns; an id that is present twice has two rows. */
export interface SurvivorRows {
  readonly count: number;
  readonly writer: Numbers;
  readonly sequence: Numbers;
  /** 1 where the payload is known not to be what the client of that id sent. */
  readonly altered: Numbers;
}

/** What the payloads of a run follow from. */
type Sent = Pick<LedgerHeader, 'seed' | 'payload_bytes'>;

type OpenReading = ReturnType<typeof openReading>;
export type SurvivorsWriter = ReturnType<typeof writerOn>;

/*
 * A record, 32 bytes:
 *   0 type u8 · 1 reading u8
 *   row: 2 writer u16 · 4 sequence u32 · 8 digest high u32 · 12 digest low u32 ·
 *     16 payload bytes u32, all ones where the payload was not told
 *   end, abandoned: 8 number of rows f64
 *   28 checksum u32
 */
const RECORD = { begin: 1, row: 2, end: 3, abandoned: 4 } as const;
const SCHEMA = 'drill.survivors/1';
/** Stands for a row whose id no client can have: it still shows as unexpected. */
const IMPOSSIBLE_ID = { writer: 0xffff, sequence: 0 };

/** Creates the file, or empties it. Throws what the operating system says. */
export function createSurvivors(file: string): SurvivorsWriter {
  return writerOn(new RecordWriter(file, { schema: SCHEMA }));
}

export function appendSurvivors(file: string): SurvivorsWriter {
  return writerOn(new RecordWriter(file, 'go on'));
}

function writerOn(records: RecordWriter) {
  let reading = 0;
  let rows = 0;
  const mark = (type: number, count: number) => {
    records.append((view, at) => {
      view.setUint8(at, type);
      view.setUint8(at + 1, reading);
      view.setFloat64(at + 8, count, true);
    });
    records.flush();
  };
  return {
    begin(name: Reading): void {
      reading = READINGS.indexOf(name);
      rows = 0;
      mark(RECORD.begin, 0);
    },
    row(row: SurvivorRow): void {
      const { writer, sequence } = isPossible(row) ? row : IMPOSSIBLE_ID;
      rows++;
      records.append((view, at) => {
        view.setUint8(at, RECORD.row);
        view.setUint8(at + 1, reading);
        view.setUint16(at + 2, writer, true);
        view.setUint32(at + 4, sequence, true);
        view.setUint32(at + 8, row.digest_high, true);
        view.setUint32(at + 12, row.digest_low, true);
        view.setUint32(at + 16, row.payload_bytes, true);
      });
    },
    end: () => mark(RECORD.end, rows),
    /** The database could not be read to its end: the reading counts for nothing; no damage. */
    abandon: () => mark(RECORD.abandoned, rows),
    close: () => records.close(),
  };
}

function isPossible({ writer, sequence }: SurvivorRow): boolean {
  const isCount = (value: number, bits: number) =>
    Number.isInteger(value) && value >= 0 && value < 2 ** bits;
  return isCount(writer, 16) && isCount(sequence, 32);
}

/**
 * All complete readings. `sent` null: nobody can say what was sent, so that every row counts as
 * altered. Throws an `EvidenceError` when the file or its header cannot be read.
 */
export function readSurvivors(file: string, sent: Sent | null) {
  const records = new RecordReader(file, SCHEMA);
  const readings = new Map<Reading, SurvivorRows>();
  const problems: string[] = [];
  let open: OpenReading | null = null;
  try {
    records.advance(false, (view, at, byte) => {
      const type = view.getUint8(at);
      const name = READINGS[view.getUint8(at + 1)];
      if (type === RECORD.begin && name !== undefined) {
        if (open !== null) problems.push(unfinished(open.name));
        open = openReading(name);
      } else if (open === null || name !== open.name) {
        records.problems.add('a record outside of any reading', byte);
      } else if (type === RECORD.row) {
        addRow(open, view, at, sent);
      } else if (type === RECORD.end) {
        const isWhole = view.getFloat64(at + 8, true) === open.count;
        const { count, rows } = open;
        if (isWhole) readings.set(open.name, { count, ...rows });
        else problems.push(`rows are missing from the reading "${open.name}"`);
        open = null;
      } else if (type === RECORD.abandoned) {
        open = null;
      } else {
        records.problems.add('a record of an unknown type', byte);
      }
    });
    const left = open as OpenReading | null;
    if (left !== null) problems.push(unfinished(left.name));
    if (records.tornBytes() > 0) problems.push('its end is torn');
  } finally {
    records.close();
  }
  return { readings, problems: [...records.problems.list(), ...problems] };
}

function unfinished(name: Reading): string {
  return `the reading "${name}" was not finished`;
}

/** A reading that is not ended yet. */
function openReading(name: Reading) {
  return {
    name,
    count: 0,
    rows: { writer: new Column(), sequence: new Column(), altered: new Column() },
  };
}

function addRow(to: OpenReading, view: DataView, at: number, sent: Sent | null): void {
  to.count++;
  to.rows.writer.push(view.getUint16(at + 2, true));
  to.rows.sequence.push(view.getUint32(at + 4, true));
  to.rows.altered.push(Number(sent === null || !isAsSent(view, at, sent)));
}

function isAsSent(view: DataView, at: number, { seed, payload_bytes }: Sent): boolean {
  const bytes = view.getUint32(at + 16, true);
  if (bytes === NOT_TOLD) return true;
  if (bytes !== payload_bytes) return false;
  const writer = view.getUint16(at + 2, true);
  const { high, low } = expectedDigest(seed, writer, view.getUint32(at + 4, true), payload_bytes);
  return view.getUint32(at + 8, true) === high && view.getUint32(at + 12, true) === low;
}

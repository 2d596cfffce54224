// Rows of the databases' own, as many as a size asks for: written by COPY into a table that no
// client touches, with two indexes, alike wherever they are written.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type pg from 'pg';
import { mix32, randomStream } from '../../base/random.ts';
import type { Clock } from '../../host/clock.ts';
import { driverFailure } from '../../host/operation-failed.ts';
import { destroySocket } from '../../host/database/close.ts';
import { oneRow, openConnection, type DatabaseAddress } from './connection.ts';

/** The table; `drill_` names are never a client's. */
const FILL_TABLE = 'drill_history';

/** A row's `note` has so many letters: with its other columns some 460 bytes, as an order has. */
const NOTE = { least: 200, most: 600 } as const;
/** What a row takes on the disk, its share of both indexes included; a test measures it. */
const ROW_BYTES = 515;
/**
 * The share of the time that is over after each step, of 400 and 1600 MB on two cores; the rest
 * goes into bringing files to the disk and hashing them, which whoever asks does.
 */
const OVER = { rows: 0.7, indexes: [0.77, 0.84], all: 0.87 } as const;
const ROWS_A_PIECE = 500;
const TELL_EVERY_MS = 500;
const CUSTOMERS_A_ROW = 1 / 8;
const FIRST_AT = Date.UTC(2020, 0, 1);
const SECOND = 1_000;

const TABLE = `create table ${FILL_TABLE} (id bigint not null, customer bigint not null,
  at timestamptz not null, cents bigint not null, note text not null)`;
const INDEXES = [
  `alter table ${FILL_TABLE} add primary key (id)`,
  `create index ${FILL_TABLE}_customer on ${FILL_TABLE} (customer)`,
];
/** Nobody has written them while anybody looks on: they need no freezing later, within a drill. */
const COPY = `copy ${FILL_TABLE} from stdin with (freeze)`;
const SIZE = 'select pg_database_size(current_database())::text as bytes';

export interface FillProgress {
  readonly bytes: number;
  readonly before_bytes: number;
  readonly of_bytes: number;
  readonly bytes_per_s: number;
  /** As fast as it went so far; null: it has only begun. */
  readonly left_ms: number | null;
}

export interface FillOptions {
  readonly address: DatabaseAddress;
  /** The size that the database is to have. */
  readonly bytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FillProgress) => void;
}

/** Resolves to the size that the database has then, as PostgreSQL measures it. */
export async function fillDatabase(options: FillOptions): Promise<number> {
  const { address, signal, bytes } = options;
  signal.throwIfAborted();
  // COPY and indexes take as long as they take: whoever asks has a limit on all of it.
  const client = await openConnection(address, { connect_ms: 5_000, statement_ms: 0 });
  const stop = () => destroySocket(client);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const rows = rowsFor(bytes, await sizeOn(client));
    await client.query("set maintenance_work_mem = '256MB'");
    await client.query('begin');
    await client.query(TABLE);
    const tell = progressOf(options);
    await copyRows(client, rows, signal, (done) => tell((OVER.rows * done) / rows, done === rows));
    for (const [at, sql] of INDEXES.entries()) {
      await client.query(sql);
      tell(OVER.indexes[at]!, true);
    }
    await client.query('commit');
    // What autovacuum would do in the midst of a drill.
    await client.query(`vacuum (analyze) ${FILL_TABLE}`);
    await client.query('checkpoint');
    tell(OVER.all, true);
    return await sizeOn(client);
  } catch (error) {
    signal.throwIfAborted();
    throw driverFailure(error, `filling ${FILL_TABLE}`);
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => {});
  }
}

async function sizeOn(client: pg.Client): Promise<number> {
  return Number((await oneRow<{ bytes: string }>(client, SIZE)).bytes);
}

/** Of a database that has `empty_bytes` without them. */
export function rowsFor(bytes: number, empty_bytes: number): number {
  return Math.max(1, Math.round((bytes - empty_bytes) / ROW_BYTES));
}

async function copyRows(
  client: pg.Client,
  rows: number,
  signal: AbortSignal,
  tell: (done: number) => void,
): Promise<void> {
  const pieces = Readable.from(piecesOf(rows, tell));
  await pipeline(pieces, client.query(copyFrom(COPY)), { signal });
}

function* piecesOf(rows: number, tell: (done: number) => void) {
  for (let at = 0; at < rows; at += ROWS_A_PIECE) {
    const end = Math.min(rows, at + ROWS_A_PIECE);
    let piece = '';
    for (let id = at; id < end; id++) piece += rowText(id, rows);
    yield Buffer.from(piece, 'latin1');
    tell(end);
  }
}

/** Tells what share of the time is over: the end of a step always, else not too often. */
function progressOf({ clock, bytes, onProgress }: FillOptions) {
  const began_ms = clock.now();
  let told_ms = began_ms;
  let before_bytes = 0;
  return (share: number, isStep: boolean) => {
    const now = clock.now();
    if (now - told_ms < TELL_EVERY_MS && !isStep) return;
    told_ms = now;
    const so_far = Math.round(bytes * share);
    const bytes_per_s = (1_000 * so_far) / Math.max(1, now - began_ms);
    const left_ms = so_far === 0 ? null : ((bytes - so_far) / bytes_per_s) * 1_000;
    onProgress({ bytes: so_far, before_bytes, of_bytes: bytes, bytes_per_s, left_ms });
    before_bytes = so_far;
  };
}

/** Printable letters that compress badly; each note is a part of them. */
const NOISE = noise(64 * 1024);

function noise(length: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,';
  const draw = randomStream(20_260_101);
  return Array.from({ length }, () => letters[Math.floor(draw() * letters.length)]).join('');
}

/** A line of COPY's text form. */
export function rowText(id: number, rows: number): string {
  const drawn = mix32(id);
  const length = NOTE.least + (drawn % (NOTE.most - NOTE.least + 1));
  const from = mix32(drawn, id) % (NOISE.length - NOTE.most);
  const customer = mix32(id, 7) % Math.max(1, Math.ceil(rows * CUSTOMERS_A_ROW));
  const at = new Date(FIRST_AT + id * SECOND).toISOString();
  return `${id}\t${customer}\t${at}\t${drawn % 1_000_000}\t${NOISE.slice(from, from + length)}\n`;
}

// A page of the orders that is damaged on the disk of a primary, as by a bad disk or controller: a
// few of its bytes are turned over, so that its checksum does not hold. The server itself has the
// files written, by a program in its data directory, so that it does not matter where it runs. The
// damage is in no log: no other server has it.
import type pg from 'pg';
import { until, type Clock } from '../../host/clock.ts';
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import {
  errorCode,
  oneRow,
  openConnection,
  withConnection,
  type DatabaseAddress,
} from '../server/connection.ts';
import { closeConnection } from '../../host/database/close.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 10_000, synchronous_commit: 'local' } as const;
const LOCK_AT_MOST_MS = 5_000;
const EVICT_TIMES = 50;
const PAGE_BYTES = 8_192;
const SEGMENT_PAGES = 131_072;
/** So many at the end of the page, where its first row is. */
const DAMAGED_BYTES = 16;
const DATA_CORRUPTED = 'XX001';
const COUNTED = `select checksum_failures::float8 as failures from pg_stat_database
  where datname = current_database()`;
const COUNTED_AT_MOST_MS = 2_000;
const LOOK_EVERY_MS = 50;

/** Where bytes of a page are, and what they were and are to be, as hexadecimal text. */
export interface PageDamage {
  /** Below the data directory: `base/16384/16399`. */
  readonly file: string;
  readonly offset: number;
  readonly before: string;
  readonly after: string;
  /** How often the server had met a bad page by then; absent: nobody asked, in an old entry. */
  readonly counted?: number;
}

/** A page that nobody can read or write until `close`. */
export interface OpenPage {
  readonly damage: PageDamage;
  act(): Promise<void>;
  close(): Promise<void>;
}

/** Of the page that the next orders go to; the server has it in its memory no more. */
export async function openLastPage(admin: DatabaseAddress): Promise<OpenPage> {
  const client = await openConnection(admin, LIMITS);
  const close = async () => {
    await client.query('rollback').catch(() => {});
    await closeConnection(client);
  };
  try {
    await requireChecksums(client);
    await client.query(`set lock_timeout = ${LOCK_AT_MOST_MS}`);
    await client.query('begin');
    // With the end of the transaction it is gone again; what was done by it is not.
    await client.query('create extension if not exists pg_buffercache');
    await client.query('lock table orders in access exclusive mode');
    const damage = await damageOfLastPage(client);
    return { damage, act: () => writeBytes(client, damage, damage.after), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Without them nobody would be told of a page that is not what was written. */
async function requireChecksums(client: pg.Client): Promise<void> {
  const sql = `select current_setting('data_checksums') as found`;
  const { found } = await oneRow<{ found: string }>(client, sql);
  if (found !== 'on') throw new OperationFailed({ what: 'data_checksums', expected: 'on', found });
}

async function damageOfLastPage(client: pg.Client): Promise<PageDamage> {
  const { path, pages } = await oneRow<{ path: string; pages: number }>(
    client,
    `select pg_relation_filepath('orders') as path,
       (pg_relation_size('orders') / ${PAGE_BYTES})::int as pages`,
  );
  if (pages === 0) {
    throw new OperationFailed({ what: 'the orders', expected: 'a page of them', found: 'none' });
  }
  const page = pages - 1;
  await evict(client, page);
  const segment = Math.floor(page / SEGMENT_PAGES);
  const file = segment === 0 ? path : `${path}.${segment}`;
  const offset = (page % SEGMENT_PAGES) * PAGE_BYTES + PAGE_BYTES - DAMAGED_BYTES;
  const before = await readBytes(client, { file, offset });
  if (before === null) {
    throw new OperationFailed({ what: file, expected: `a page at ${offset}`, found: 'its end' });
  }
  const after = Buffer.from(before, 'hex').map((byte) => byte ^ 0xff);
  const { failures: counted } = await oneRow<{ failures: number }>(client, COUNTED);
  return { file, offset, before, after: Buffer.from(after).toString('hex'), counted };
}

/** What is not on disk yet is written first. Nobody brings it back while the table is locked. */
async function evict(client: pg.Client, page: number): Promise<void> {
  const kept = `from pg_buffercache where relfilenode = pg_relation_filenode('orders')
    and reldatabase = (select oid from pg_database where datname = current_database())
    and relforknumber = 0 and relblocknumber = $1`;
  for (let time = 0; time < EVICT_TIMES; time++) {
    const { rows } = await client.query(`select bufferid ${kept}`, [page]);
    if (rows.length === 0) return;
    await client.query(`select pg_buffercache_evict(bufferid)::text ${kept}`, [page]);
  }
  const expected = 'it to leave the memory of the server';
  throw new OperationFailed({ what: `page ${page} of the orders`, expected, found: 'it there' });
}

type Place = Pick<PageDamage, 'file' | 'offset'>;

/** As hexadecimal text; null: there is no such file, or it has an end before that. */
async function readBytes(client: pg.Client, { file, offset }: Place): Promise<string | null> {
  const { bytes } = await oneRow<{ bytes: string | null }>(
    client,
    `select encode(pg_read_binary_file($1, $2, ${DAMAGED_BYTES}, true), 'hex') as bytes`,
    [file, offset],
  );
  return bytes?.length === 2 * DAMAGED_BYTES ? bytes : null;
}

/** The names are of a form without anything that a shell would take for its own. */
async function writeBytes(client: pg.Client, { file, offset }: Place, hex: string): Promise<void> {
  const bytes = Buffer.from(hex, 'hex').toString('base64');
  const dd = `dd of=${file} bs=${DAMAGED_BYTES} seek=${offset / DAMAGED_BYTES} conv=notrunc`;
  await client.query(`copy (select '${bytes}') to program 'base64 -d | ${dd} 2>/dev/null'`);
}

/** Whether the bytes are those of the damage. */
export async function isPageDamaged(admin: DatabaseAddress, damage: PageDamage): Promise<boolean> {
  return await withConnection(admin, LIMITS, async (client) => {
    return (await readBytes(client, damage)) === damage.after;
  });
}

/**
 * Puts back what was there, unless somebody has written there since. The server has met no bad page
 * then, where it had met none before: whoever reads its count would take the data for damaged.
 */
export async function mendPage(admin: DatabaseAddress, damage: PageDamage): Promise<void> {
  await withConnection(admin, LIMITS, async (client) => {
    const { before, after, counted } = damage;
    const found = await readBytes(client, damage);
    if (found === after) await writeBytes(client, damage, before);
    const isMended = found === after || found === before || found === null;
    if (counted === 0 && isMended) await client.query('select pg_stat_reset()');
  });
}

export interface DamageSeen {
  /** What a client is told that reads every order; null: it has them all. */
  readonly error: string | null;
  /** That it is told of damaged data. */
  readonly isCorrupt: boolean;
  /** How often the server has met a bad page, as it counts by then. */
  readonly failures: number;
}

/** A server counts a while after it has answered. */
export async function readsDamage(user: DatabaseAddress, clock: Clock): Promise<DamageSeen> {
  const client = await openConnection(user, LIMITS);
  try {
    const thrown = await client.query('select sum(length(payload)) from orders').then(
      () => null,
      (error: unknown) => error,
    );
    const error = thrown === null ? null : reasonOf(thrown);
    const isCorrupt = errorCode(thrown) === DATA_CORRUPTED;
    const deadline_ms = clock.now() + (isCorrupt ? COUNTED_AT_MOST_MS : 0);
    let failures = 0;
    await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS }, async () => {
      failures = (await oneRow<{ failures: number }>(client, COUNTED)).failures;
      return failures > 0 || null;
    });
    return { error, isCorrupt, failures };
  } finally {
    await closeConnection(client);
  }
}

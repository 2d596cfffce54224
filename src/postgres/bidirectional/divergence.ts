// Compares two databases that should hold the same: by count and hash of all rows, each in one
// snapshot, and where those differ, row by row. Both must be at rest and caught up: what is still
// on its way counts as a difference.
import type pg from 'pg';
import { oneRow, withConnection } from '../server/connection.ts';
import type { LogicalSide } from './logical-state.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 60_000 };
const LISTED_MAX = 100;
/** Characters of a value that are shown, around the first difference. */
const SHOWN_CHARACTERS = 300;
const SHOWN_BEFORE = 60;
const BUCKETS = 1024;

/**
 * Every row of a table as key and value. An id may have several copies, and their values are
 * compared as a bag; where a row was made belongs to its value.
 */
const TABLES = {
  orders: `select writer || '-' || sequence as key, region || ' ' || payload as value from orders`,
  stock: `select key::text as key,
    region || ' ' || coalesce(updated::text, 'never') || ' ' || history::text as value from stock`,
} as const;
type Table = keyof typeof TABLES;
const NAMES = Object.keys(TABLES) as Table[];

/** One of the databases; values are listed by its region. */
type ComparedDatabase = Pick<LogicalSide, 'region' | 'address'>;

/** A row that the two hold differently; null: not there. */
export interface DifferingRow {
  readonly table: string;
  readonly key: string;
  /** The values by region, shortened around the first difference. */
  readonly values: Readonly<Record<string, string | null>>;
}

export interface Comparison {
  /** Counts and sums by table, then by region. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, TableSum>>>>;
  /** How many keys differ in all. */
  readonly differing: number;
  /** The first ones of them, by table and key. */
  readonly listed: readonly DifferingRow[];
}

export interface TableSum {
  readonly rows: number;
  /** The sum of the hashes of all rows: the same for the same rows in any order. */
  readonly hash: string;
}

/** Rejects when one of them cannot be read. */
export async function compareDatabases(
  first: ComparedDatabase,
  second: ComparedDatabase,
  listedMax = LISTED_MAX,
): Promise<Comparison> {
  return await snapshotOf(first, (one) =>
    snapshotOf(second, (other) => compare([one, other], listedMax)),
  );
}

interface Snapshot {
  readonly region: string;
  readonly client: pg.Client;
}
type Both = readonly [Snapshot, Snapshot];

async function snapshotOf<T>(
  { region, address }: ComparedDatabase,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  return await withConnection(address, LIMITS, async (client) => {
    await client.query(`set timezone = 'UTC'`);
    await client.query('begin isolation level repeatable read read only');
    return await work({ region, client });
  });
}

async function compare(both: Both, listedMax: number): Promise<Comparison> {
  const tables: Record<string, Record<string, TableSum>> = {};
  const different: Table[] = [];
  for (const table of NAMES) {
    const [first, second] = await ofBoth(both, ({ client }) => sumOf(client, table));
    tables[table] = { [both[0].region]: first, [both[1].region]: second };
    if (first.rows !== second.rows || first.hash !== second.hash) different.push(table);
  }
  let differing = 0;
  const listed: DifferingRow[] = [];
  for (const table of different) {
    const keys = await differingKeys(both, table);
    differing += keys.length;
    const shown = keys.slice(0, listedMax - listed.length);
    if (shown.length > 0) listed.push(...(await rowsOf(both, table, shown)));
  }
  return { tables, differing, listed };
}

async function ofBoth<T>(both: Both, ask: (one: Snapshot) => Promise<T>): Promise<[T, T]> {
  return await Promise.all([ask(both[0]), ask(both[1])]);
}

const HASH = `hashtextextended(key || e'\\n' || value, 0)`;

async function sumOf(client: pg.Client, table: Table): Promise<TableSum> {
  return await oneRow<{ rows: number; hash: string }>(
    client,
    `select count(*)::float8 as rows, coalesce(sum(${HASH}), 0)::text as hash
     from (${TABLES[table]}) t`,
  );
}

/** The differing keys; only parts of the table whose sums differ are read key by key. */
async function differingKeys(both: Both, table: Table): Promise<string[]> {
  const bucket = `hashtextextended(key, 0) & ${BUCKETS - 1}`;
  const sums = (by: string, where: string, values: readonly unknown[] = []) =>
    ofBoth(both, async ({ client }) => {
      const { rows } = await client.query<{ part: string; sum: string }>(
        `select (${by})::text as part, count(*) || ' ' || sum(${HASH}) as sum
         from (${TABLES[table]}) t ${where} group by 1`,
        [...values],
      );
      return new Map(rows.map(({ part, sum }) => [part, sum]));
    });
  const buckets = unequal(...(await sums(bucket, '')));
  const inThem = `where (${bucket}) = any($1::bigint[])`;
  const keys = unequal(...(await sums('key', inThem, [buckets])));
  return keys.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

function unequal(first: ReadonlyMap<string, string>, second: ReadonlyMap<string, string>) {
  const parts = new Set([...first.keys(), ...second.keys()]);
  return [...parts].filter((part) => first.get(part) !== second.get(part));
}

async function rowsOf(both: Both, table: Table, keys: readonly string[]): Promise<DifferingRow[]> {
  const [first, second] = await ofBoth(both, async ({ client }) => {
    const { rows } = await client.query<{ key: string; value: string }>(
      `select key, string_agg(value, ' | ' order by value collate "C") as value
       from (${TABLES[table]}) t where key = any($1) group by key`,
      [keys],
    );
    return new Map(rows.map(({ key, value }) => [key, value]));
  });
  return keys.map((key) => {
    const [a, b] = shownOf(first.get(key) ?? null, second.get(key) ?? null);
    return { table, key, values: { [both[0].region]: a, [both[1].region]: b } };
  });
}

function shownOf(a: string | null, b: string | null): [string | null, string | null] {
  let same = 0;
  if (a !== null && b !== null) while (same < a.length && a[same] === b[same]) same++;
  const longest = Math.max(a?.length ?? 0, b?.length ?? 0);
  const from = longest <= SHOWN_CHARACTERS ? 0 : Math.max(0, same - SHOWN_BEFORE);
  const cut = (text: string | null) => {
    if (text === null) return null;
    const end = from + SHOWN_CHARACTERS;
    return `${from > 0 ? '…' : ''}${text.slice(from, end)}${end < text.length ? '…' : ''}`;
  };
  return [cut(a), cut(b)];
}

// What a restored database is asked: whether it is sound, and whether it holds what its team says
// it has to hold.
import type pg from 'pg';
import { types } from 'pg';
import { formatDuration } from '../../base/units.ts';
import type { RestoreCheck } from '../../drill/restore/schema.ts';
import type { RestoreCheckResult } from '../../evidence/backup/restore-form.ts';
import { carryOut, type VerificationCheck } from '../../evidence/verification.ts';
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import {
  errorCode,
  oneRow,
  withConnection,
  type ConnectionLimits,
  type DatabaseAddress,
} from '../server/connection.ts';
import { heaps, indexes } from '../verification/amcheck.ts';
import { checksums } from '../verification/checksums.ts';
import { momentOf } from './moment.ts';

/** The SQLSTATEs of `data_corrupted` and `index_corrupted`. */
const CORRUPTED = ['XX001', 'XX002'];
const { DATE, TIMESTAMP, TIMESTAMPTZ } = types.builtins;
const ZONELESS: readonly number[] = [DATE, TIMESTAMP];
const TIMES: readonly number[] = [...ZONELESS, TIMESTAMPTZ];
const NO_ZONE =
  "a time without a zone, which proves nothing; cast it: … at time zone 'UTC', or where it is of";
/** Two clocks may be so far apart. */
const SKEW_MS = 60_000;

export interface Checking {
  /** Of the superuser, by the name of a database. */
  readonly reach: (database: string) => DatabaseAddress;
  /** Where a team's own checks are made. */
  readonly database: string;
  readonly limits: ConnectionLimits;
  /** The moment of the disaster, in milliseconds of the wall clock. */
  readonly at_ms: number;
}

export async function checkRestored(
  checks: readonly RestoreCheck[],
  checking: Checking,
): Promise<RestoreCheckResult[]> {
  const results: RestoreCheckResult[] = [];
  for (const check of checks) {
    if (check.kind === 'amcheck') results.push(...(await checkSound(checking)));
    else results.push(...(await look(checking, checking.database, [ownCheck(check, checking)])));
  }
  return results;
}

/** Each database of the cluster, since a backup is one of all of them. */
async function checkSound(checking: Checking): Promise<RestoreCheckResult[]> {
  const { reach, database, limits } = checking;
  const results: RestoreCheckResult[] = [];
  try {
    const { rows } = await withConnection(reach(database), limits, (client) =>
      client.query<{ name: string }>(
        `select datname as name from pg_database where datallowconn and not datistemplate
         order by 1`,
      ),
    );
    let bytes = 0;
    for (const { name } of rows) {
      const {
        tables,
        filled,
        checksums: sums,
      } = await withConnection(reach(name), limits, whatIsIn);
      if (tables === 0) continue;
      bytes += filled;
      // Without sums of pages there is nothing that could be wrong with them.
      const checks = sums === 'on' ? [heaps, indexes, checksums] : [heaps, indexes];
      const found = await look(checking, name, checks);
      results.push(...found.map((each) => ({ ...each, name: `${name}: ${each.name}` })));
    }
    // Of what holds nothing all is sound.
    if (bytes > 0) return results;
    const none =
      results.length === 0 ? 'there is no table in any database' : 'all tables are empty';
    results.push({ name: 'amcheck', state: 'skipped', detail: none });
  } catch (error) {
    results.push({ name: 'amcheck', state: 'skipped', detail: reasonOf(error) });
  }
  return results;
}

async function whatIsIn(client: pg.Client) {
  return await oneRow<{ tables: number; filled: number; checksums: string }>(
    client,
    `select current_setting('data_checksums') as checksums, count(*)::float8 as tables,
       coalesce(sum(pg_relation_size(oid)), 0)::float8 as filled
     from pg_class where relkind = 'r' and relnamespace not in
       (select oid from pg_namespace where nspname like 'pg\\_%' or
        nspname = 'information_schema')`,
  );
}

async function look(
  { reach, limits }: Checking,
  database: string,
  checks: readonly VerificationCheck<pg.Client>[],
): Promise<RestoreCheckResult[]> {
  const isFinding = (error: unknown) => CORRUPTED.includes(errorCode(error));
  try {
    const results = await withConnection(reach(database), limits, async (client) => {
      // The functions of amcheck are made by the second of its checks, which asks for it first.
      if (checks.includes(heaps)) await client.query('create extension if not exists amcheck');
      return await carryOut(checks, client, isFinding);
    });
    return results.map(({ name, ok, detail, proves }) => {
      return { name, state: ok ? 'passed' : proves === 'harm' ? 'failed' : 'skipped', detail };
    });
  } catch (error) {
    const detail = reasonOf(error);
    return checks.map(({ name }) => ({ name, state: 'skipped', detail }));
  }
}

type OwnCheck = Exclude<RestoreCheck, { kind: 'amcheck' }>;

function ownCheck(check: OwnCheck, { at_ms }: Checking): VerificationCheck<pg.Client> {
  const proves = 'harm';
  switch (check.kind) {
    case 'freshness': {
      const { query, at_most } = check;
      const name = `freshness (${shortened(query)})`;
      return { name, proves, look: (client) => lookAtFreshness(client, query, at_most, at_ms) };
    }
    case 'rows':
      return {
        name: `rows of ${check.table}`,
        proves,
        look: (client) => lookAtRows(client, check.table, check.at_least),
      };
    case 'query': {
      const { sql, expected } = check;
      const name = `query (${shortened(sql)})`;
      return { name, proves, look: (client) => lookAtAnswer(client, sql, expected) };
    }
  }
}

async function lookAtFreshness(client: pg.Client, query: string, at_most: number, at_ms: number) {
  // Of this connection alone, which ends with the check.
  await client.query("set datestyle to 'ISO'");
  const { value, type } = await firstOf(client, query);
  if (value === null) return { ok: false, detail: 'there is no such time: no row' };
  const time = momentOf(textOf(value));
  const expected = 'one time';
  if (time === null) {
    const found = ZONELESS.includes(type) ? NO_ZONE : JSON.stringify(value);
    throw new OperationFailed({ what: query, expected, found });
  }
  const age = at_ms - time;
  // What is always in the future would pass on any day.
  if (age < -SKEW_MS) {
    const found = `a time ${formatDuration(-age)} after the disaster, which proves nothing`;
    throw new OperationFailed({ what: query, expected, found });
  }
  const words = `${formatDuration(Math.max(0, age))} old at the disaster`;
  return { ok: age <= at_most, detail: `${words}, at most ${formatDuration(at_most)} is wanted` };
}

async function lookAtRows(client: pg.Client, table: string, at_least: number) {
  const { name } = await oneRow<{ name: string | null }>(
    client,
    'select to_regclass($1)::text as name',
    [table],
  );
  if (name === null) return { ok: false, detail: 'there is no such table' };
  const { n } = await oneRow<{ n: string }>(client, `select count(*)::text as n from ${name}`);
  return { ok: Number(n) >= at_least, detail: `${n} rows, at least ${at_least} are wanted` };
}

async function lookAtAnswer(client: pg.Client, sql: string, expected: string) {
  const { value } = await firstOf(client, sql);
  const found = value === null ? 'nothing' : textOf(value);
  const words = found === expected ? `it is ${found}` : `it is ${found}, expected ${expected}`;
  return { ok: found === expected, detail: words };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Times as the server wrote them: a driver reads one without a zone in that of its machine. */
const AS_WRITTEN: pg.CustomTypesConfig = {
  getTypeParser: (type, format) =>
    TIMES.includes(type) ? (text: string) => text : types.getTypeParser(type, format),
};

/** The first column of the first row; a value of null where there is none. */
async function firstOf(client: pg.Client, sql: string) {
  const { rows, fields } = await client.query<unknown[]>({
    text: sql,
    rowMode: 'array',
    types: AS_WRITTEN,
  });
  return { value: rows[0]?.[0] ?? null, type: fields[0]?.dataTypeID ?? 0 };
}

function shortened(sql: string): string {
  const line = sql.trim().replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

// Turns a copy of the template into the run's primary (passwords, roles, tables), and what several
// parts ask of a running one as its administrator.
import { OperationFailed } from '../../host/operation-failed.ts';
import { until, type Clock } from '../../host/clock.ts';
import { oneRow, setupFailure, withConnection, type DatabaseAddress } from './connection.ts';
import { newPassword, scramVerifier } from './scram.ts';
import { ADMIN, DATABASE } from './template.ts';
import { WRITTEN_TIMELINE } from './timeline.ts';
import type pg from 'pg';
import { insertSharedRows } from './shared-rows.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 10_000 } as const;
const JOIN_POLL_MS = 5;

/** The passwords of one run. */
export interface Credentials {
  readonly admin: Role;
  readonly replication: Role;
  readonly workload: Role;
}

export interface Role {
  readonly user: string;
  readonly password: string;
}

export function newCredentials(): Credentials {
  return {
    admin: { user: ADMIN, password: newPassword() },
    replication: { user: 'drill_replication', password: newPassword() },
    workload: { user: 'drill_workload', password: newPassword() },
  };
}

/** A table of one row: writes of the runner's own probes leave no trace among the orders. */
export const PROBE = 'drill_probe';
export const PROBE_COLUMNS = 'one boolean primary key default true, at timestamptz';

/**
 * Sets the run's passwords (as verifiers, so that none stands in a statement), then makes the
 * roles, the tables of `schema` and the probe table. The standby gets them all through replication.
 * Nothing here waits for a standby.
 */
export async function preparePrimary(
  server: { readonly host: string; readonly port: number; readonly title: string },
  templatePassword: string,
  credentials: Credentials,
  schema: string,
): Promise<void> {
  const { admin, replication, workload } = credentials;
  const as = { host: server.host, port: server.port, database: DATABASE };
  const verifier = ({ password }: Role) => `password '${scramVerifier(password)}'`;
  try {
    const address = { ...as, user: ADMIN, password: templatePassword };
    const limits = { ...LIMITS, synchronous_commit: 'local' } as const;
    await withConnection(address, limits, async (client) => {
      await client.query(
        `begin;
         alter role ${admin.user} ${verifier(admin)};
         create role ${replication.user} login replication ${verifier(replication)};
         create role ${workload.user} login ${verifier(workload)};
         ${schema};
         create table ${PROBE} (${PROBE_COLUMNS});
         grant select, insert, update, delete on all tables in schema public to ${workload.user};
         grant usage, select on all sequences in schema public to ${workload.user};
         revoke all on ${PROBE} from ${workload.user};
         commit`,
      );
    });
  } catch (error) {
    throw setupFailure(`preparing the database on ${server.title}`, error);
  }
}

/**
 * Resolves when the primary sees the standby streaming, and as a synchronous one if that is wanted.
 * Rejects with the state that it saw last after `atMost_ms`.
 */
export async function untilStreaming(
  primary: DatabaseAddress,
  standby: string,
  isSync: boolean,
  clock: Clock,
  atMost_ms: number,
  signal?: AbortSignal,
): Promise<void> {
  const deadline_ms = clock.now() + atMost_ms;
  const isReady = isSync
    ? `state = 'streaming' and sync_state in ('sync', 'quorum')`
    : `state = 'streaming'`;
  const look = `select coalesce(bool_or(${isReady}), false) as ready,
    coalesce(string_agg(state || '/' || sync_state, ', '), 'nothing') as seen
    from pg_stat_replication where application_name = $1`;
  try {
    await withConnection(primary, LIMITS, async (client) => {
      let found = '';
      const waiting = { clock, deadline_ms, every_ms: JOIN_POLL_MS, signal };
      const isStreaming = await until(waiting, async () => {
        const row = await oneRow<{ ready: boolean; seen: string }>(client, look, [standby]);
        found = row.seen;
        return row.ready || null;
      });
      if (isStreaming !== null) return;
      const expected = `it to stream within ${atMost_ms} ms`;
      throw new OperationFailed({ what: `standby ${standby}`, expected, found });
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw setupFailure(`the standby in ${standby}`, error);
  }
}

/** How long the server has been at the statement so far, by its own clock: `spent_ms`. */
export const SPENT = `extract(epoch from clock_timestamp() - statement_timestamp())::float8 * 1000
  as spent_ms`;

interface ProbeWritten {
  readonly at: string;
  readonly timeline: number;
  /** Without the commit, which waits for a disk. */
  readonly spent_ms: number;
}

/**
 * One write that leaves no trace among the orders: its time, and the timeline it is on.
 * `timeline_sql`: how the server is asked for that.
 */
export async function writeProbe(
  client: pg.Client,
  table = PROBE,
  timeline_sql = WRITTEN_TIMELINE,
): Promise<ProbeWritten> {
  const { timeline, ...written } = await oneRow<
    Omit<ProbeWritten, 'timeline'> & { timeline: string }
  >(
    client,
    `insert into ${table} values (true, clock_timestamp())
     on conflict (one) do update set at = excluded.at
     returning at::text, ${timeline_sql} as timeline, ${SPENT}`,
  );
  return { ...written, timeline: parseInt(timeline, 16) };
}

/** Takes effect at once, where the setting can change so; null: as it was before. */
export async function alterSystem(
  client: pg.Client,
  settings: Readonly<Record<string, string | null>>,
): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    const change = `set ${name} = ${client.escapeLiteral(value ?? '')}`;
    await client.query(`alter system ${value === null ? `reset ${name}` : change}`);
  }
  await client.query('select pg_reload_conf()');
}

/** Has the server write a checkpoint; on a connection of its own, since it can take its time. */
export async function checkpoint(address: DatabaseAddress): Promise<void> {
  await withConnection(address, { connect_ms: 5_000, statement_ms: 60_000 }, async (client) => {
    await client.query('checkpoint');
  });
}

/** The position at which the restore point ends. */
export async function createRestorePoint(client: pg.Client, name: string): Promise<string> {
  const sql = 'select pg_create_restore_point($1)::text as lsn';
  return (await oneRow<{ lsn: string }>(client, sql, [name])).lsn;
}

/** The size of the database, as PostgreSQL measures it. */
export async function databaseBytes(address: DatabaseAddress): Promise<number> {
  const sql = 'select pg_database_size(current_database())::text as bytes';
  return await withConnection(address, LIMITS, async (client) => {
    return Number((await oneRow<{ bytes: string }>(client, sql)).bytes);
  });
}

/** Up to where the log is on disk, which every acknowledged commit is. */
export async function flushedLsn(client: pg.Client): Promise<string> {
  const sql = 'select pg_current_wal_flush_lsn()::text as lsn';
  return (await oneRow<{ lsn: string }>(client, sql)).lsn;
}

/**
 * Empties the tables of a system that is drilled again: ids of an earlier drill would be taken for
 * this one's. It runs on the primary, or on one of two that replicate to each other; replication
 * carries it on. There are `shared_rows` shared rows afterwards, with empty histories. Resolves to
 * how many orders there were.
 */
export async function emptyOrders(address: DatabaseAddress, shared_rows = 0): Promise<number> {
  return await withConnection(address, LIMITS, async (client) => {
    const { rows } = await client.query<{ count: string }>('select count(*) from orders');
    await client.query('truncate orders, stock restart identity');
    if (shared_rows > 0) await client.query(insertSharedRows(shared_rows));
    return Number(rows[0]?.count ?? 0);
  });
}

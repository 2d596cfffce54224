// Asks a running server about itself, again and again over one connection that is replaced
// when it fails.
import { reasonOf } from '../../host/operation-failed.ts';
import type pg from 'pg';
import type { KeptConnection } from '../../host/kept-connection.ts';
import {
  errorCode,
  keepConnection,
  oneRow,
  withConnection,
  type DatabaseAddress,
} from '../server/connection.ts';
import { alterSystem, PROBE, writeProbe } from '../server/primary.ts';
import { WRITTEN_TIMELINE } from '../server/timeline.ts';

const LIMITS = { connect_ms: 1_000, statement_ms: 2_000 };

export interface StandbySeen {
  readonly state: string;
  readonly sync_state: string;
  readonly written_bytes: number;
  /** Written on the primary and not yet flushed on the standby. */
  readonly lag_bytes: number;
  /**
   * Since the standby's last word; a standby that hears nothing still looks like one that streams.
   */
  readonly reply_age_ms: number;
}

export class Monitor {
  readonly #connection: KeptConnection<pg.Client>;

  constructor(address: DatabaseAddress) {
    this.#connection = keepConnection(address, LIMITS);
  }

  /** The standby of that name as this server sees it; null when it is not connected. */
  async standby(name: string): Promise<StandbySeen | null> {
    return await this.#connection.ask(async (client) => {
      const { rows } = await client.query<StandbySeen>(
        `with log as materialized (select pg_current_wal_lsn() as written)
         select state, sync_state,
           pg_wal_lsn_diff(written, '0/0')::float8 as written_bytes,
           greatest(0, pg_wal_lsn_diff(written, flush_lsn))::float8 as lag_bytes,
           greatest(0, extract(epoch from clock_timestamp() - reply_time) * 1000)::float8
             as reply_age_ms
         from pg_stat_replication, log where application_name = $1
         order by backend_start desc limit 1`,
        [name],
      );
      return rows[0] ?? null;
    });
  }

  /**
   * Bytes of write-ahead log: flushed on a primary, received (or replayed, before it received any)
   * on a standby.
   */
  async position(): Promise<bigint> {
    const { position } = await this.#row<{ position: string }>(
      `select pg_wal_lsn_diff(case when pg_is_in_recovery()
         then coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
         else pg_current_wal_flush_lsn() end, '0/0')::text as position`,
    );
    return BigInt(position);
  }

  /** Bytes of write-ahead log that a standby has applied. */
  async replayed(): Promise<bigint> {
    const sql = `select pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::text as replayed`;
    return BigInt((await this.#row<{ replayed: string }>(sql)).replayed);
  }

  async describe(): ReturnType<typeof describeServer> {
    return await this.#connection.ask(describeServer);
  }

  /** Connections of the role that have a statement or a transaction under way. */
  async activeBackends(user: string): Promise<number> {
    const { count } = await this.#row<{ count: number }>(
      `select count(*)::float8 as count from pg_stat_activity
       where usename = $1 and backend_type = 'client backend' and state is distinct from 'idle'`,
      [user],
    );
    return count;
  }

  /**
   * Whom commits wait for, in the words of `synchronous_standby_names`; empty: nobody. Also on a
   * server that is a standby still.
   */
  async setSynchronous(names: string): Promise<void> {
    const settings = { synchronous_standby_names: names };
    await this.#connection.ask((client) => alterSystem(client, settings));
  }

  /**
   * A standby's age by the server's own clock. Null on a primary, and before the first replay.
   * It says nothing of a standby whose primary writes nothing: that one seems to fall behind.
   */
  async replayedAgo_ms(): Promise<number | null> {
    const { ago } = await this.#row<{ ago: number | null }>(
      `select case when pg_is_in_recovery() then (1000 * extract(epoch from
         clock_timestamp() - pg_last_xact_replay_timestamp()))::float8 end as ago`,
    );
    return ago === null ? null : Math.max(0, ago);
  }

  #row<T extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<T> {
    return this.#connection.ask((client) => oneRow<T>(client, sql, values));
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

/**
 * The server, and the size of its database. Its statistics of rows are left alone: under load they
 * told of half the rows. To count gigabytes would disturb what is measured.
 */
export async function describeServer(
  client: pg.Client,
): Promise<{ version: string; bytes: number; rows: null }> {
  const described = await oneRow<{ version: string; bytes: number }>(
    client,
    `select current_setting('server_version') as version,
       pg_database_size(current_database())::float8 as bytes`,
  );
  return { ...described, rows: null };
}

/**
 * One committed write on a fresh connection. It waits for no standby: what is asked is whether this
 * server takes writes. `detail` says on which timeline it was written, or why it was not.
 */
export async function probeWrite(
  address: DatabaseAddress,
  timeout_ms: number,
  table = PROBE,
  timeline_sql = WRITTEN_TIMELINE,
): Promise<{ accepted: boolean; detail: string }> {
  const at_most = { connect_ms: timeout_ms, statement_ms: timeout_ms };
  const limits = { ...at_most, synchronous_commit: 'local' } as const;
  try {
    const { timeline } = await withConnection(address, limits, (client) =>
      writeProbe(client, table, timeline_sql),
    );
    const where = timeline === 0 ? '' : ` on timeline ${timeline}`;
    return { accepted: true, detail: `accepted${where}` };
  } catch (error) {
    const code = errorCode(error);
    const message = reasonOf(error);
    return { accepted: false, detail: code === '' ? message : `${code} ${message}`.trim() };
  }
}

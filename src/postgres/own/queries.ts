// What is asked of a server that somebody else runs, as a role without any right beyond its own.
import type pg from 'pg';
import type { StandbySeen } from '../replicate/monitor.ts';
import { oneRow } from '../server/connection.ts';
import { OWN_ADDRESS } from '../server/self.ts';

/** Of all standbys, the one that has most; the names that they give themselves are anybody's. */
export async function standbyOf(client: pg.Client): Promise<StandbySeen | null> {
  const { rows } = await client.query<StandbySeen>(
    `with log as materialized (select case when pg_is_in_recovery() then null
       else pg_current_wal_lsn() end as written)
     select coalesce(state, 'not shown') as state, coalesce(sync_state, 'not shown') as sync_state,
       pg_wal_lsn_diff(written, '0/0')::float8 as written_bytes,
       greatest(0, pg_wal_lsn_diff(written, flush_lsn))::float8 as lag_bytes,
       greatest(0, extract(epoch from clock_timestamp() - reply_time) * 1000)::float8
         as reply_age_ms
     from pg_stat_replication, log where written is not null
     order by state = 'streaming' desc nulls last, flush_lsn desc nulls last limit 1`,
  );
  return rows[0] ?? null;
}

const WHY_NO_WRITES = `case when pg_is_in_recovery() then 'it is in recovery'
  when current_setting('transaction_read_only')::bool then 'it is read-only' end`;

/** By its own word, as clients with a list of servers ask for it; null: it takes writes. */
export async function whyNoWrites(client: pg.Client): Promise<string | null> {
  return (await oneRow<{ why: string | null }>(client, `select ${WHY_NO_WRITES} as why`)).why;
}

/** The server that answers, by its own address; at once: a pooler may change between statements. */
export async function whoAnswers(
  client: pg.Client,
): Promise<{ readonly own: string; readonly why: string | null }> {
  return await oneRow(client, `select ${OWN_ADDRESS} as own, ${WHY_NO_WRITES} as why`);
}

/** Up to where a standby has received the log, in bytes; null: it has received none. */
export async function receivedBytes(client: pg.Client): Promise<number | null> {
  const { received } = await oneRow<{ received: number | null }>(
    client,
    `select pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::float8 as received`,
  );
  return received;
}

/**
 * Connections of that name that have a statement or a transaction under way. A pooler may put the
 * address of its client behind the name.
 */
export async function activeClients(client: pg.Client, name: string): Promise<number> {
  const { count } = await oneRow<{ count: number }>(
    client,
    `select count(*)::float8 as count from pg_stat_activity
     where usename = current_user and starts_with(application_name, $1)
       and coalesce(state, '') <> 'idle'`,
    [name],
  );
  return count;
}

interface ProbeSeen {
  readonly standby: boolean;
  /** When its row was written; null: it has none. */
  readonly at: string | null;
  /** That is no earlier than what is asked for. */
  readonly come: boolean;
}

/** What a server has of the probe's writes, and whether it is one that takes none. */
export async function probeSeen(
  client: pg.Client,
  probe: string,
  since: string | null = null,
): Promise<ProbeSeen> {
  return await oneRow<ProbeSeen & pg.QueryResultRow>(
    client,
    `select pg_is_in_recovery() as standby, max(at)::text as at,
       coalesce(max(at) >= $1::timestamptz, false) as come from ${probe}`,
    [since],
  );
}

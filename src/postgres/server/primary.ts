// Turns a copy of the template into the run's primary: passwords, roles, tables.
import { OperationFailed } from '../../host/operation-failed.ts';
import { until, type Clock } from '../../host/clock.ts';
import { oneRow, openConnection, closeConnection, setupFailure } from './connection.ts';
import type { DatabaseAddress } from './connection.ts';
import { newPassword, scramVerifier } from './scram.ts';
import { ADMIN, DATABASE } from './template.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 10_000 };
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
const PROBE_TABLE =
  'create table drill_probe (one boolean primary key default true, at timestamptz)';
export const PROBE_WRITE =
  'insert into drill_probe values (true, clock_timestamp()) ' +
  'on conflict (one) do update set at = excluded.at';

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
    const client = await openConnection({ ...as, user: ADMIN, password: templatePassword }, LIMITS);
    try {
      await client.query(`set synchronous_commit = local`);
      await client.query(
        `begin;
         alter role ${admin.user} ${verifier(admin)};
         create role ${replication.user} login replication ${verifier(replication)};
         create role ${workload.user} login ${verifier(workload)};
         ${schema};
         ${PROBE_TABLE};
         grant select, insert, update, delete on all tables in schema public to ${workload.user};
         grant usage, select on all sequences in schema public to ${workload.user};
         revoke all on drill_probe from ${workload.user};
         commit`,
      );
    } finally {
      await closeConnection(client);
    }
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
  const client = await openConnection(primary, LIMITS);
  const deadline_ms = clock.now() + atMost_ms;
  let seen = '';
  const ready = isSync
    ? `state = 'streaming' and sync_state in ('sync', 'quorum')`
    : `state = 'streaming'`;
  try {
    const isReady = await until(
      { clock, deadline_ms, every_ms: JOIN_POLL_MS, signal },
      async () => {
        const row = await oneRow<{ ready: boolean; seen: string }>(
          client,
          `select coalesce(bool_or(${ready}), false) as ready,
           coalesce(string_agg(state || '/' || sync_state, ', '), 'nothing') as seen
         from pg_stat_replication where application_name = $1`,
          [standby],
        );
        seen = row.seen;
        return row.ready ? true : null;
      },
    );
    if (isReady !== null) return;
    const expected = `it to stream within ${atMost_ms} ms`;
    throw new OperationFailed({ what: `standby ${standby}`, expected, found: seen });
  } catch (error) {
    signal?.throwIfAborted();
    throw setupFailure(`the standby in ${standby}`, error);
  } finally {
    await closeConnection(client);
  }
}

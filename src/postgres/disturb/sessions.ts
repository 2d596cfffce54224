// What drill holds of a database that runs by connections of its own: a lock, all free connections,
// or the end of every wait for a standby. It is over once they are closed, also because the runner
// has died.
import type { Client } from 'pg';
import type { Clock } from '../../host/clock.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import { closeConnection } from '../../host/database/close.ts';
import { errorCode, oneRow, openConnection, type DatabaseAddress } from '../server/connection.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 10_000 };
const LOCK_AT_MOST_MS = 5_000;
const TAKE_EVERY_MS = 100;
const TAKEN_AT_ONCE = 8;
const CANCEL_EVERY_MS = 50;
export const TOO_MANY_CONNECTIONS = '53300';

export type LockMode = 'access exclusive' | 'exclusive';

/** Something that lasts until it is ended. */
export interface Held {
  /** Nobody else has ended it. */
  isHeld(): boolean;
  end(): Promise<void>;
}

/** The lock of a transaction that stays open. */
export async function lockOrders(address: DatabaseAddress, mode: LockMode): Promise<Held> {
  const session = await openSession(address);
  try {
    await session.client.query(`set lock_timeout = ${LOCK_AT_MOST_MS}`);
    await session.client.query('begin');
    await session.client.query(`lock table orders in ${mode} mode`);
    return session;
  } catch (error) {
    await session.end();
    throw error;
  }
}

/** Those that the superuser has for himself are not among them. */
const FREE = `select current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0)
    - (select count(*) from pg_stat_activity where backend_type = 'client backend')::int as free`;

/** Takes the free connections but for so many as `user`, and those that become free. */
export async function takeConnections(
  admin: DatabaseAddress,
  user: DatabaseAddress,
  leaves: number,
  clock: Clock,
): Promise<Held> {
  const taken: Client[] = [];
  return await again(admin, clock, TAKE_EVERY_MS, {
    each: async (watching) => {
      for (;;) {
        const { free } = await oneRow<{ free: number }>(watching, FREE);
        const wanted = Math.min(free - leaves, TAKEN_AT_ONCE);
        if (wanted <= 0) return;
        const opening = Array.from({ length: wanted }, () => openConnection(user, LIMITS));
        const opened = await Promise.allSettled(opening);
        for (const each of opened) if (each.status === 'fulfilled') taken.push(each.value);
        const failed = opened.find((each) => each.status === 'rejected');
        if (failed === undefined) continue;
        if (errorCode(failed.reason) !== TOO_MANY_CONNECTIONS) throw failed.reason;
        return;
      }
    },
    end: async () => void (await Promise.all(taken.map(closeConnection))),
  });
}

/** Nothing stands in a `where` that could be looked at before the cancelling. */
const CANCEL = `select count(*) filter (where done and is_write)::int as cancelled from (
    select pg_cancel_backend(pid) as done,
      usename = $1 and query ~* '^\\s*(insert|update)' as is_write
    from pg_stat_activity where wait_event = 'SyncRep' and backend_type = 'client backend'
  ) as waiting`;

/**
 * Ends every wait of a commit for the standby: it is acknowledged, with a warning. `onWrites` hears
 * of the writes of `user` among them.
 */
export async function cancelSyncWaits(
  admin: DatabaseAddress,
  user: string,
  clock: Clock,
  onWrites: (count: number) => void,
): Promise<Held> {
  return await again(admin, clock, CANCEL_EVERY_MS, {
    each: async (watching) => {
      onWrites((await oneRow<{ cancelled: number }>(watching, CANCEL, [user])).cancelled);
    },
    end: () => Promise.resolve(),
  });
}

interface Repeated {
  readonly each: (client: Client) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Does it once, and then again and again until it is ended, or fails. */
async function again(
  admin: DatabaseAddress,
  clock: Clock,
  every_ms: number,
  { each, end }: Repeated,
): Promise<Held> {
  const session = await openSession(admin);
  const stop = new AbortController();
  const endAll = async () => {
    await session.end();
    await end();
  };
  try {
    await each(session.client);
  } catch (error) {
    await endAll();
    throw error;
  }
  let isFailed = false;
  const go = async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(every_ms, stop.signal);
      await each(session.client);
    }
  };
  // A server that is gone ends it; the heal tells so.
  const going = go().catch(() => void (isFailed ||= !stop.signal.aborted));
  return {
    isHeld: () => session.isHeld() && !isFailed,
    end: async () => {
      stop.abort();
      await going;
      await endAll();
    },
  };
}

async function openSession(address: DatabaseAddress) {
  const client = await openConnection(address, LIMITS);
  let isOpen = true;
  client.once('end', () => (isOpen = false));
  return { client, isHeld: () => isOpen, end: () => closeConnection(client) };
}

export interface Refusal {
  readonly ok: boolean;
  readonly detail: string;
}

/** Whether no more than `leaves` new connections are to be had; those are closed again. */
export async function refusesConnections(user: DatabaseAddress, leaves: number): Promise<Refusal> {
  const opened: Client[] = [];
  try {
    while (opened.length <= leaves) opened.push(await openConnection(user, LIMITS));
    return { ok: false, detail: `${opened.length} new connections were taken` };
  } catch (error) {
    const detail = `${opened.length} new connections, then ${errorCode(error)}`;
    return { ok: errorCode(error) === TOO_MANY_CONNECTIONS, detail };
  } finally {
    await Promise.all(opened.map(closeConnection));
  }
}

/** Of no rows. */
const REQUESTS = {
  write:
    'insert into orders (writer, sequence, payload, region) select 0, 0, null, null where false',
  read: 'select from orders where false',
} as const;
export type ClientRequest = keyof typeof REQUESTS;
const LOCK_NOT_AVAILABLE = '55P03';

/** Whether a request of a client for no rows waits for the lock on the table for so long. */
export async function requestWaits(
  user: DatabaseAddress,
  request: ClientRequest,
  wait_ms: number,
): Promise<Refusal> {
  const { client, end } = await openSession(user);
  try {
    await client.query(`set lock_timeout = ${wait_ms}`);
    await client.query(REQUESTS[request]);
    return { ok: false, detail: `a ${request} was done` };
  } catch (error) {
    if (!(error instanceof OperationFailed)) throw error;
    const detail = `a ${request} waited ${wait_ms} ms, then ${errorCode(error)}`;
    return { ok: errorCode(error) === LOCK_NOT_AVAILABLE, detail };
  } finally {
    await end();
  }
}

const COMMIT = `select pg_logical_emit_message(true, 'drill.unprotected', '')`;

/** What the server warned of in a commit that waits for the standby; null: nothing. */
export async function warningOfCommit(admin: DatabaseAddress): Promise<string | null> {
  const { client, end } = await openSession(admin);
  let warning: string | null = null;
  client.on('notice', ({ message = '' }) => (warning = message));
  try {
    await client.query(COMMIT);
    return warning;
  } finally {
    await end();
  }
}

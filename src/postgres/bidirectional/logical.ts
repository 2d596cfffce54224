// Two primaries that replicate to each other by logical replication: joined when both are empty,
// taken apart when one of them is gone for good, joined again with an empty one in its place.
import { OperationFailed } from '../../host/operation-failed.ts';
import type pg from 'pg';
import { until, type Clock, type Waiting } from '../../host/clock.ts';
import { errorCode, oneRow, setupFailure, withConnection } from '../server/connection.ts';
import { REPLICATED_TABLES, replicationName, type LogicalSide } from './logical-state.ts';
import { untilReady } from './logical-wait.ts';
import { connectionInfo } from '../server/settings.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 15_000, synchronous_commit: 'local' } as const;
const PUBLICATION = 'drill';
const READY_AT_MOST_MS = 30_000;
const COPIED_AT_MOST_MS = 120_000;
/** The peer's connection is ended first, so this is about the moment that takes. */
const SLOT_FREE_AT_MOST_MS = 10_000;
const POLL_MS = 5;
const OBJECT_IN_USE = '55006';

export interface LogicalOptions {
  /** The role, on both servers, that the other one logs in as. */
  readonly replicationUser: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Joins two servers that have the tables and no orders yet. Resolves when both directions stream.
 * Shared rows must be the same on both sides, or made on one of them afterwards.
 */
export async function joinPair(
  first: LogicalSide,
  second: LogicalSide,
  options: LogicalOptions,
): Promise<void> {
  try {
    for (const side of [first, second]) {
      await on(side, async (client) => {
        await requireNoOrders(client, side);
        await offerTables(client, options);
        await takeNumbers(client, side);
      });
    }
    // One after the other: to make its slot, a server waits for all transactions there are, and a
    // subscription that is being made on it is one.
    await subscribe(second, first, false, options);
    await subscribe(first, second, false, options);
    await untilBoth(first, second, options);
  } catch (error) {
    throw setupFailure(`replication between ${first.region} and ${second.region}`, error);
  }
}

/**
 * Joins an empty server to one that serves alone: everything is copied to it, whoever wrote it, and
 * then both directions stream. `survivor` may take writes meanwhile; `fresh` must not.
 */
export async function rejoin(
  survivor: LogicalSide,
  fresh: LogicalSide,
  options: LogicalOptions,
): Promise<void> {
  await on(fresh, async (client) => {
    await requireNoOrders(client, fresh);
    // Rows that are there already would end the copy.
    await client.query('truncate stock');
    await offerTables(client, options);
  });
  await on(survivor, (client) => offerTables(client, options));
  await subscribe(fresh, survivor, true, options);
  const { clock, signal } = options;
  await untilReady([[survivor, fresh]], clock, COPIED_AT_MOST_MS, signal);
  await on(fresh, (client) => takeNumbers(client, fresh));
  await subscribe(survivor, fresh, false, options);
  await untilBoth(survivor, fresh, options);
}

/**
 * Ends the replication with a region that does not come back, on the survivor alone: its
 * subscription to the region, and the slot that keeps write-ahead log for it. Doing it twice is
 * fine.
 */
export async function forgetPeer(
  survivor: LogicalSide,
  peer: string,
  { clock, signal }: Pick<LogicalOptions, 'clock' | 'signal'>,
): Promise<void> {
  await on(survivor, async (client) => {
    const own = replicationName(survivor.region);
    const { rows } = await client.query('select from pg_subscription where subname = $1', [own]);
    if (rows.length > 0) {
      // A subscription that has its slot's name would want to drop the slot on the dead server.
      await client.query(`alter subscription ${own} disable`);
      await client.query(`alter subscription ${own} set (slot_name = none)`);
      await client.query(`drop subscription ${own}`);
    }
    const deadline_ms = clock.now() + SLOT_FREE_AT_MOST_MS;
    const waiting = { clock, deadline_ms, every_ms: POLL_MS, signal };
    await dropSlot(client, replicationName(peer), waiting);
  });
}

async function on<T>(side: LogicalSide, work: (client: pg.Client) => Promise<T>): Promise<T> {
  return await withConnection(side.address, LIMITS, work);
}

async function requireNoOrders(client: pg.Client, { region }: LogicalSide): Promise<void> {
  const { count } = await oneRow<{ count: string }>(client, 'select count(*) from orders');
  if (count === '0') return;
  const expected = 'no orders before it is joined';
  throw new OperationFailed({ what: region, expected, found: count });
}

/** The replication role reads the tables only when they are copied. */
async function offerTables(client: pg.Client, { replicationUser }: LogicalOptions): Promise<void> {
  const tables = REPLICATED_TABLES.join(', ');
  await client.query(`grant select on ${tables} to ${client.escapeIdentifier(replicationUser)}`);
  const known = 'select from pg_publication where pubname = $1';
  if ((await client.query(known, [PUBLICATION])).rows.length > 0) return;
  await client.query(`create publication ${PUBLICATION} for table ${tables}`);
}

/**
 * From now on its own orders get every second number, above all that are there. The start value is
 * what `truncate … restart identity` goes back to.
 */
async function takeNumbers(client: pg.Client, { numbers }: LogicalSide): Promise<void> {
  const { next } = await oneRow<{ next: string }>(
    client,
    // The least of its numbers above `highest`.
    `select (highest + 1 + abs((highest + 1 - $1) % 2))::text as next
     from (select coalesce(max(row), 0) as highest from orders) t`,
    [numbers],
  );
  await client.query(
    `alter table orders alter column row
       set increment by 2 set start with ${numbers} restart with ${next}`,
  );
}

/**
 * What the publisher got from `subscriber` (or from anybody else) does not come back: origin none.
 * Where two servers waited for each other's confirmation, any other `synchronous_commit` than local
 * would have them wait for ever, or 200 ms for each commit.
 */
async function subscribe(
  subscriber: LogicalSide,
  publisher: LogicalSide,
  copy: boolean,
  { replicationUser: user }: LogicalOptions,
): Promise<void> {
  const { region: name, passfile } = subscriber;
  const peer = connectionInfo({ ...publisher.through, user, name, passfile });
  const info = `${peer} dbname='${publisher.address.database}'`;
  await on(subscriber, async (client) => {
    await client.query(
      `create subscription ${replicationName(name)} connection ${client.escapeLiteral(info)}
       publication ${PUBLICATION}
       with (origin = none, copy_data = ${copy}, synchronous_commit = local)`,
    );
  });
}

async function untilBoth(
  first: LogicalSide,
  second: LogicalSide,
  { clock, signal }: LogicalOptions,
): Promise<void> {
  const both = [[first, second] as const, [second, first] as const];
  await untilReady(both, clock, READY_AT_MOST_MS, signal);
}

async function dropSlot(client: pg.Client, slot: string, waiting: Waiting): Promise<void> {
  let problem: unknown;
  const isDropped = await until(waiting, async () => {
    // Behind a black hole the server still holds the dead peer's connection for one that lives.
    await client.query(
      `select pg_terminate_backend(active_pid) from pg_replication_slots
       where slot_name = $1 and active_pid is not null`,
      [slot],
    );
    try {
      await client.query(
        `select pg_drop_replication_slot(slot_name) from pg_replication_slots
         where slot_name = $1`,
        [slot],
      );
      return true;
    } catch (error) {
      if (errorCode(error) !== OBJECT_IN_USE) throw error;
      problem = error;
      return null;
    }
  });
  if (isDropped === null) throw problem;
}

// The tables of a run go when it is over, on whichever server takes writes by then.
import type pg from 'pg';
import { hostClock, until, type Clock } from '../../host/clock.ts';
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import { closeConnection } from '../../host/database/close.ts';
import { errorCode, oneRow, openConnection } from '../server/connection.ts';
import { giveClaimBack } from './claim.ts';
import { MARK, markOfTable } from './mark.ts';
import { alone, dropSchema, foreign } from './schema.ts';
import { CHANGING, type OwnServer } from './server.ts';
import type { OwnTables } from './tables.ts';

/** Somebody reads them, as for a backup; or nobody takes writes for a moment. */
const TRIES_MS = 30_000;
const TRY_EVERY_MS = 500;

/** `away`: it lets nobody in. */
interface Dropped {
  readonly node: string;
  readonly is: 'done' | 'standby' | 'away' | 'left';
  readonly why: string;
}

/**
 * Of the run alone; the schema too, where nothing else is in it. On each server that takes writes,
 * of two as well: a standby has what its primary has. Doing it twice is fine.
 */
export async function dropTables(
  servers: readonly OwnServer[],
  tables: OwnTables,
  atMost_ms = TRIES_MS,
  clock: Clock = hostClock(),
): Promise<void> {
  let last: readonly Dropped[] = [];
  const waiting = { clock, deadline_ms: clock.now() + atMost_ms, every_ms: TRY_EVERY_MS };
  const isDone = await until(waiting, async () => {
    last = await Promise.all(servers.map((server) => dropOn(server, tables)));
    const isLeft = last.some(({ is }) => is === 'left');
    return !isLeft && last.some(({ is }) => is === 'done') ? true : null;
  });
  if (isDone !== null) return;
  const none = last.every(({ is }) => is === 'standby') ? 'no server that takes writes: ' : '';
  const each = last.map(({ node, is, why }) => `${node}: ${is === 'done' ? is : why}`).join('; ');
  const then = none === '' ? '' : '; promote one, and call drill clean';
  throw new OperationFailed({
    what: `the tables of drill in ${tables.schema}`,
    expected: 'to be dropped on the primary',
    found: `${none}${each}${then}`,
  });
}

async function dropOn(server: OwnServer, tables: OwnTables): Promise<Dropped> {
  const { node, address } = server;
  const as = (is: Dropped['is'], error: unknown): Dropped => {
    const why = `${errorCode(error)} ${reasonOf(error)}`.trim();
    return { node, is, why };
  };
  let client: pg.Client;
  try {
    client = await openConnection(address, CHANGING);
  } catch (error) {
    return as('away', error);
  }
  try {
    const sql = 'select pg_is_in_recovery() as standby';
    const { standby } = await oneRow<{ standby: boolean }>(client, sql);
    // One that is behind may have nothing to drop, which proves nothing of the primary.
    if (standby) return { node, is: 'standby', why: 'a standby' };
    await alone(client, () => dropIn(client, node, tables));
    return { node, is: 'done', why: '' };
  } catch (error) {
    return as('left', error);
  } finally {
    await closeConnection(client);
  }
}

async function dropIn(client: pg.Client, node: string, tables: OwnTables): Promise<void> {
  const { schema, run, orders, probe } = tables;
  for (const table of [orders, probe]) {
    const mark = await markOfTable(client, table);
    if (mark === undefined) continue;
    if (mark !== `${MARK}, run ${run}`) throw foreign(node, table, `${mark}`);
    await client.query(`drop table if exists ${table}`);
  }
  await giveClaimBack(client, tables);
  await dropSchema(client, schema);
}

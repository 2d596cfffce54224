// An operator's mistake: rows deleted or overwritten, committed, and acknowledged like anything
// else. What is known of it here is what a restore to a point needs, and what proves that it was
// undone.
import { RESTORE_POINT } from '../../drill/recovery/restore-to-point.ts';
import type { HarmedOrder, Mistake, OrderId } from '../../evidence/restore.ts';
import type { Clock } from '../../host/clock.ts';
import { oneRow, withConnection, type DatabaseAddress } from '../server/connection.ts';
import { AMONG_IDS, idValues } from './orders.ts';
import { createRestorePoint } from '../server/primary.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 30_000 };
const WRONG_PAYLOAD = 'overwritten by mistake';
const PERCENT = 100;

/** `share`, 0–1, of the orders, evenly over all there are. */
export async function makeMistake(
  primary: DatabaseAddress,
  statement: Mistake['statement'],
  share: number,
  clock: Clock,
): Promise<Mistake> {
  return await withConnection(primary, LIMITS, async (client) => {
    const { named_at } = await oneRow<{ named_at: string }>(
      client,
      `select ${iso('clock_timestamp()')} as named_at`,
    );
    const lsn = await createRestorePoint(client, RESTORE_POINT);
    await client.query('begin');
    const { xid } = await oneRow<{ xid: string }>(
      client,
      // 32 bits of it, as recovery_target_xid wants them.
      `select (pg_current_xact_id()::text::numeric % 4294967296)::text as xid`,
    );
    const change =
      statement === 'delete'
        ? 'delete from orders'
        : `update orders set payload = '${WRONG_PAYLOAD}'`;
    const { rows } = await client.query<HarmedOrder>(
      `${change} where row % ${PERCENT} < $1
       returning writer, sequence::float8 as sequence, ${iso('created')} as created`,
      [Math.round(share * PERCENT)],
    );
    const at_ms = clock.now();
    await client.query('commit');
    const { at } = await oneRow<{ at: string }>(client, `select ${iso('clock_timestamp()')} as at`);
    return { statement, orders: rows, name: RESTORE_POINT, lsn, named_at, xid, at, at_ms };
  });
}

function iso(time: string): string {
  return `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** How many of the rows are there as they were before. */
export async function unharmedRows(
  address: DatabaseAddress,
  ids: readonly OrderId[],
): Promise<number> {
  return await withConnection(address, LIMITS, async (client) => {
    const { count } = await oneRow<{ count: number }>(
      client,
      `select count(distinct (writer, sequence))::float8 as count from orders
       where payload <> $3 and ${AMONG_IDS}`,
      [...idValues(ids), WRONG_PAYLOAD],
    );
    return count;
  });
}

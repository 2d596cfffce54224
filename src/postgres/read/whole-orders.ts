// Orders with everything that stands in them, by their ids.
import type { OrderId } from '../../evidence/mistake.ts';
import type { SalvagedRow } from '../../evidence/salvage.ts';
import { withConnection, type DatabaseAddress } from '../server/connection.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 60_000 };

/** A condition for orders of these ids, which are its first two values. */
export const AMONG_IDS = '(writer, sequence) in (select * from unnest($1::int[], $2::bigint[]))';

export function idValues(ids: readonly OrderId[]): [number[], number[]] {
  return [ids.map(({ writer }) => writer), ids.map(({ sequence }) => sequence)];
}

/** The rows in the order of their ids; an id that is not there is left out. */
export async function wholeOrders(
  address: DatabaseAddress,
  ids: readonly OrderId[],
): Promise<SalvagedRow[]> {
  return await withConnection(address, LIMITS, async (client) => {
    const { rows } = await client.query<SalvagedRow>(
      `select writer, sequence::float8 as sequence, payload, region, created::text as created
       from orders where ${AMONG_IDS}
       order by writer, sequence`,
      idValues(ids),
    );
    return rows;
  });
}

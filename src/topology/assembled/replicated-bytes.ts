// How much has crossed from one region's database to the other's, by the way that the strategy has.
import { unlessFailed } from '../../host/operation-failed.ts';
import type { Backups, Bidirectional } from '../system/protection.ts';
import { needed } from '../system/ability.ts';
import { ordersIn, type Region } from '../system/region.ts';

interface Crossed {
  /** The region that replication comes from. */
  readonly from: Region;
  readonly backups: Backups | null;
  readonly bidirectional: Bidirectional | null;
}

/**
 * A count that only grows: the difference of two is what crossed in between. To a standby it is the
 * position of the primary's write-ahead log, all of which is sent. Null where it cannot be asked.
 */
export async function replicatedBytes({
  from,
  backups,
  bidirectional,
}: Crossed): Promise<number | null> {
  const count = async () => {
    if (bidirectional !== null) return await bidirectional.sentBytes();
    if (backups === null) {
      const log = needed(ordersIn(from).log, 'replication', from.name);
      return Number(await log.position());
    }
    const { wal, backup_bytes } = await backups.state();
    return wal.received_bytes + backup_bytes;
  };
  return await unlessFailed(count());
}

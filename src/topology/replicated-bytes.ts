// How much has crossed from one region's database to the other's, by the way that the strategy has.
import { unlessFailed } from '../host/operation-failed.ts';
import type { Region, Storage, TwoWay } from './system.ts';

interface Crossed {
  /** The region that replication comes from. */
  readonly from: Region;
  readonly storage: Storage | null;
  readonly twoWay: TwoWay | null;
}

/**
 * A count that only grows: the difference of two is what crossed in between. To a standby it is the
 * position of the primary's write-ahead log, all of which is sent. Null where it cannot be asked.
 */
export async function replicatedBytes({ from, storage, twoWay }: Crossed): Promise<number | null> {
  const count = async () => {
    if (twoWay !== null) return await twoWay.sentBytes();
    if (storage === null) return Number(await from.database.position());
    const { wal, backup_bytes } = await storage.state();
    return wal.received_bytes + backup_bytes;
  };
  return await unlessFailed(count());
}

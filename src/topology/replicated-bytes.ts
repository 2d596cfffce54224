// How much has crossed from one region's database to the other's.
import type { Region } from './system.ts';

/**
 * The position of the primary's write-ahead log: all of it goes to the standby, so that the
 * difference of two positions is what was sent in between. Null where it cannot be asked.
 */
export async function replicatedBytes({ database }: Region): Promise<number | null> {
  return await database.position().then(Number, () => null);
}

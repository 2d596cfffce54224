// What faults on a store that runs have in common: they hit the node of one store, the primary or
// its standby.
import * as z from 'zod';
import { name } from '../../planned.ts';
import { roleWritten, STORES, WRITTEN_STORES, type StoreRole } from '../../stores.ts';
import type { Surroundings } from '../fault.ts';

interface OnStore {
  readonly node: string;
}

export const storeSetting = z
  .enum(WRITTEN_STORES)
  .default(STORES.orders.written)
  .describe('The store that it happens to.');

/** The parts of a definition that are the same for each of them. */
export const ON_STORE = {
  planned: { node: name },
  words: ({ node }: OnStore) => [node],
} as const;

/** The node of the store's primary, or of its standby. */
export function storeNode(
  at: 'primary' | 'standby',
  { from, to }: Surroundings,
  store: StoreRole = 'orders',
): OnStore {
  return { node: `${at === 'primary' ? from : to}/${STORES[store].engine}` };
}

export function roleOf(written: (typeof WRITTEN_STORES)[number]): StoreRole {
  return roleWritten(written)!;
}

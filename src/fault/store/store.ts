// The stores that faults on a running store hit, and how what was done to one is undone.
import type { StoreRole } from '../../drill/stores.ts';
import { regionOf } from '../../base/node-name.ts';
import { storeIn, whileItLives } from '../../topology/system/region.ts';
import type { Store, StoreEffect } from '../../topology/system/store.ts';
import { apply, type FaultContext } from '../fault.ts';

type OnStore = Pick<FaultContext, 'system'> & { readonly fault: { readonly node: string } };

/** The store whose node the fault hits. */
export function storeHit({ system, fault: { node } }: OnStore): Store {
  const region = system.region(regionOf(node));
  return storeIn(region, node === `${region.name}/redis` ? 'carts' : 'orders');
}

/** The store of the region that replicates to the other one. */
export function primaryOf({ system, plan }: FaultContext, role: StoreRole): Store {
  return storeIn(system.region(plan.replication.from), role);
}

/** Disturbs the store. Where that is over once it has died, there is nothing to undo then. */
export async function disturb(
  context: Pick<FaultContext, 'system' | 'defer'>,
  store: Store,
  effect: StoreEffect,
): Promise<void> {
  const region = context.system.region(regionOf(store.node));
  await apply(context, whileItLives(region, store, effect));
}

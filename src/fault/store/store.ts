// The stores that faults on a running store hit, and how what was done to one is undone.
import type { StoreRole } from '../../drill/stores.ts';
import type { Undoable } from '../../evidence/undo.ts';
import { regionOf } from '../../base/node-name.ts';
import { needed, nodeOf, storeIn } from '../../topology/system/region.ts';
import type { Store, StoreDisturbance } from '../../topology/system/store.ts';
import type { FaultContext } from '../fault.ts';

const LOOK_MS = 500;

type OnStore = Pick<FaultContext, 'system'> & { readonly fault: { readonly node: string } };
type Ways = Required<StoreDisturbance>;

/** The store whose node the fault hits. */
export function storeHit({ system, fault: { node } }: OnStore): Store {
  const region = system.region(regionOf(node));
  return storeIn(region, node === `${region.name}/redis` ? 'carts' : 'orders');
}

/** The store of the region that replicates to the other one. */
export function primaryOf({ system, plan }: FaultContext, role: StoreRole): Store {
  return storeIn(system.region(plan.replication.from), role);
}

/** One way in which it can be disturbed, or look at that. */
export function wayTo<W extends keyof Ways>(store: Store, way: W): Ways[W] {
  const ways: Partial<Ways> = needed(store.disturb, 'disturb-stores', store.node);
  return needed<Ways[W]>(ways[way], 'disturb-stores', store.node);
}

/** Disturbs the store. One that has died meanwhile is disturbed no more. */
export async function disturb(
  { system, defer }: Pick<FaultContext, 'system' | 'defer'>,
  store: Store,
  effect: Undoable,
): Promise<void> {
  const region = system.region(regionOf(store.node));
  await defer(effect.entry, async () => {
    const { state } = await nodeOf(region, store).look(LOOK_MS);
    return state === 'dead' ? [] : await effect.undo();
  });
  await effect.act();
}

// flush: every cart is gone. What was written just before it must be gone with them.
import { OperationFailed } from '../../host/operation-failed.ts';
import { needed } from '../../topology/system/region.ts';
import type { Fault } from '../fault.ts';
import { disturbanceOf, storeHit } from './store.ts';

export const flush: Fault<'flush'> = {
  kind: 'flush',
  inject: async (context) => {
    const store = storeHit(context);
    const items = await needed(disturbanceOf(store).flush, 'disturb-stores', store.node)();
    if (items === 0) {
      throw new OperationFailed({ what: store.node, expected: 'items to lose', found: 'none' });
    }
    return { detail: `${items} items of ${store.node} are gone` };
  },
  prove: async (context) => {
    const store = storeHit(context);
    const ok = await needed(disturbanceOf(store).isFlushed, 'disturb-stores', store.node)();
    const detail = `what was written before it is ${ok ? 'gone' : 'there'}`;
    return [{ name: `${store.node} was emptied`, ok, detail }];
  },
};

// flush: every cart is gone. What was written just before it must be gone with them.
import { OperationFailed } from '../../host/operation-failed.ts';
import type { Fault } from '../fault.ts';
import { wayTo } from '../../topology/system/region.ts';
import { storeHit } from './store.ts';

export const flush: Fault<'flush'> = {
  kind: 'flush',
  inject: async (context) => {
    const store = storeHit(context);
    const items = await wayTo(store, 'flush')();
    if (items === 0) {
      throw new OperationFailed({ what: store.node, expected: 'items to lose', found: 'none' });
    }
    return { detail: `${items} items of ${store.node} are gone` };
  },
  prove: async (context) => {
    const store = storeHit(context);
    const ok = await wayTo(store, 'isFlushed')();
    const detail = `what was written before it is ${ok ? 'gone' : 'there'}`;
    return [{ name: `${store.node} was emptied`, ok, detail }];
  },
};

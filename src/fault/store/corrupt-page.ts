// corrupt-page: bytes of a page are turned over on the disk. A client that reads every order must
// be told that the page is damaged, and the server must have counted it.
import { wayTo } from '../../topology/system/region.ts';
import { seenAs, type Fault, type FaultContext, type Seen } from '../fault.ts';
import { disturb, storeHit } from './store.ts';

type Context = FaultContext<'corrupt-page'>;

export const corruptPage: Fault<'corrupt-page'> = {
  kind: 'corrupt-page',
  inject: async (context) => {
    const store = storeHit(context);
    const untilTheEnd = { ...context, defer: context.deferToEnd };
    const where = await wayTo(store, 'damagePage')((effect) => disturb(untilTheEnd, store, effect));
    return { detail: `a page of the orders of ${store.node} is damaged: ${where}` };
  },
  ...seenAs(nameOf, meetsDamage),
};

function nameOf({ fault }: Context): string {
  return `a client meets the damaged page of ${fault.node}`;
}

async function meetsDamage(context: Context): Promise<Seen> {
  return await wayTo(storeHit(context), 'readsDamage')();
}

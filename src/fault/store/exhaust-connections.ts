// exhaust-connections: drill takes the free connections as a client. A new client must be refused.
import { seenAs, type Fault, type FaultContext, type Seen } from '../fault.ts';
import { wayTo } from '../../topology/system/region.ts';
import { disturb, storeHit } from './store.ts';

type Context = FaultContext<'exhaust-connections'>;

export const exhaustConnections: Fault<'exhaust-connections'> = {
  kind: 'exhaust-connections',
  inject: async (context) => {
    const store = storeHit(context);
    await disturb(context, store, wayTo(store, 'takeConnections')(context.fault.leaves));
    return { detail: `the free connections of ${store.node} are taken` };
  },
  ...seenAs(nameOf, refuses),
};

function nameOf({ fault }: Context): string {
  return `${fault.node} refuses new connections`;
}

async function refuses(context: Context): Promise<Seen> {
  return await wayTo(storeHit(context), 'refusesConnections')(context.fault.leaves);
}

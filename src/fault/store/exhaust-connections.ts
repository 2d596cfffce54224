// exhaust-connections: drill takes the free connections as a client. A new client must be refused.
import type { CheckResult } from '../../evidence/event.ts';
import { needed } from '../../topology/system/region.ts';
import { looked, type Fault, type FaultContext } from '../fault.ts';
import { disturb, disturbanceOf, storeHit } from './store.ts';

type Context = FaultContext<'exhaust-connections'>;

export const exhaustConnections: Fault<'exhaust-connections'> = {
  kind: 'exhaust-connections',
  inject: async (context) => {
    const store = storeHit(context);
    const take = needed(disturbanceOf(store).takeConnections, 'disturb-stores', store.node);
    await disturb(context, take(context.fault.leaves));
    return { detail: `the free connections of ${store.node} are taken` };
  },
  prove: async (context) => [{ name: nameOf(context), ...(await refuses(context)) }],
  look: async (context) =>
    context.isAlone ? [await looked(nameOf(context), () => refuses(context))] : [],
};

function nameOf({ fault }: Context): string {
  return `${fault.node} refuses new connections`;
}

function refuses(context: Context): Promise<Omit<CheckResult, 'name'>> {
  const store = storeHit(context);
  const { refusesConnections } = disturbanceOf(store);
  return needed(refusesConnections, 'disturb-stores', store.node)(context.fault.leaves);
}

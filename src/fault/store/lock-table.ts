// lock-table: a session of drill's own keeps a lock. A write of a client must wait for it.
import type { CheckResult } from '../../evidence/event.ts';
import { needed } from '../../topology/system/region.ts';
import { looked, type Fault, type FaultContext } from '../fault.ts';
import { disturb, disturbanceOf, storeHit } from './store.ts';

const WAIT_MS = 300;

const MODES = { 'access-exclusive': 'access exclusive', exclusive: 'exclusive' } as const;

type Context = FaultContext<'lock-table'>;

export const lockTable: Fault<'lock-table'> = {
  kind: 'lock-table',
  inject: async (context) => {
    const store = storeHit(context);
    const lock = needed(disturbanceOf(store).lockTable, 'disturb-stores', store.node);
    await disturb(context, lock(MODES[context.fault.mode]));
    return { detail: `the orders in ${store.node} are locked` };
  },
  prove: async (context) => [{ name: nameOf(context), ...(await waits(context)) }],
  look: async (context) =>
    context.isAlone ? [await looked(nameOf(context), () => waits(context))] : [],
};

function nameOf({ fault }: Context): string {
  return `writes to ${fault.node} wait`;
}

function waits(context: Context): Promise<Omit<CheckResult, 'name'>> {
  const store = storeHit(context);
  return needed(disturbanceOf(store).writesWait, 'disturb-stores', store.node)(WAIT_MS);
}

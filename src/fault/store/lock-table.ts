// lock-table: a session of drill's own keeps a lock. A write of a client must wait for it, and a
// read too, or not at all.
import { seenAs, type Fault, type FaultContext, type Seen } from '../fault.ts';
import { wayTo } from '../../topology/system/region.ts';
import { disturb, storeHit } from './store.ts';

const WAIT_MS = 300;

const MODES = { 'access-exclusive': 'access exclusive', exclusive: 'exclusive' } as const;

type Context = FaultContext<'lock-table'>;

export const lockTable: Fault<'lock-table'> = {
  kind: 'lock-table',
  inject: async (context) => {
    const store = storeHit(context);
    await disturb(context, store, wayTo(store, 'lockTable')(MODES[context.fault.mode]));
    return { detail: `the orders in ${store.node} are locked` };
  },
  ...seenAs(nameOf, waits),
};

function nameOf({ fault }: Context): string {
  const whose = fault.mode === 'exclusive' ? 'writes' : 'reads and writes';
  return `${whose} of ${fault.node} wait`;
}

async function waits(context: Context, atMost_ms: number): Promise<Seen | null> {
  if (atMost_ms < WAIT_MS) return null; // a request that is not locked out may take as long
  const waiting = wayTo(storeHit(context), 'requestWaits');
  const [write, read] = await Promise.all([waiting('write', WAIT_MS), waiting('read', WAIT_MS)]);
  const readsShould = context.fault.mode !== 'exclusive';
  return { ok: write.ok && read.ok === readsShould, detail: `${write.detail}; ${read.detail}` };
}

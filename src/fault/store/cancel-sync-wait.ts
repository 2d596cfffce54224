// cancel-sync-wait: waits for the standby are cancelled. A commit of drill's own must come back
// with the server's warning while the standby has not got it.
import { seenAs, type Fault, type FaultContext, type Seen } from '../fault.ts';
import { wayTo } from '../../topology/system/region.ts';
import { disturb, storeHit } from './store.ts';

const CANCELLED = 'canceling wait for synchronous replication';

type Context = FaultContext<'cancel-sync-wait'>;

export const cancelSyncWait: Fault<'cancel-sync-wait'> = {
  kind: 'cancel-sync-wait',
  inject: async (context) => {
    const store = storeHit(context);
    await disturb(context, store, wayTo(store, 'cancelSyncWaits')());
    return { detail: `commits of ${store.node} wait for no standby` };
  },
  ...seenAs(nameOf, isUnprotected),
};

function nameOf({ fault }: Context): string {
  return `${fault.node} commits what its standby has not got`;
}

async function isUnprotected(context: Context): Promise<Seen> {
  const store = storeHit(context);
  const { warning, writes } = await wayTo(store, 'unprotected')();
  const standby = await store.replication();
  const isMissing = standby === null || standby.lag_bytes > 0;
  const ok = warning?.includes(CANCELLED) === true && isMissing;
  const has = isMissing ? 'the standby has not got it' : 'the standby has it';
  const detail = `${writes} writes of clients were acknowledged unprotected so far`;
  return { ok, detail: `${warning ?? 'a commit without a warning'}; ${has}; ${detail}` };
}

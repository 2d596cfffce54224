// cancel-sync-wait: waits for the standby are cancelled. A commit of drill's own must come back
// with the server's warning while the standby has not got it.
import type { CheckResult } from '../../evidence/event.ts';
import { needed } from '../../topology/system/region.ts';
import { looked, type Fault, type FaultContext } from '../fault.ts';
import { disturb, disturbanceOf, storeHit } from './store.ts';

const CANCELLED = 'canceling wait for synchronous replication';

type Context = FaultContext<'cancel-sync-wait'>;

export const cancelSyncWait: Fault<'cancel-sync-wait'> = {
  kind: 'cancel-sync-wait',
  inject: async (context) => {
    const store = storeHit(context);
    const cancel = needed(disturbanceOf(store).cancelSyncWaits, 'disturb-stores', store.node);
    await disturb(context, cancel());
    return { detail: `commits of ${store.node} wait for no standby` };
  },
  prove: async (context) => [{ name: nameOf(context), ...(await isUnprotected(context)) }],
  look: async (context) =>
    context.isAlone ? [await looked(nameOf(context), () => isUnprotected(context))] : [],
};

function nameOf({ fault }: Context): string {
  return `${fault.node} commits what its standby has not got`;
}

async function isUnprotected(context: Context): Promise<Omit<CheckResult, 'name'>> {
  const store = storeHit(context);
  const ask = needed(disturbanceOf(store).unprotected, 'disturb-stores', store.node);
  const { warning, writes } = await ask();
  const standby = await store.replication();
  const isMissing = standby === null || standby.lag_bytes > 0;
  const ok = warning?.includes(CANCELLED) === true && isMissing;
  const has = isMissing ? 'the standby has not got it' : 'the standby has it';
  const detail = `${writes} writes of clients were acknowledged unprotected so far`;
  return { ok, detail: `${warning ?? 'a commit without a warning'}; ${has}; ${detail}` };
}

// cancel-sync-wait: waits for the standby are cancelled. A commit of drill's own must come back
// with the server's warning while the standby has not got it.
import { lookedAlone, type Fault, type FaultContext, type Seen } from '../fault.ts';
import { wayTo } from '../../topology/system/region.ts';
import { confirmedWithinMs, untilStandbyHasAll } from '../../topology/system/standby-has-all.ts';
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
  prove: async (context) => [{ name: nameOf(context), ...(await isUnprotected(context)) }],
  look: async (context) => {
    if (context.watch_ms < confirmedWithinMs(context.plan)) return [];
    return await lookedAlone(context, nameOf(context), () => isUnprotected(context));
  },
};

function nameOf({ fault }: Context): string {
  return `${fault.node} commits what its standby has not got`;
}

/**
 * Beside a standby that follows a wait can be cancelled too, in the moment before it is confirmed:
 * it must not be confirmed in all the time that such a standby takes.
 */
async function isUnprotected(context: Context): Promise<Seen> {
  const { clock, plan } = context;
  const store = storeHit(context);
  const { warning, writes } = await wayTo(store, 'unprotected')();
  const within_ms = confirmedWithinMs(plan);
  const deadline_ms = clock.now() + within_ms;
  const isMissing = (await untilStandbyHasAll(store, { clock, deadline_ms })) === null;
  const ok = warning?.includes(CANCELLED) === true && isMissing;
  const has = isMissing ? `has not got it ${within_ms} ms later` : 'has it';
  const detail = `${writes} writes of clients were acknowledged unprotected so far`;
  return {
    ok,
    detail: `${warning ?? 'a commit without a warning'}; its standby ${has}; ${detail}`,
  };
}

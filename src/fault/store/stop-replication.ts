// stop-replication: the standby follows no more. That it does is for its primary to say.
import { until } from '../../host/clock.ts';
import { lookedAlone, type Fault, type FaultContext, type Seen } from '../fault.ts';
import { wayTo } from '../../topology/system/region.ts';
import { disturb, primaryOf, storeHit } from './store.ts';

const SEEN_AT_MOST_MS = 5_000;
const POLL_MS = 20;

type Context = FaultContext<'stop-replication'>;

export const stopReplication: Fault<'stop-replication'> = {
  kind: 'stop-replication',
  inject: async (context) => {
    const store = storeHit(context);
    await disturb(context, store, wayTo(store, 'stopReplication')());
    return { detail: `${store.node} follows nobody` };
  },
  prove: async (context) => {
    const { clock } = context;
    const deadline_ms = clock.now() + SEEN_AT_MOST_MS;
    let seen = await follower(context);
    await until({ clock, deadline_ms, every_ms: POLL_MS }, async () => {
      seen = await follower(context);
      return seen.ok ? true : null;
    });
    return [{ name: nameOf(context), ...seen }];
  },
  look: async (context) => await lookedAlone(context, nameOf(context), () => follower(context)),
};

function nameOf({ fault }: Context): string {
  return `nobody follows the primary of ${fault.node}`;
}

/** Whom the primary sees follow it. */
async function follower(context: Context): Promise<Seen> {
  const primary = primaryOf(context, storeHit(context).role);
  const seen = await primary.replication();
  const detail =
    seen === null ? `${primary.node} sees no standby` : `${primary.node} sees one: ${seen.state}`;
  return { ok: seen === null, detail };
}

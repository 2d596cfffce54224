// pause-replay: the standby receives and does not apply. A write to its primary must arrive there
// and stay unapplied.
import { until } from '../../host/clock.ts';
import { needed } from '../../topology/system/region.ts';
import { seenAs, type Fault, type FaultContext, type Seen } from '../fault.ts';
import { wayTo } from '../../topology/system/region.ts';
import { disturb, primaryOf, storeHit } from './store.ts';

const WRITE_MS = 1_000;
const ARRIVES_AT_MOST_MS = 5_000;
const STANDS_STILL_MS = 300;
const POLL_MS = 20;

type Context = FaultContext<'pause-replay'>;

export const pauseReplay: Fault<'pause-replay'> = {
  kind: 'pause-replay',
  inject: async (context) => {
    const store = storeHit(context);
    await disturb(context, store, wayTo(store, 'pauseReplay')());
    return { detail: `${store.node} applies nothing of the log` };
  },
  ...seenAs(nameOf, isBehind),
};

function nameOf({ fault }: Context): string {
  return `${fault.node} does not apply what it receives`;
}

async function isBehind(context: Context, atMost_ms: number): Promise<Seen | null> {
  const { clock } = context;
  const standby = needed(storeHit(context).log, 'replication', context.fault.node);
  const before = await standby.replayed();
  const { accepted, detail } = await primaryOf(context, 'orders').tryWrite(WRITE_MS);
  if (!accepted) return { ok: false, detail: `no write to follow: ${detail}` };
  // What the write needs is beyond what was applied, once it has come.
  const deadline_ms = clock.now() + Math.min(ARRIVES_AT_MOST_MS, atMost_ms);
  let received = before;
  await until({ clock, deadline_ms, every_ms: POLL_MS }, async () => {
    received = await standby.position();
    return received > before ? true : null;
  });
  await clock.sleep(Math.min(STANDS_STILL_MS, atMost_ms));
  const replayed = await standby.replayed();
  if (received === before && atMost_ms < ARRIVES_AT_MOST_MS) return null; // it is on its way
  const ok = received > before && replayed === before;
  const applied = `${replayed - before} applied`;
  return { ok, detail: `${received - before} bytes of log received, ${applied}` };
}

// The cut: clients stop, what is under way ends, and a marker by the clients' way proves which
// servers serve.
import { named } from '../../drill/stores.ts';
import { until } from '../../host/clock.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { RunContext } from '../frame/context.ts';
import type { Load, StoreLoad } from '../load/load.ts';
import { servingRegions } from './serving.ts';
import { needed, type Region, storeIn } from '../../topology/system/region.ts';
import type { Store } from '../../topology/system/store.ts';
import type { MarkerReply } from '../../workload/protocol.ts';
import type { System } from '../../topology/system/system.ts';

const IDLE_AT_MOST_MS = 5_000;
const IDLE_POLL_MS = 20;

/** No client writes any more, and each store has a marker in what serves: the serving regions. */
export async function cut(run: RunContext, system: System, load: Load): Promise<readonly Region[]> {
  await ofEach(run, load, 'the workload stopped in an orderly way', (each) => each.drain());
  const regions = await servingRegions(run, system);
  for (const region of regions) {
    await Promise.all(load.stores.map((each) => untilIdle(run, storeIn(region, each.store))));
  }
  if (regions.length > 0) {
    // One more write by the clients' way, once nothing else is under way: it must be read later.
    await ofEach(run, load, 'the workload wrote a marker', async (each) => {
      const marker = await each.marker();
      run.emit('marker.written', { store: each.store, ...marker });
      if (marker.ok) await seek(run, system, storeIn(regions[0]!, each.store), marker);
    });
  }
  if (regions.length > 1) {
    const bidirectional = needed(system.bidirectional, 'bidirectional', 'the system');
    const caughtUp = () => bidirectional.catchUp(run.signal);
    await attempt(run, 'both regions have what the other one wrote', caughtUp);
  }
  return regions;
}

/** Of a system of somebody's own: where the marker is, if it is not where service is said to be. */
async function seek(
  { emit }: RunContext,
  { own }: System,
  { role, node }: Store,
  marker: Pick<MarkerReply, 'writer' | 'sequence'>,
): Promise<void> {
  const found = (await own?.haveRow(marker)) ?? null;
  if (found === null || found.includes(node)) return;
  emit('marker.sought', { store: role, serving: node, found: [...found] });
}

export async function closeLedgers(run: RunContext, load: Load): Promise<void> {
  await ofEach(run, load, 'the workload closed its ledger', (each) => each.close());
}

/** Attempts the same of the clients of each store. */
async function ofEach(
  run: RunContext,
  { stores }: Load,
  what: string,
  work: (load: StoreLoad) => Promise<void>,
): Promise<void> {
  await Promise.all(stores.map((each) => attempt(run, named(what, each.store), () => work(each))));
}

/** Null when it cannot be done: a part that the verification needs may have ended. */
async function attempt<T>(
  { emit, signal }: RunContext,
  name: string,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    emit('verification.checked', { checks: [{ name, ok: false, detail: reasonOf(error) }] });
    return null;
  }
}

/** Until the store works on no request of the clients, so that no write can follow the snapshot. */
async function untilIdle({ clock, signal, emit }: RunContext, store: Store): Promise<void> {
  const deadline_ms = clock.now() + IDLE_AT_MOST_MS;
  let seen: number | string = 0;
  const isIdle = await until({ clock, deadline_ms, every_ms: IDLE_POLL_MS, signal }, async () => {
    seen = await store.activeClients().catch(reasonOf);
    return seen === 0 ? true : null;
  });
  if (isIdle !== null) return;
  const detail = typeof seen === 'number' ? `${seen} backends still at work` : seen;
  const checks = [{ name: named('client backends idle', store.role), ok: false, detail }];
  emit('verification.checked', { checks });
}

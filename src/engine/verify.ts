// The cut and the count, for each store: stop the workload, prove with a marker which server
// serves, read what survived, and ask the dead primary's disk for a second opinion.
import type { StoreName } from '../drill/plan.ts';
import { STORE_FILES } from '../evidence/file-names.ts';
import { runFile } from '../evidence/run-files.ts';
import { writeSalvage } from '../evidence/salvage.ts';
import type { Reading, SurvivorsWriter } from '../evidence/survivors.ts';
import { appendSurvivors, createSurvivors } from '../evidence/survivors-file.ts';
import type { OrderId } from '../postgres/whole-orders.ts';
import type { DeadStore, Region, Store, System } from '../topology/system.ts';
import type { RunContext } from './context.ts';
import { Ids } from './ids.ts';
import type { Load } from './load.ts';
import { named, storeOf, type StoreLoad } from './store-load.ts';

const IDLE_AT_MOST_MS = 5_000;
const IDLE_POLL_MS = 20;
const LOOK_MS = 500;
const NOTHING_READ = { rows: 0, timeline: 0, snapshot: '', ok: false } as const;

/**
 * Whatever cannot be done or read stands in the journal with its reason; nothing is thrown for it.
 * With a failback to come the clients go on afterwards, and so does their ledger.
 */
export async function verify(run: RunContext, system: System, load: Load): Promise<void> {
  const region = await cut(run, system, load);
  if (!run.plan.failback) await closeLedgers(run, load);
  const isDead = await isLostRegionDead(run, system);
  for (const { store } of load.stores) {
    await withSurvivors(run, store, 'new', async (survivors) => {
      let there: Ids | null = null;
      if (region !== null) {
        const serving = storeOf(region, store);
        there = await read(run, { store, reading: 'serving', from: serving }, survivors);
        await inspect(run, serving);
      }
      if (isDestroyed(run)) tellThatItIsGone(run, store);
      else if (isDead) await secondOpinion(run, system, { store, there }, survivors);
      else tellThatItLives(run, system, store);
    });
  }
}

/** The same once more, of the database that serves after the failback. */
export async function verifyFailback(run: RunContext, system: System, load: Load): Promise<void> {
  const region = await cut(run, system, load);
  await closeLedgers(run, load);
  if (region === null) return;
  for (const { store } of load.stores) {
    const serving = storeOf(region, store);
    await withSurvivors(run, store, 'more', async (survivors) => {
      await read(run, { store, reading: 'after-failback', from: serving }, survivors);
      await inspect(run, serving);
    });
  }
}

/** No client writes any more, and each has left a marker in what serves: its region. */
async function cut(run: RunContext, system: System, load: Load): Promise<Region | null> {
  await Promise.all(load.stores.map((each) => drain(run, each)));
  const region = await attempt(run, 'the GSLB says who serves', () => servingRegion(run, system));
  if (region !== null) await Promise.all(load.stores.map((each) => mark(run, region, each)));
  return region;
}

async function closeLedgers(run: RunContext, load: Load): Promise<void> {
  await Promise.all(
    load.stores.map((each) =>
      attempt(run, named('the workload closed its ledger', each.store), () => each.close()),
    ),
  );
}

async function withSurvivors(
  { place }: RunContext,
  store: StoreName,
  which: 'new' | 'more',
  work: (survivors: SurvivorsWriter) => Promise<void>,
): Promise<void> {
  const file = runFile(place.directory, STORE_FILES[store].survivors);
  const survivors = which === 'new' ? createSurvivors(file) : appendSurvivors(file);
  try {
    await work(survivors);
  } finally {
    survivors.close();
  }
}

async function drain(run: RunContext, load: StoreLoad): Promise<void> {
  const name = named('the workload stopped in an orderly way', load.store);
  await attempt(run, name, () => load.drain());
}

/** One more write by the clients' way, once nothing else is under way: it must be read later. */
async function mark(run: RunContext, region: Region, load: StoreLoad): Promise<void> {
  const { store } = load;
  await untilIdle(run, storeOf(region, store));
  const marker = await attempt(run, named('the workload wrote a marker', store), () =>
    load.marker(),
  );
  if (marker !== null) run.emit('marker.written', { store, ...marker });
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
    emit('verification.checked', {
      checks: [{ name, ok: false, detail: (error as Error).message }],
    });
    return null;
  }
}

/** The region that clients are sent to, which is not assumed but asked. */
async function servingRegion({ plan }: RunContext, system: System): Promise<Region> {
  const { answered } = await system.gslb.state();
  const name = answered[0] ?? plan.regions.find(({ role }) => role === 'active')!.name;
  return system.region(name);
}

/** Until the store works on no request of the clients, so that no write can follow the snapshot. */
async function untilIdle({ clock, signal, emit }: RunContext, store: Store): Promise<void> {
  const limit = clock.now() + IDLE_AT_MOST_MS;
  for (;;) {
    const active = await store.activeClients().catch((error: Error) => error.message);
    if (active === 0) return;
    if (clock.now() > limit) {
      const detail = typeof active === 'number' ? `${active} backends still at work` : active;
      const checks = [{ name: named('client backends idle', store.store), ok: false, detail }];
      emit('verification.checked', { checks });
      return;
    }
    await clock.sleep(IDLE_POLL_MS, signal);
  }
}

interface Read {
  readonly store: StoreName;
  readonly reading: Reading;
  readonly from: Pick<Store, 'node' | 'readRows'>;
}

/** Resolves to the ids that were there; null when it could not be read to its end. */
async function read(
  { emit, signal }: RunContext,
  { store, reading, from }: Read,
  survivors: SurvivorsWriter,
): Promise<Ids | null> {
  const { node } = from;
  const ids = new Ids();
  try {
    survivors.begin(reading);
    const facts = await from.readRows((row) => {
      survivors.row(row);
      ids.add(row);
    });
    survivors.end();
    emit('survivors.read', { store, reading, node, ...facts, ok: true, detail: '' });
    return ids;
  } catch (error) {
    signal.throwIfAborted();
    const detail = (error as Error).message;
    emit('survivors.read', { store, reading, node, ...NOTHING_READ, detail });
    return null;
  }
}

async function inspect({ emit, signal }: RunContext, store: Store): Promise<void> {
  const checks = await store.inspect().catch((error: Error) => {
    signal.throwIfAborted();
    return [{ name: `inspection of ${store.node}`, ok: false, detail: error.message }];
  });
  emit('verification.checked', { checks });
}

/**
 * Only a region that died has a disk to ask; a primary that lives is the serving one or was never
 * fenced.
 */
async function isLostRegionDead({ plan }: RunContext, system: System): Promise<boolean> {
  const nodes = system.region(plan.replication.from).nodes();
  const looks = await Promise.all(nodes.map((node) => node.look(LOOK_MS)));
  return looks.every(({ state }) => state === 'dead');
}

function isDestroyed({ plan }: RunContext): boolean {
  return plan.faults.some(({ kind, disks }) => kind === 'lose-region' && disks === 'destroyed');
}

function tellThatItIsGone({ plan, emit }: RunContext, store: StoreName): void {
  const { from } = plan.replication;
  const detail = `the disks of region ${from} were destroyed`;
  const node = `${from}/${store}`;
  emit('survivors.read', { store, reading: 'old-primary', node, ...NOTHING_READ, detail });
}

function tellThatItLives({ plan, emit }: RunContext, system: System, store: StoreName): void {
  const region = system.region(plan.replication.from);
  const { node } = storeOf(region, store);
  const detail = `region ${region.name} lives, and only a dead primary's disk can be opened`;
  emit('survivors.read', { store, reading: 'old-primary', node, ...NOTHING_READ, detail });
}

async function secondOpinion(
  run: RunContext,
  system: System,
  { store, there }: { readonly store: StoreName; readonly there: Ids | null },
  survivors: SurvivorsWriter,
): Promise<void> {
  const { plan, emit, signal } = run;
  const region = system.region(plan.replication.from);
  const reading = 'old-primary';
  try {
    const dead = await region.openDead(store);
    if (dead === null) return;
    try {
      const old = await read(run, { store, reading, from: dead.contents }, survivors);
      if (old !== null && there !== null) await salvage(run, dead, old.without(there));
    } finally {
      await dead.stop();
    }
  } catch (error) {
    signal.throwIfAborted();
    const detail = (error as Error).message;
    const { node } = storeOf(region, store);
    emit('survivors.read', { store, reading, node, ...NOTHING_READ, detail });
  }
}

/** What stands on the dead disk alone is kept, before a rebuild takes the disk. */
async function salvage({ emit, place }: RunContext, { rowsOf }: DeadStore, ids: OrderId[]) {
  if (rowsOf === null || ids.length === 0) return;
  try {
    const rows = await rowsOf(ids);
    writeSalvage(runFile(place.directory, 'salvage'), rows);
    emit('rows.salvaged', { rows: rows.length });
  } catch (error) {
    emit('run.noted', { text: `the old rows are not salvaged: ${(error as Error).message}` });
  }
}

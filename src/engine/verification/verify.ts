// The cut and the count, for each store: stop the workload, prove with a marker which server
// serves, read what survived, and ask the dead primary's disk for a second opinion.
import { allDone } from '../../base/all-done.ts';
import type { StoreRole } from '../../drill/plan/plan.ts';
import type { Reading, SurvivorsWriter } from '../../evidence/survivors.ts';
import type { RunContext } from '../frame/context.ts';
import { compareRegions } from './convergence.ts';
import type { OwnSystem } from '../../topology/system/own.ts';
import { hasReadElsewhere } from './read-elsewhere.ts';
import { closeLedgers, cut } from './cut.ts';
import type { Load } from '../load/load.ts';
import { inspect, read, withSurvivors, type Ids } from './read-survivors.ts';
import { askOldDisk, openOldDisk, type OldDisk } from './second-opinion.ts';
import { type Region, storeIn } from '../../topology/system/region.ts';
import type { System } from '../../topology/system/system.ts';

/**
 * Whatever cannot be done or read stands in the journal with its reason; nothing is thrown for it.
 * With a failback to come the clients go on afterwards, and so does their ledger.
 */
export async function verify(run: RunContext, system: System, load: Load): Promise<void> {
  const regions = await cut(run, system, load);
  // A dead server replays its log first: it does so while the others are asked.
  const disks = load.stores.map(({ store }) => openOldDisk(run, system, store));
  for (const disk of disks) disk.catch(() => {}); // what comes of it is asked for below
  try {
    if (regions.length > 1) await compareRegions(run, system);
    // Each waits for another part: for a program to end, or for a database or its disk.
    const ledgers = run.plan.failback ? [] : [closeLedgers(run, load)];
    await allDone([...ledgers, countAll(run, { regions, load, disks, own: system.own })]);
  } finally {
    await allDone(disks.map(async (disk) => await (await disk).dead?.stop()));
  }
}

interface ToCount {
  readonly regions: readonly Region[];
  readonly load: Load;
  readonly disks: readonly Promise<OldDisk>[];
  readonly own: OwnSystem | null;
}

/** One store after the other. Those that serve are read and look at themselves meanwhile. */
async function countAll(run: RunContext, { regions, load, disks, own }: ToCount): Promise<void> {
  for (const [at, { store }] of load.stores.entries()) {
    const isBegun = hasReadElsewhere(run, own) ? 'more' : 'new';
    await withSurvivors(run, store, isBegun, async (survivors) => {
      const read = async () => {
        const there = await readServing(run, regions, store, READ_AT_THE_CUT, survivors);
        await askOldDisk(run, await disks[at]!, there, survivors);
      };
      await allDone([inspectServing(run, regions, store, READ_AT_THE_CUT), read()]);
    });
  }
}

/** The same once more, of the databases that serve after the failback. */
export async function verifyFailback(run: RunContext, system: System, load: Load): Promise<void> {
  const regions = await cut(run, system, load);
  if (regions.length > 1) await compareRegions(run, system);
  await closeLedgers(run, load);
  await readAgain(run, regions, load, READ_AFTER_FAILBACK);
}

/** What two serving regions hold once the lost one has returned and caught up. */
export async function verifyReturn(run: RunContext, system: System, load: Load): Promise<void> {
  const { from, to } = run.plan.replication;
  await readAgain(run, [system.region(to), system.region(from)], load, READ_AFTER_RETURN);
}

async function readAgain(
  run: RunContext,
  regions: readonly Region[],
  load: Load,
  readings: ServingReadings,
): Promise<void> {
  for (const { store } of load.stores) {
    await withSurvivors(run, store, 'more', async (survivors) => {
      await readServing(run, regions, store, readings, survivors);
    });
    await inspectServing(run, regions, store, readings);
  }
}

/** The readings of the regions that serve, the first one's first; others are not read. */
type ServingReadings = readonly Reading[];
const READ_AT_THE_CUT: ServingReadings = ['serving', 'peer'];
const READ_AFTER_RETURN: ServingReadings = ['after-return', 'peer-after-return'];
const READ_AFTER_FAILBACK: ServingReadings = ['after-failback'];

/** Resolves to the ids in the first of them; null where it could not be read. */
async function readServing(
  run: RunContext,
  regions: readonly Region[],
  store: StoreRole,
  readings: ServingReadings,
  survivors: SurvivorsWriter,
): Promise<Ids | null> {
  let first: Ids | null = null;
  for (const [at, reading] of readings.entries()) {
    const region = regions[at];
    if (region === undefined) continue;
    const from = storeIn(region, store);
    const ids = await read(run, { store, reading, from }, survivors);
    if (at === 0) first = ids;
  }
  return first;
}

async function inspectServing(
  run: RunContext,
  regions: readonly Region[],
  store: StoreRole,
  readings: ServingReadings,
): Promise<void> {
  const read = regions.slice(0, readings.length);
  await allDone(read.map((region) => inspect(run, storeIn(region, store))));
}

// What the lost region's own disk says, asked after the fact; and the rows that stand there alone.
import type { StoreName } from '../drill/plan/plan.ts';
import { runFile } from '../evidence/run-files.ts';
import { NOT_SALVAGED, writeSalvage } from '../evidence/salvage.ts';
import type { SurvivorsWriter } from '../evidence/survivors/survivors.ts';
import type { OrderId } from '../postgres/read/whole-orders.ts';
import type { DeadStore, Region, System } from '../topology/system.ts';
import type { RunContext } from './context.ts';
import type { Ids } from './ids.ts';
import { read, tellUnread } from './read-survivors.ts';
import { storeOf } from './store-load.ts';

const LOOK_MS = 500;
const READING = 'old-primary' as const;

/**
 * `there` is what serves; null: that is not known. Why there is no opinion stands in the journal.
 */
export async function askOldDisk(
  run: RunContext,
  system: System,
  asked: { readonly store: StoreName; readonly there: Ids | null },
  survivors: SurvivorsWriter,
): Promise<void> {
  const { store } = asked;
  const { plan, emit, signal } = run;
  const region = system.region(plan.replication.from);
  const what = { store, reading: READING, node: storeOf(region, store).node };
  const tell = (why: string) => tellUnread(emit, what, why);
  if (isDestroyed(run)) return tell(`the disks of region ${region.name} were destroyed`);
  try {
    if (await isDead(region)) return await secondOpinion(run, region, asked, survivors);
    tell(`region ${region.name} lives, and only a dead primary's disk can be opened`);
  } catch (error) {
    signal.throwIfAborted();
    tell((error as Error).message);
  }
}

/**
 * Only a region that died has a disk to ask; a primary that lives is the serving one or was never
 * fenced.
 */
async function isDead(region: Region): Promise<boolean> {
  const looks = await Promise.all(region.nodes().map((node) => node.look(LOOK_MS)));
  return looks.every(({ state }) => state === 'dead');
}

function isDestroyed({ plan }: RunContext): boolean {
  return plan.faults.some(({ kind, disks }) => kind === 'lose-region' && disks === 'destroyed');
}

async function secondOpinion(
  run: RunContext,
  region: Region,
  { store, there }: { readonly store: StoreName; readonly there: Ids | null },
  survivors: SurvivorsWriter,
): Promise<void> {
  const dead = await region.openDead(store);
  if (dead === null) return;
  try {
    const from = dead.contents;
    const old = await read(run, { store, reading: READING, from }, survivors);
    if (old !== null && there !== null) await salvage(run, dead, old.without(there));
  } finally {
    await dead.stop();
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
    emit('run.noted', { text: `${NOT_SALVAGED}: ${(error as Error).message}` });
  }
}

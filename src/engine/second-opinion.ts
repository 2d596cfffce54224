// What the lost region's own disk says, asked after the fact; and the rows that stand there alone.
import type { StoreName } from '../drill/plan.ts';
import { runFile } from '../evidence/run-files.ts';
import { NOT_SALVAGED, writeSalvage } from '../evidence/salvage.ts';
import type { SurvivorsWriter } from '../evidence/survivors.ts';
import type { OrderId } from '../postgres/whole-orders.ts';
import type { DeadStore, System } from '../topology/system.ts';
import type { RunContext } from './context.ts';
import type { Ids } from './ids.ts';
import { NOTHING_READ, read } from './read-survivors.ts';
import { storeOf } from './store-load.ts';

const LOOK_MS = 500;

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
  if (isDestroyed(run)) tellThatItIsGone(run, store);
  else if (await isLostRegionDead(run, system)) await secondOpinion(run, system, asked, survivors);
  else tellThatItLives(run, system, store);
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
    emit('run.noted', { text: `${NOT_SALVAGED}: ${(error as Error).message}` });
  }
}

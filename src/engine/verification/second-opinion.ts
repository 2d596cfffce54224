// What the lost region's own disk says, asked after the fact; and the rows that stand there alone.
import { reasonOf } from '../../host/operation-failed.ts';
import { hasDisaster } from '../../drill/plan/clock.ts';
import type { StoreRole } from '../../drill/plan/plan.ts';
import { runFile } from '../../evidence/run-files.ts';
import { NOT_SALVAGED, writeSalvage } from '../../evidence/salvage.ts';
import type { SurvivorsWriter } from '../../evidence/survivors.ts';
import type { OrderId } from '../../evidence/restore.ts';
import type { RunContext } from '../frame/context.ts';
import { read, tellUnread, type Ids } from './read-survivors.ts';
import { storeIn } from '../../topology/system/region.ts';
import type { DeadStore } from '../../topology/system/store.ts';
import type { System } from '../../topology/system/system.ts';

const LOOK_MS = 500;
const READING = 'old-primary' as const;

/** The disk of a lost region, opened; or why it is not. */
export interface OldDisk {
  readonly store: StoreRole;
  readonly node: string;
  /** Null: nobody can be asked. Stopping it is the opener's business. */
  readonly dead: DeadStore | null;
  /** Null where there is nothing to say of it. */
  readonly why: string | null;
}

/** Starts what the lost region has on its disk, alone. */
export async function openOldDisk(
  run: RunContext,
  system: System,
  store: StoreRole,
): Promise<OldDisk> {
  const { from } = run.plan.replication;
  const { node } = storeIn(system.region(from), store);
  const unread = (why: string | null): OldDisk => ({ store, node, dead: null, why });
  // The server of somebody's own is read while it lives.
  if (!hasDisaster(run.plan) || system.lab === null) return unread(null);
  const region = system.lab.region(from);
  if (run.plan.faults.some(({ effect }) => effect.disks === 'destroyed')) {
    return unread(`the disks of region ${region.name} were destroyed`);
  }
  try {
    // Only a region that died has a disk to ask: a primary that lives serves, or was never fenced.
    const looks = await Promise.all(region.nodes().map((each) => each.look(LOOK_MS)));
    if (looks.every(({ state }) => state === 'dead')) {
      return { store, node, dead: await region.openDead(store), why: null };
    }
    return unread(`region ${region.name} lives, and only a dead primary's disk can be opened`);
  } catch (error) {
    return unread(reasonOf(error));
  }
}

/**
 * `there` is what serves; null: that is not known. Why there is no opinion stands in the journal.
 */
export async function askOldDisk(
  run: RunContext,
  { store, node, dead, why }: OldDisk,
  there: Ids | null,
  survivors: SurvivorsWriter,
): Promise<void> {
  run.signal.throwIfAborted();
  if (why !== null) return tellUnread(run.emit, { store, reading: READING, node }, why);
  if (dead === null) return;
  const old = await read(run, { store, reading: READING, from: dead }, survivors);
  if (old !== null && there !== null) await salvage(run, dead, old.without(there));
}

/** What stands on the dead disk alone is kept, before a rebuild takes the disk. */
async function salvage({ emit, place }: RunContext, { rowsOf }: DeadStore, ids: OrderId[]) {
  if (rowsOf === null || ids.length === 0) return;
  try {
    const rows = await rowsOf(ids);
    writeSalvage(runFile(place.directory, 'salvage'), rows);
    emit('rows.salvaged', { rows: rows.length });
  } catch (error) {
    emit('run.noted', { text: `${NOT_SALVAGED}: ${reasonOf(error)}`, about: 'salvage' });
  }
}

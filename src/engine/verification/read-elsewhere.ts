// Of a system of somebody's own: what stands in a server that takes writes and that the system does
// not call its primary. It is read while that server lives and before anything is undone: what
// rewinds it afterwards erases those rows for good.
import { runFile } from '../../evidence/run-files.ts';
import { STORE_FILES } from '../../evidence/evidence.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { OwnSystem } from '../../topology/system/own.ts';
import { ordersIn } from '../../topology/system/region.ts';
import type { System } from '../../topology/system/system.ts';
import type { RunContext } from '../frame/context.ts';
import { Ids, withSurvivors } from './read-survivors.ts';
import { askOldDisk } from './second-opinion.ts';
import { existsSync } from 'node:fs';
import { oneAfterTheOther } from '../../base/all-done.ts';
import type { DeadStore } from '../../topology/system/store.ts';

/** Nothing where no such server is seen. What cannot be read stands in the journal. */
export async function readElsewhere(run: RunContext, system: System): Promise<void> {
  const { own } = system;
  if (own === null) return;
  try {
    const [named = ''] = await system.serving(run.signal);
    const serving = ordersIn(system.region(named));
    const elsewhere = own.takingWrites().filter(({ node }) => node !== serving.node);
    const old = asOne(elsewhere);
    if (old === null) return;
    const there = new Ids();
    await serving.readRows((row) => there.add(row));
    const disk = { store: 'orders', node: old.node, dead: old, why: null } as const;
    await withSurvivors(run, 'orders', 'new', (file) => askOldDisk(run, disk, there, file));
  } catch (error) {
    run.signal.throwIfAborted();
    const checks = [{ name: 'what stands elsewhere is read', ok: false, detail: reasonOf(error) }];
    run.emit('verification.checked', { checks });
  }
}

/** What several hold is read one after the other, and is known where all of it was. */
function asOne(stores: readonly DeadStore[]): DeadStore | null {
  const [first, ...others] = stores;
  if (first === undefined || others.length === 0) return first ?? null;
  return {
    ...first,
    node: stores.map(({ node }) => node).join(' and '),
    readRows: async (onRow) => {
      const read = await oneAfterTheOther(stores.map((each) => () => each.readRows(onRow)));
      const rows = read.reduce((sum, each) => sum + each.rows, 0);
      return { ...read[0]!, rows };
    },
    rowsOf: async (ids) => {
      const found = await oneAfterTheOther(stores.map((each) => async () => each.rowsOf!(ids)));
      const known = found.flat().map((row) => [`${row.writer}-${row.sequence}`, row] as const);
      return [...new Map(known).values()];
    },
  };
}

/** Whether something was read before the cut, which stands in the file of survivors. */
export function hasReadElsewhere({ place }: RunContext, own: OwnSystem | null): boolean {
  return own !== null && existsSync(runFile(place.directory, STORE_FILES.orders.survivors));
}

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

/** Nothing where no such server is seen. What cannot be read stands in the journal. */
export async function readElsewhere(run: RunContext, system: System): Promise<void> {
  const { own } = system;
  if (own === null) return;
  try {
    const [named = ''] = await system.serving(run.signal);
    const serving = ordersIn(system.region(named));
    const elsewhere = own.takingWrites().filter(({ node }) => node !== serving.node);
    const [old] = elsewhere;
    if (old === undefined) return;
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

/** Whether something was read before the cut, which stands in the file of survivors. */
export function hasReadElsewhere({ place }: RunContext, own: OwnSystem | null): boolean {
  return own !== null && existsSync(runFile(place.directory, STORE_FILES.orders.survivors));
}

// The nodes that have a disk of their own of a bounded size: those that a fault is to fill. Every
// other node writes to the disks of the machine, which no drill may fill.
import type { Plan } from './plan.ts';

/** Room for a database of a drill and for its log, of which it keeps less than others. */
export const BOUNDED_DISK_BYTES = 512 * 2 ** 20;

export function boundedDisks({ faults }: Pick<Plan, 'faults'>): readonly string[] {
  const nodes = faults.flatMap((fault) => (fault.kind === 'fill-disk' ? [fault.node] : []));
  return [...new Set(nodes)];
}

// What rows of the databases' own (`topology.data`) add to a drill: room on the disk, and time for
// whatever moves them. Pure.
import type { Plan } from './plan.ts';

/**
 * A limit for what hangs. On two busy cores (load 6) 200 MB were filled in at 36 MB/s; a base
 * backup, which goes through them three times, came at 14 to 72 MB/s, and a copy at 330 MB/s.
 */
const SLOWEST_BYTES_PER_S = 10e6;
/** Files that belong to no row, and what a growing database has besides. */
const SPARE = 1.05;

/** The most that it may take to go through all of the data so often, in milliseconds. */
export function passesMs({ data_bytes = 0 }: Pick<Plan, 'data_bytes'>, passes: number): number {
  return Math.ceil((passes * data_bytes * 1_000) / SLOWEST_BYTES_PER_S);
}

export interface DataRoom {
  /** What takes it: `2 databases`. */
  readonly parts: readonly string[];
  /** For the databases and base backups of one run. */
  readonly run_bytes: number;
  /** For the filled template, which is made once for each size. */
  readonly template_bytes: number;
}

/** Null where the databases have no rows of their own. */
export function dataRoom(plan: Plan): DataRoom | null {
  const { data_bytes, backup } = plan;
  if (data_bytes === undefined) return null;
  // Both regions have one, from the beginning or after the restore.
  const counted: [number, string][] = [[plan.regions.length, 'databases']];
  // The newest one is there before the oldest one goes.
  if (backup !== null) counted.push([backup.keep + 1, 'base backups']);
  // Its files go at the end of the run.
  if (hasDestroyed(plan) && plan.failback) counted.push([1, 'destroyed database']);
  const copies = counted.reduce((sum, [count]) => sum + count, 0);
  const template_bytes = Math.ceil(SPARE * data_bytes);
  const parts = counted.map(([count, what]) => `${count} ${what}`);
  return { parts, run_bytes: copies * template_bytes, template_bytes };
}

function hasDestroyed({ faults }: Plan): boolean {
  return faults.some((fault) => fault.kind === 'lose-region' && fault.disks === 'destroyed');
}

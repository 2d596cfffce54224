// Whether two regions that serve hold the same: a row that they hold differently has diverged, and
// nobody else would say so.
import { reasonOf } from '../../host/operation-failed.ts';
import type { RunContext } from '../frame/context.ts';
import { needed } from '../../topology/system/region.ts';
import type { System } from '../../topology/system/system.ts';

/** What cannot be compared proves nothing. */
export async function compareRegions(
  { emit, signal }: RunContext,
  { bidirectional }: System,
): Promise<void> {
  const both = needed(bidirectional, 'bidirectional', 'the system');
  try {
    const { tables, differing, listed } = await both.compare();
    for (const row of listed) emit('row.diverged', row);
    const sums = Object.entries(tables).map(([table, sides]) => {
      const each = Object.entries(sides).map(([region, { rows }]) => `${region} ${rows}`);
      return `${table}: ${each.join(', ')}`;
    });
    const rows = Object.values(tables).reduce(
      (sum, sides) => sum + Math.max(...Object.values(sides).map((side) => side.rows)),
      0,
    );
    const detail = `rows of ${sums.join('; ')}`;
    emit('convergence.checked', { rows, differing, ok: differing === 0, detail });
  } catch (error) {
    signal.throwIfAborted();
    const checks = [{ name: 'both regions compared', ok: false, detail: reasonOf(error) }];
    emit('verification.checked', { checks });
  }
}

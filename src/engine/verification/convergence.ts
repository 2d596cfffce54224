// Whether two regions that serve hold the same: a row that they hold differently has diverged, and
// nobody else would say so.
import { reasonOf } from '../../host/operation-failed.ts';
import type { RunContext } from '../frame/context.ts';
import type { Bidirectional } from '../../topology/system/protection.ts';
import type { Region } from '../../topology/system/region.ts';
import type { System } from '../../topology/system/system.ts';

/** Two regions that serve must hold the same: what differs is a row that has diverged. */
export async function compareRegions(
  run: RunContext,
  system: System,
  regions: readonly Region[],
): Promise<void> {
  if (regions.length < 2 || system.bidirectional === null) return;
  await tellConvergence(run, system.bidirectional);
}

/** Once more after a return; what cannot be compared proves nothing. */
export async function tellConvergence(
  run: RunContext,
  bidirectional: Bidirectional,
): Promise<void> {
  const { emit, signal } = run;
  try {
    const { tables, differing, listed } = await bidirectional.compare();
    for (const row of listed) emit('row.diverged', { ...row, values: { ...row.values } });
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

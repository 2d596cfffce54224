// Two servers of a system of somebody's own that took writes at the same time, and clients that
// were led to another one than the system calls its primary: each is a fault that the system has.
import { formatDuration } from '../../base/units.ts';
import { named, STORES } from '../../drill/stores.ts';
import type { Failure } from '../measured.ts';
import type { Disaster, Timeline } from '../timeline.ts';

export function twoPrimariesFailures(run: Timeline, { started_ms }: Disaster): Failure[] {
  const overlaps = new Map(
    // The last word of each has its end.
    run.all('primaries.overlapped').map((each) => [each.nodes.join(' and '), each] as const),
  );
  const both = [...overlaps].map(([nodes, { from_ms, to_ms }]): Failure => {
    const [since, until] = [from_ms, to_ms].map((ms) => formatDuration(ms - started_ms));
    const text =
      `${nodes} both took writes, from ${since} to ${until} after the fault: ` +
      'the old primary was not fenced.';
    return { code: 'two-primaries', text };
  });
  const elsewhere = run.all('marker.sought').flatMap(({ store, serving, found }): Failure[] => {
    if (found.length === 0) return [];
    const text =
      `${named('What clients write', store)} goes to ${found.join(' and ')}, and the system ` +
      `calls ${serving} its primary.`;
    return [{ code: 'written-elsewhere', store: STORES[store].written, text }];
  });
  return [...both, ...elsewhere];
}

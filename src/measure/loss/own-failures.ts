// What a system of somebody's own is found to do: two servers that take writes at the same time,
// clients that are led to another one than it calls its primary, a server that never follows again.
import { formatDuration } from '../../base/units.ts';
import { named, STORES } from '../../drill/stores.ts';
import type { Failure } from '../measured.ts';
import type { Disaster, Timeline } from '../timeline.ts';
import { plainDetail } from '../words.ts';

export function ownFailures(run: Timeline, { started_ms }: Disaster): Failure[] {
  const overlaps = new Map(
    // The last word of each has its end.
    run.all('primaries.overlapped').map((each) => [each.nodes.join(' and '), each] as const),
  );
  const both = [...overlaps].map(([nodes, { from_ms, to_ms }]): Failure => {
    const [since, until] = [from_ms, to_ms].map((ms) => formatDuration(ms - started_ms));
    const when = `from ${since} to ${until} after the fault`;
    const isLate = from_ms >= run.failback_ms;
    const where = isLate ? `In the failback ${nodes}` : nodes;
    const text = `${where} both took writes, ${when}: the old primary was not fenced.`;
    return { code: 'two-primaries', text };
  });
  const elsewhere = run.all('marker.sought').flatMap(({ store, serving, found }): Failure[] => {
    if (found.length === 0) return [];
    const text =
      `${named('What clients write', store)} goes to ${found.join(' and ')}, and the system ` +
      `calls ${serving} its primary.`;
    return [{ code: 'written-elsewhere', store: STORES[store].written, text }];
  });
  return [...both, ...elsewhere, ...unprotected(run)];
}

/** A standby that answers like one, and never gets a row, is none. */
function unprotected(run: Timeline): Failure[] {
  const open = run.all('servers.followed').flatMap(({ checks, ms }) => {
    return checks.filter(({ ok }) => !ok).map((check) => ({ ...check, ms }));
  });
  return open.map(({ name, detail, ms }) => {
    const after = `${formatDuration(ms)} after all was undone`;
    const text = `Not protected again, ${after}: ${name}? ${plainDetail(detail)}.`;
    return { code: 'not-protected', text };
  });
}

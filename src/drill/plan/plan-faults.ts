// The faults of a plan: their times drawn, their defaults filled in, the disaster among them
// marked.
import { randomStream } from '../../base/random.ts';
import { parseDuration } from '../../base/units.ts';
import { disasterAmong } from './fault-facts.ts';
import { regionAtEdge, replicationLink } from './plan.ts';
import type { PlannedFault, PlannedReplication, Strategy } from './plan.ts';
import type { Drill } from '../file/schema.ts';
import { STRATEGY_FACTS } from './strategies.ts';

type Fault = Drill['faults'][number];

export const SLOW_MS = parseDuration('2s')!;
export const MISTAKE_SHARE = 0.5;

/** In the order of their times. */
export function plannedFaults(
  drill: Drill,
  replication: PlannedReplication,
  seed: number,
): PlannedFault[] {
  const draw = randomStream(seed);
  // One draw per fault in file order, range or not, so that changing one fault leaves the others
  // where they were.
  const timed = drill.faults.map((fault) => {
    const chance = draw();
    const { from_ms, to_ms } = fault.at;
    return { fault, at_ms: Math.round(from_ms + chance * (to_ms - from_ms)) };
  });
  const isLater = ({ fault }: (typeof timed)[number]) => Number(!fault.at.beforehand);
  const ordered = timed.sort((a, b) => isLater(a) - isLater(b) || a.at_ms - b.at_ms);
  const disaster = disasterAmong(ordered.map(({ fault }) => fault));
  return ordered.map(({ fault, at_ms }, index) => {
    const { kind, at } = fault;
    return {
      ...{ index, kind, region: regionOf(fault, replication) },
      ...{ at_ms, beforehand: at.beforehand, disaster: index === disaster },
      how: fault.how ?? 'kill',
      disks: fault.disks ?? disksAfter(fault, drill.topology.strategy),
      heal_after_ms: fault.heal_after ?? null,
      link:
        kind === 'slow-link' || kind === 'cut-link'
          ? {
              name: fault.link ?? replicationLink(replication),
              latency_ms: fault.latency ?? SLOW_MS,
            }
          : null,
      mistake:
        kind === 'corrupt-data'
          ? { statement: fault.statement ?? 'delete', share: fault.share ?? MISTAKE_SHARE }
          : null,
    };
  });
}

/** Whom it hits: an edge link is its region's, and everything else begins where clients write. */
function regionOf({ region, link }: Fault, replication: PlannedReplication): string {
  const atEdge =
    link === undefined || link === replicationLink(replication) ? null : regionAtEdge(link);
  return region ?? atEdge ?? replication.from;
}

/**
 * Of a fault that says nothing of disks: a region that is restored from backups lost them with its
 * power; else, and of whatever lives on, they tell what was lost.
 */
export function disksAfter(
  { kind, how = 'kill' }: Pick<Fault, 'kind' | 'how'>,
  strategy: Strategy,
): PlannedFault['disks'] {
  const isKilled = kind === 'lose-region' && how === 'kill';
  return isKilled && STRATEGY_FACTS[strategy].hasBackups ? 'destroyed' : 'kept';
}

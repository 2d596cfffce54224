// The faults of a plan: their times drawn, their defaults filled in, the disaster among them
// marked.
import { randomStream } from '../base/random.ts';
import { parseDuration } from '../base/units.ts';
import { disasterAmong } from './fault-facts.ts';
import { replicationLink } from './plan.ts';
import type { PlannedFault, PlannedReplication } from './plan.ts';
import type { Drill } from './schema.ts';
import { STRATEGY_FACTS } from './strategies.ts';

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
      ...{ index, kind, region: fault.region ?? replication.from },
      ...{ at_ms, beforehand: at.beforehand, disaster: index === disaster },
      how: fault.how ?? 'kill',
      disks: fault.disks ?? disksAfter(drill),
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

/** What is restored from backups is what lost its disks; else they tell what was lost. */
function disksAfter({ topology }: Pick<Drill, 'topology'>): PlannedFault['disks'] {
  return STRATEGY_FACTS[topology.strategy].hasBackups ? 'destroyed' : 'kept';
}

// The faults of a plan: their times drawn, their defaults filled in, the disaster among them
// marked.
import { randomStream } from '../../base/random.ts';
import type { AnyPlannedFault, DrillFault, PlannedFault } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import { byTime, disasterAmong, outcomeOf } from './disaster.ts';
import { regionAtEdge, type PlannedReplication } from './plan.ts';

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
  const ordered = byTime(timed);
  const faults = ordered.map(({ fault }) => fault);
  const disaster = disasterAmong(faults, drill);
  return ordered.map(({ fault, at_ms }, index) => {
    const { own, effect } = outcomeOf(fault, drill);
    const all: AnyPlannedFault = {
      index,
      kind: fault.kind,
      region: regionOf(fault, replication),
      at_ms,
      beforehand: fault.at.beforehand,
      disaster: index === disaster,
      heal_after_ms: fault.heal_after ?? null,
      effect,
    };
    return { ...all, ...own } as PlannedFault;
  });
}

/** Whom it hits: an edge link is its region's, and everything else begins where clients write. */
function regionOf({ region, node, link }: DrillFault, replication: PlannedReplication): string {
  const ofNode = node?.split('/')[0];
  const atEdge = link === undefined ? null : regionAtEdge(link);
  return region ?? ofNode ?? atEdge ?? replication.from;
}

// The link across which nobody gets an answer while a fault lasts.
import type { FaultKind, PlannedFault } from '../../drill/fault/registry.ts';
import { edgeLink, replicationLink, type Plan } from '../../drill/plan/plan.ts';

type Silencing = 'partition' | 'blackhole' | 'refuse' | 'reset-connections';
const SILENCING: readonly FaultKind[] = ['partition', 'blackhole', 'refuse', 'reset-connections'];

/** Null where there is none; of a region that is cut off whole, its effect says so. */
export function silencedLink(fault: PlannedFault, { replication }: Plan): string | null {
  if (fault.kind === 'lose-network') {
    if (fault.of === 'both') return null;
    return fault.of === 'clients' ? edgeLink(fault.region) : replicationLink(replication);
  }
  return isOnLink(fault) ? fault.link : null;
}

function isOnLink(fault: PlannedFault): fault is PlannedFault<Silencing> {
  return SILENCING.includes(fault.kind);
}

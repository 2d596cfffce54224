// What the processes of a system have used.
import type { NodeUsage } from '../../evidence/event.ts';
import { usageOf } from '../../host/processes.ts';
import type { Region } from '../system.ts';

/** By node; a dead one is left out. */
export function usageOfRegions(regions: readonly Region[]): NodeUsage[] {
  return regions
    .flatMap((region) => region.nodes())
    .flatMap((node) => {
      const pids = node.pids();
      return pids.length === 0 ? [] : [{ node: node.node, ...usageOf(pids) }];
    });
}

// What the processes of a system have used.
import type { NodeUsage } from '../../evidence/event.ts';
import { diskBytes } from '../../host/disk-usage.ts';
import { usageOf } from '../../host/processes.ts';
import type { Region, SystemUsage } from '../system.ts';
import { replicatedBytes } from '../replicated-bytes.ts';

/** A dead node is left out. `directories` are the data directories, by node. */
export async function usageOfRegions(
  regions: readonly Region[],
  primary: string,
  directories: ReadonlyMap<string, string>,
  others: readonly { readonly node: string; pids(): readonly number[] }[] = [],
): Promise<SystemUsage> {
  const living = [...regions.flatMap((region) => region.nodes()), ...others]
    .map((node) => ({ node: node.node, pids: node.pids() }))
    .filter(({ pids }) => pids.length > 0);
  const nodes = living.map(async ({ node, pids }): Promise<NodeUsage> => {
    const directory = directories.get(node);
    const disk_bytes = directory === undefined ? 0 : await diskBytes(directory);
    return { node, ...usageOf(pids), disk_bytes };
  });
  const from = regions.find(({ name }) => name === primary)!;
  return { nodes: await Promise.all(nodes), replicated_bytes: await replicatedBytes(from) };
}

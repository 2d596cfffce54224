// What the processes of a system have used.
import type { NodeUsage } from '../../evidence/event.ts';
import { diskBytes } from '../../host/disk-usage.ts';
import { usageOf } from '../../host/process/processes.ts';
import { replicatedBytes } from '../assembled/replicated-bytes.ts';
import type { NodeState } from '../system/node.ts';
import type { Backups, Bidirectional } from '../system/protection.ts';
import type { Region } from '../system/region.ts';
import type { SystemUsage } from '../system/system.ts';

interface Used {
  readonly regions: readonly Region[];
  /** Name of the region that replication comes from. */
  readonly from: string;
  /** Where nodes keep their data, by node. */
  readonly directories: ReadonlyMap<string, string>;
  /** The storage with its process; null where the strategy has none. */
  readonly storage: { readonly node: Pick<NodeState, 'node' | 'pids'>; storage: Backups } | null;
  readonly bidirectional: Bidirectional | null;
}

/** A dead node is left out. */
export async function usageOfRegions(used: Used): Promise<SystemUsage> {
  const { regions, from, directories, storage, bidirectional } = used;
  const all = [...regions.flatMap((region) => region.nodes()), ...(storage ? [storage.node] : [])];
  const living = all
    .map((node) => ({ node: node.node, pids: node.pids() }))
    .filter(({ pids }) => pids.length > 0);
  const nodes = living.map(async ({ node, pids }): Promise<NodeUsage> => {
    const directory = directories.get(node);
    const disk_bytes = directory === undefined ? 0 : await diskBytes(directory);
    return { node, ...usageOf(pids), disk_bytes };
  });
  const source = regions.find(({ name }) => name === from)!;
  const crossed = { from: source, backups: storage?.storage ?? null, bidirectional: bidirectional };
  return { nodes: await Promise.all(nodes), replicated_bytes: await replicatedBytes(crossed) };
}

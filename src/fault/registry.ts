// What it takes to break each kind of thing, by its kind in the drill file.
import type { FaultKind } from '../drill/fault/registry.ts';
import type { Fault } from './fault.ts';
import { breakArchive } from './break-archive.ts';
import { corruptData } from './corrupt-data.ts';
import { killNode } from './kill-node.ts';
import { latency } from './latency.ts';
import { loseRegion } from './lose-region.ts';
import { maintenance } from './maintenance.ts';
import { partition } from './partition.ts';

const byKind: { readonly [K in FaultKind]: Fault<K> } = {
  'lose-region': loseRegion,
  maintenance,
  'corrupt-data': corruptData,
  'break-archive': breakArchive,
  latency,
  partition,
  'kill-node': killNode,
};

export const faults: readonly Fault[] = Object.values(byKind);

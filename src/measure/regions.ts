// Which region a node belongs to: the part of its name before the slash.
import { regionOf } from '../base/node-name.ts';

/** Regions by the node numbers of a ledger; a number without a node has none. */
export function regionsOfNodes(nodes: readonly string[]): readonly (string | undefined)[] {
  return nodes.map(regionOf);
}

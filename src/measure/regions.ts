// Which region a node belongs to: the part of its name before the slash.

/** `east` for `east/app-1`. */
function regionOf(node: string): string {
  return node.split('/', 1)[0]!;
}

/** Regions by the node numbers of a ledger; a number without a node has none. */
export function regionsOfNodes(nodes: readonly string[]): readonly (string | undefined)[] {
  return nodes.map(regionOf);
}

// The name of a node: its region, a slash, and what it is there.

/** `east` for `east/app-1`. */
export function regionOf(node: string): string {
  return node.split('/', 1)[0]!;
}

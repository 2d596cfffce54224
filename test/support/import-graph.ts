// The imports of a source tree as a graph, types included: circles between files, and circles
// between the folders inside one top folder.

const IMPORT = /(?:^|\s)(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'|import\('([^']+)'\)/g;

export interface Import {
  readonly line: number;
  /** As it is written. */
  readonly target: string;
}

/** Every import of a file, dynamic ones and those of types too. */
export function importsOf(text: string): Import[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const line = text.slice(0, match.index + 1).split('\n').length;
    return { line, target: (match[1] ?? match[2])! };
  });
}

/** The path that a relative import of `path` leads to: `src/a/b.ts`, `./c.ts` → `src/a/c.ts`. */
export function resolveImport(path: string, target: string): string {
  return new URL(target, `file:///${path}`).pathname.slice(1);
}

type Graph = Map<string, Set<string>>;

/** Circles among the files: `src/a.ts → src/b.ts → src/a.ts`. */
export function fileCircles(files: ReadonlyMap<string, string>): string[] {
  return circlesOf(graphOf(files, (path) => path));
}

/**
 * Circles inside a top folder, where a sub-folder counts as one and a file beside the sub-folders
 * counts by itself: `topology/reuse.ts → topology/compose → topology/reuse.ts`.
 */
export function folderCircles(files: ReadonlyMap<string, string>): string[] {
  return circlesOf(graphOf(files, unitOf));
}

/** `src/topology/compose/a.ts` → `topology/compose`; `src/topology/a.ts` → `topology/a.ts`. */
function unitOf(path: string): string {
  const parts = path.split('/').slice(1);
  return parts.length > 2 ? parts.slice(0, 2).join('/') : parts.join('/');
}

function graphOf(files: ReadonlyMap<string, string>, unit: (path: string) => string): Graph {
  const graph: Graph = new Map();
  for (const [path, text] of files) {
    const from = unit(path);
    const targets = graph.get(from) ?? new Set<string>();
    graph.set(from, targets);
    for (const { target } of importsOf(text)) {
      if (!target.startsWith('.')) continue;
      const to = unit(resolveImport(path, target));
      if (to !== from) targets.add(to);
      else if (resolveImport(path, target) === path) targets.add(from);
    }
  }
  return graph;
}

/** One circle for each group of nodes that reach each other (Tarjan's components). */
function circlesOf(graph: Graph): string[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    const isCircle = group.length > 1 || graph.get(node)?.has(node) === true;
    if (isCircle) circles.push(circleThrough(graph, new Set(group)));
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return circles.sort();
}

/** The shortest way from one node of the group back to it. */
function circleThrough(graph: Graph, group: ReadonlySet<string>): string {
  const start = [...group].sort()[0]!;
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (;;) {
    const way = ways.shift()!;
    for (const next of graph.get(way.at(-1)!) ?? []) {
      if (next === start) return [...way, start].join(' → ');
      if (!group.has(next) || seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
}

// Values from several sources, laid over each other, with the memory of where each came from.
import type { Origin, Path, TreeLayer } from './yaml-source.ts';

/** One value for one key, from the environment or a flag. */
export interface ValueLayer {
  /** `DRILL_TARGETS_RTO`, `--set targets.rto`, `--runtime` */
  readonly name: string;
  readonly path: Path;
  readonly value: unknown;
}

/** Keys whose value is replaced as a whole by a higher YAML source. */
export const REPLACED = new Set(['topology.regions']);

export class Layers {
  #tree: unknown;
  readonly #origins = new Map<string, { path: Path; origin: Origin | null }>();

  /** `value` stands at `path` unless a source states something else: a default. */
  constructor(path: Path, value: unknown) {
    this.#tree = setIn({}, path, value);
    this.#origins.set(keyOf(path), { path, origin: null });
  }

  get tree(): unknown {
    return this.#tree;
  }

  addTree(layer: TreeLayer): void {
    this.#tree = this.#merge(this.#tree, layer.tree, [], layer);
  }

  addValue(layer: ValueLayer): Origin {
    const origin = { name: layer.name, locate: () => null };
    this.#tree = setIn(this.#tree, layer.path, layer.value);
    this.#claim(layer.path, origin);
    return origin;
  }

  /** The source of the value at a path, or of the nearest part above it; null for a default. */
  originOf(path: Path): Origin | null {
    const at = upwards(path).find((above) => this.#origins.has(keyOf(above)));
    return at === undefined ? null : this.#origins.get(keyOf(at))!.origin;
  }

  #merge(below: unknown, above: unknown, path: Path, origin: Origin): unknown {
    if (!isMapping(below) || !isMapping(above) || REPLACED.has(path.join('.'))) {
      this.#claim(path, origin);
      return above;
    }
    if (path.length === 0) this.#claimOne(path, origin);
    const merged = new Map(Object.entries(below));
    for (const [key, value] of Object.entries(above)) {
      merged.set(key, this.#merge(merged.get(key), value, [...path, key], origin));
    }
    return Object.fromEntries(merged);
  }

  #claim(path: Path, origin: Origin): void {
    for (const [key, entry] of this.#origins) {
      if (isAbove(path, entry.path)) this.#origins.delete(key);
    }
    this.#claimOne(path, origin);
  }

  #claimOne(path: Path, origin: Origin): void {
    this.#origins.set(keyOf(path), { path, origin });
  }
}

/** The path, and those above it from the nearest one on. */
export function upwards(path: Path): Path[] {
  return [path, ...path.map((_, up) => path.slice(0, path.length - 1 - up))];
}

export function isAbove(above: Path, path: Path): boolean {
  return above.length < path.length && above.every((part, i) => String(part) === String(path[i]));
}

function keyOf(path: Path): string {
  return path.join('\0');
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path, and whether there is one. */
export function lookUp(tree: unknown, path: Path): { found: boolean; value: unknown } {
  let value = tree;
  for (const part of path) {
    const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, part);
    if (!inside) return { found: false, value: undefined };
    value = (value as Record<string | number, unknown>)[part];
  }
  return { found: true, value };
}

/** A copy of the tree with the value at the path; mappings replace what is in the way of it. */
export function setIn(tree: unknown, path: Path, value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (Array.isArray(tree) && /^[0-9]{1,4}$/.test(String(first)) && Number(first) <= tree.length) {
    const index = Number(first);
    return tree.toSpliced(index, 1, setIn(tree[index], rest, value));
  }
  const mapping = new Map(Object.entries(isMapping(tree) ? tree : {}));
  mapping.set(String(first), setIn(mapping.get(String(first)), rest, value));
  return Object.fromEntries(mapping);
}

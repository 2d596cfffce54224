// The keys of a drill file, from its JSON schema: for "did you mean", DRILL_* and `--explain`.
import { drillJsonSchema } from './schema.ts';
import type { Path } from './yaml-source.ts';

/** A part of a JSON schema, as far as it is used here. */
export interface KeyNode {
  readonly properties?: Readonly<Record<string, KeyNode>>;
  readonly additionalProperties?: KeyNode | boolean;
  readonly items?: KeyNode;
  readonly anyOf?: readonly KeyNode[];
  /** The forms of a mapping, one for each value of a key of theirs (`kind`). */
  readonly oneOf?: readonly KeyNode[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
}

let root: KeyNode | null = null;

export function keyTree(): KeyNode {
  root ??= drillJsonSchema() as KeyNode;
  return root;
}

/** The keys that are known below a path: none where keys are free or there is no such path. */
export function knownKeys(path: Path): string[] {
  return keysAt(keyTree(), path);
}

/** The keys below a path of any schema. */
export function keysAt(tree: KeyNode, path: Path): string[] {
  const node = nodeAt(tree, path);
  const alternatives = [node, ...(node?.anyOf ?? []), ...(node?.oneOf ?? [])];
  return [...new Set(alternatives.flatMap((each) => Object.keys(each?.properties ?? {})))];
}

/** The first key below a path that can have this word as its value; null: there is none. */
export function keyTaking(path: Path, word: string): string | null {
  const properties = Object.entries(nodeAt(keyTree(), path)?.properties ?? {});
  return properties.find(([, node]) => node.enum?.includes(word))?.[0] ?? null;
}

/** The one place for a key of that name in the file, whose own place is another; null: not one. */
export function homeOf(key: string): string[] | null {
  const homes = placesOf(keyTree(), key);
  return homes.length === 1 ? homes[0]! : null;
}

function placesOf({ properties = {} }: KeyNode, key: string): string[][] {
  const inside = Object.entries(properties).flatMap(([name, node]) =>
    placesOf(node, key).map((path) => [name, ...path]),
  );
  return Object.hasOwn(properties, key) ? [[key], ...inside] : inside;
}

function nodeAt(tree: KeyNode, path: Path): KeyNode | null {
  let node: KeyNode | null = tree;
  for (const part of path) node = node === null ? null : childOf(node, part);
  return node;
}

export function childOf(node: KeyNode, part: string | number): KeyNode | null {
  for (const { properties } of [node, ...(node.oneOf ?? [])]) {
    if (properties && Object.hasOwn(properties, part)) return properties[part]!;
  }
  if (node.items && /^[0-9]+$/.test(String(part))) return node.items;
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : null;
}

/**
 * The path that an environment variable's name stands for: `TARGETS_RTO` is `targets.rto`, and
 * `TOPOLOGY_LINKS_EAST_WEST…` finds the link `east-west` when the tree has it. Where a name leads
 * to no key, the path so far and the unknown rest in lower case; null when not even its first key
 * is known.
 */
export function pathOfVariable(name: string, tree: unknown): Path | null {
  const path = descend(keyTree(), name, tree);
  return path.length === 1 && !knownKeys([]).includes(path[0]!) ? null : path;
}

function descend(node: KeyNode, rest: string, tree: unknown): string[] {
  const present: Record<string, unknown> = typeof tree === 'object' ? { ...tree } : {};
  const isOpen = node.items !== undefined || typeof node.additionalProperties === 'object';
  const names = [...keysAt(node, []), ...(isOpen ? Object.keys(present) : [])];
  const fits = names
    .filter((key) => rest === variableOf(key) || rest.startsWith(`${variableOf(key)}_`))
    .sort((a, b) => b.length - a.length);
  const [key] = fits;
  if (key === undefined) return [rest.toLowerCase()];
  const after = rest.slice(variableOf(key).length + 1);
  if (after === '') return [key];
  return [key, ...descend(childOf(node, key) ?? {}, after, present[key])];
}

function variableOf(key: string): string {
  return key.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

// Layers that are checked as they are laid: what is wrong is said of the source that made it so.
import type { Diagnostic } from './diagnostic.ts';
import { closest } from '../../base/closest.ts';
import { knownKeys } from './key-tree.ts';
import { diagnosticAt, findingsOf, issueMessage, type Finding } from './issues.ts';
import { Layers, isAbove, isMapping, lookUp, upwards, type ValueLayer } from './layers.ts';
import { drillSchema, type Drill } from './schema.ts';
import { DEFAULT_REGIONS } from './schema-topology.ts';
import type { Origin, Path, TreeLayer } from './yaml-source.ts';

export const KEY_IS_MISSING = 'this key is required and missing';

export class CheckedLayers {
  readonly layers = new Layers(['topology', 'regions'], DEFAULT_REGIONS);
  readonly problems: Diagnostic[] = [];
  /** Where something is wrong. */
  readonly broken: Path[] = [];

  addTree(layer: TreeLayer): void {
    this.layers.addTree(layer);
    for (const finding of this.#findings()) {
      if (this.layers.originOf(finding.path) === layer) this.#tell(layer, finding);
    }
  }

  /**
   * A value can also be wrong by where it stands: what it goes through is no list any more, or no
   * text. What was said of that place before is not said again.
   */
  addValue(layer: ValueLayer): void {
    const before = this.layers.tree;
    const said = new Set(this.broken.map((path) => path.join('.')));
    const origin = this.layers.addValue(layer);
    for (const finding of this.#findings()) {
      const { path, message } = finding;
      if (this.layers.originOf(path) === origin) this.#tell(origin, finding);
      else if (isAbove(path, layer.path) && !said.has(path.join('.'))) {
        this.#tell(origin, { ...finding, message: message + itemsHint(before, path) });
      }
    }
  }

  /** Required keys that no source states; they are shown at the mapping that lacks them. */
  tellMissing(): void {
    for (const { path } of validate(this.layers.tree).findings) {
      if (lookUp(this.layers.tree, path).found) continue;
      this.broken.push(path);
      const above = path.slice(0, -1);
      if (!lookUp(this.layers.tree, above).found || this.#isMistyped(path)) continue;
      this.#tellOf(this.makerOf(above), path, above, KEY_IS_MISSING);
    }
  }

  /** Whether a key beside it was told to be meant as this one: that says it all. */
  #isMistyped(path: Path): boolean {
    const [key, above] = [path.at(-1), path.slice(0, -1).join('.')];
    const known = knownKeys(path.slice(0, -1));
    return this.broken.some((other) => {
      const typed = String(other.at(-1));
      if (other.slice(0, -1).join('.') !== above || known.includes(typed)) return false;
      return closest(typed, known) === key;
    });
  }

  /** The drill, where nothing is wrong; null and the reason where something is after all. */
  drill(): Drill | null {
    const { drill, findings } = validate(this.layers.tree);
    for (const { path, message } of findings) {
      this.#tellOf(this.makerOf(path), path, path, message);
    }
    return drill;
  }

  /** Whose a mapping is: its own source's, or, where that has no such key, of what stands in it. */
  makerOf(path: Path): Origin | null {
    const origin = this.layers.originOf(path);
    const { value } = lookUp(this.layers.tree, path);
    const isStated = origin !== null && origin.locate(path, 'key') !== null;
    const [first] = isStated || !isMapping(value) ? [] : Object.keys(value);
    return (first === undefined ? null : this.layers.originOf([...path, first])) ?? origin;
  }

  /** The findings about what is stated. */
  #findings(): Finding[] {
    const { findings } = validate(this.layers.tree);
    return findings.filter(({ path }) => lookUp(this.layers.tree, path).found);
  }

  #tell(origin: Origin, finding: Finding): void {
    this.problems.push(diagnosticAt(origin, finding));
    this.broken.push(finding.path);
  }

  #tellOf(origin: Origin | null, path: Path, at: Path, message: string): void {
    const [source, place] = [origin?.name ?? '', nearestPlace(origin, at)];
    this.problems.push({ severity: 'error', path: path.join('.'), message, source, place });
  }
}

function validate(tree: unknown): { readonly drill: Drill | null; readonly findings: Finding[] } {
  const parsed = drillSchema.safeParse(tree, { error: issueMessage, reportInput: true });
  if (parsed.success) return { drill: parsed.data, findings: [] };
  return { drill: null, findings: findingsOf(parsed.error.issues) };
}

/** What can stand below a list, for a value that was to go through it in another way. */
function itemsHint(before: unknown, path: Path): string {
  const { value } = lookUp(before, path);
  if (!Array.isArray(value)) return '';
  const name = path.join('.');
  const items = value.map((_, index) => `${name}.${index}`);
  return `; its items are ${items.join(', ')}, and ${name}.${value.length} adds one`;
}

/** The key at the path, or the nearest one above that its source states. */
export function nearestPlace(origin: Origin | null, path: Path): Diagnostic['place'] {
  const places = upwards(path).map((at) => origin?.locate(at, 'key') ?? null);
  return places.find((place) => place !== null) ?? null;
}

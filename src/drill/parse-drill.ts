// From the bytes of a drill file, and the sources laid over it, to a drill; or to everything that
// is wrong with them.
import { hasErrors } from './diagnostic.ts';
import type { Diagnostic } from './diagnostic.ts';
import { readConfig, statedSettings } from './config.ts';
import type { DrillLayers } from './config.ts';
import { diagnosticAt, findingsOf, issueMessage } from './issues.ts';
import type { Finding } from './issues.ts';
import { Layers, isMapping, lookUp, setIn } from './layers.ts';
import type { Origin } from './layers.ts';
import { drillSchema } from './schema.ts';
import { DEFAULT_REGIONS } from './schema-topology.ts';
import type { Drill } from './schema.ts';
import { senseOf } from './sense.ts';
import { resolveSettings } from './settings.ts';
import type { RunSettings } from './settings.ts';
import { readEnvironment, readSets } from './value-sources.ts';
import { readYaml } from './yaml-source.ts';
import type { Path, SourceFile } from './yaml-source.ts';

export interface ParsedDrill {
  /** Null when there is an error among the diagnostics. */
  readonly drill: Drill | null;
  readonly settings: RunSettings;
  readonly diagnostics: readonly Diagnostic[];
  /** What each value was before the defaults, and where it came from. */
  readonly layers: Layers;
}

/** All problems of all sources at once; errors of the file first in line order. */
export function parseDrill(source: SourceFile, given: DrillLayers = {}): ParsedDrill {
  const layers = new Layers(['topology', 'regions'], DEFAULT_REGIONS);
  const problems: Diagnostic[] = [];
  const broken: Path[] = [];
  const check = (origin: Origin) => {
    for (const finding of validate(layers)) {
      if (!lookUp(layers.tree, finding.path).found) continue;
      if (layers.originOf(finding.path) !== origin) continue;
      problems.push(diagnosticAt(origin, finding));
      broken.push(finding.path);
    }
  };
  const config = given.config ? readConfig(given.config) : null;
  problems.push(...(config?.diagnostics ?? []));
  for (const tree of config?.trees ?? []) check(layers.addTree(tree));
  const file = readYaml(source, '`drill init` writes one to begin with');
  problems.push(...file.diagnostics);
  if (file.source !== null) {
    const { tree, locate } = file.source;
    check(layers.addTree({ name: source.file, tree, locate }));
  }
  const isUsable = file.source !== null && isMapping(file.source.tree);
  const { environment = {}, flags = {} } = given;
  const { runtime } = flags;
  const values = [readEnvironment(environment, layers.tree), readSets(flags.set ?? [])];
  problems.push(...values.flatMap(({ diagnostics }) => diagnostics));
  const runtimeFlag = { name: '--runtime', path: ['runtime'], value: runtime };
  for (const layer of values.flatMap((reading) => reading.layers)) check(layers.addValue(layer));
  if (runtime !== undefined) check(layers.addValue(runtimeFlag));
  const { settings, diagnostics } = resolveSettings(statedSettings(given, config));
  problems.push(...diagnostics);
  if (isUsable) problems.push(...missing(layers, broken), ...makesSense(layers, broken));
  const drill = hasErrors(problems) || !isUsable ? null : drillSchema.parse(layers.tree);
  return { drill, settings, diagnostics: inOrder(problems), layers };
}

function validate(layers: Layers): Finding[] {
  const parsed = drillSchema.safeParse(layers.tree, { error: issueMessage, reportInput: true });
  return parsed.success ? [] : findingsOf(parsed.error.issues);
}

/** Required keys that no source states; they are shown at the mapping that lacks them. */
function missing(layers: Layers, broken: Path[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { path } of validate(layers)) {
    if (lookUp(layers.tree, path).found) continue;
    broken.push(path);
    const above = path.slice(0, -1);
    if (!lookUp(layers.tree, above).found) continue;
    const origin = layers.originOf(above);
    found.push({
      severity: 'error',
      path: path.join('.'),
      message: 'this key is required and missing',
      source: origin?.name ?? '',
      place: nearestPlace(origin, above),
    });
  }
  return found;
}

/** The key at the path, or the nearest one above that its source states. */
function nearestPlace(origin: Origin | null, path: Path): Diagnostic['place'] {
  for (let length = path.length; length >= 0; length--) {
    const place = origin?.locate(path.slice(0, length), 'key') ?? null;
    if (place !== null) return place;
  }
  return null;
}

/** Stands in for what is missing or broken, so that the rest can be looked at all the same. */
const STAND_IN = {
  drill: 1,
  name: 'unnamed',
  targets: { rto: '1h' },
  topology: { strategy: 'warm-standby', regions: DEFAULT_REGIONS },
  faults: [{ at: '2s', kind: 'lose-region', region: 'east' }],
};
const FAULT_STAND_IN: Readonly<Record<string, unknown>> = STAND_IN.faults[0]!;
/** A problem anywhere in these makes the whole of them useless. */
const UNDIVIDED: readonly Path[] = [['topology', 'regions'], ['declare']];

function makesSense(layers: Layers, broken: readonly Path[]): Diagnostic[] {
  const cut = broken.map(
    (path) => UNDIVIDED.find((whole) => whole.every((part, i) => part === path[i])) ?? path,
  );
  const repaired = cut.reduce((tree, path) => repair(tree, path), layers.tree);
  const parsed = drillSchema.safeParse(repaired);
  if (!parsed.success) return [];
  const dotted = cut.map((path) => path.join('.').replace(/^faults\.[0-9]+/, 'faults.*'));
  const isBroken = (key: string) =>
    dotted.some((each) => each === key || each.startsWith(`${key}.`) || key.startsWith(`${each}.`));
  return senseOf(parsed.data, isBroken).map(({ severity, at, part, message }) => {
    const path =
      at.find((each) => lookUp(layers.tree, each).found && layers.originOf(each)) ?? at[0]!;
    const nearest = nearestStated(layers, path);
    // A default is nobody's line: the nearest key above it that somebody wrote stands for it.
    const origin = layers.originOf(nearest) ?? layers.originOf([]);
    const isHere = nearest.length === path.length;
    const here = isHere ? (origin?.locate(nearest, part) ?? null) : null;
    const place = here ?? nearestPlace(origin, nearest);
    return { severity, path: path.join('.'), message, source: origin?.name ?? '', place };
  });
}

function nearestStated(layers: Layers, path: Path): Path {
  let length = path.length;
  while (length > 0 && !lookUp(layers.tree, path.slice(0, length)).found) length--;
  return path.slice(0, length);
}

function repair(tree: unknown, path: Path): unknown {
  const [first, , key, ...deeper] = path;
  const inFault = first === 'faults' && key !== undefined && deeper.length === 0;
  if (inFault && Object.hasOwn(FAULT_STAND_IN, key)) return setIn(tree, path, FAULT_STAND_IN[key]);
  if (first === 'faults' && path.length === 2) return setIn(tree, path, FAULT_STAND_IN);
  const standIn = lookUp(STAND_IN, path);
  return standIn.found ? setIn(tree, path, standIn.value) : removeIn(tree, path);
}

function removeIn(tree: unknown, [first, ...rest]: Path): unknown {
  if (first === undefined) return tree;
  if (Array.isArray(tree)) {
    return tree.map((item, index) => (index === Number(first) ? removeIn(item, rest) : item));
  }
  if (!isMapping(tree)) return tree;
  const kept = Object.entries(tree).flatMap(([key, value]): [string, unknown][] => {
    if (key !== String(first)) return [[key, value]];
    return rest.length === 0 ? [] : [[key, removeIn(value, rest)]];
  });
  return Object.fromEntries(kept);
}

/** Problems of a file by line; what has no place keeps its order, before them. */
function inOrder(problems: readonly Diagnostic[]): Diagnostic[] {
  const rank = ({ place }: Diagnostic) => (place === null ? 0 : place.line * 1e6 + place.column);
  return [...problems].sort((a, b) => rank(a) - rank(b));
}

// From the bytes of a drill file and the sources over it to a drill, or to all that is wrong.
import type * as z from 'zod';
import { definitionOf, FAULT_KINDS, keysOf, type FaultKind } from './fault/registry.ts';
import { hasErrors, inOrder, type Diagnostic } from './file/diagnostic.ts';
import { CheckedLayers, nearestPlace } from './file/checked-layers.ts';
import { readConfig, type DrillLayers } from './file/config.ts';
import { isMapping, lookUp, setIn, upwards, type Layers } from './file/layers.ts';
import { expectKind } from './file/other-kind.ts';
import { drillSchema, type Drill } from './file/schema.ts';
import { DEFAULT_REGIONS } from './file/schema-topology.ts';
import { problemsOf, type IsBroken } from './rules/registry.ts';
import { outsideValues, type OutsideValue } from './file/outside.ts';
import { RUNTIMES, type Runtimes } from './file/runtimes.ts';
import { resolveSettings, statedSettings, type RunSettings } from './file/settings.ts';
import { readEnvironment, readSets } from './file/value-sources.ts';
import { readYaml, type Path, type SourceFile } from './file/yaml-source.ts';

export interface ParsedDrill {
  /** Null when there is an error among the diagnostics. */
  readonly drill: Drill | null;
  readonly settings: RunSettings;
  readonly diagnostics: readonly Diagnostic[];
  /** What each value was before the defaults, and where it came from. */
  readonly layers: Layers;
  /** Those of another source than the drill file. */
  readonly outside: readonly OutsideValue[];
}

/** All problems of all sources at once; errors of the file first in line order. */
export function parseDrill(source: SourceFile, given: DrillLayers = {}): ParsedDrill {
  const checked = new CheckedLayers();
  const { layers, problems } = checked;
  const config = given.config ? readConfig(given.config) : null;
  problems.push(...(config?.diagnostics ?? []));
  for (const tree of config?.trees ?? []) checked.addTree(tree);
  const file = expectKind(readYaml(source, '`drill init` writes one to begin with'), 'drill');
  problems.push(...file.diagnostics);
  if (file.source !== null) checked.addTree(file.source);
  const isUsable = file.source !== null && isMapping(file.source.tree);
  const { environment = {}, flags = {} } = given;
  const { runtime } = flags;
  const values = [readEnvironment(environment, layers.tree), readSets(flags.set ?? [])];
  problems.push(...values.flatMap(({ diagnostics }) => diagnostics));
  for (const layer of values.flatMap((reading) => reading.layers)) checked.addValue(layer);
  if (runtime !== undefined) {
    checked.addValue({ name: '--runtime', path: ['runtime'], value: runtime });
  }
  const { settings, diagnostics } = resolveSettings(statedSettings(given, config));
  problems.push(...diagnostics);
  if (isUsable) {
    checked.tellMissing();
    problems.push(...brokenRules(checked, given.runtimes ?? RUNTIMES));
  }
  const drill = hasErrors(problems) || !isUsable ? null : checked.drill();
  const outside = file.source === null ? [] : outsideValues(layers, file.source);
  return { drill, settings, diagnostics: inOrder(problems), layers, outside };
}

/** Stands in for what is missing or broken, so that the rest can be looked at all the same. */
const STAND_IN = {
  drill: 1,
  name: 'unnamed',
  targets: { rto: '1h' },
  topology: { strategy: 'warm-standby', regions: DEFAULT_REGIONS },
  faults: [{ at: '2s', kind: 'lose-region', region: 'east' }],
};
/** The keys that every fault has. */
const COMMON: Path = ['at', 'kind', 'disaster'];
const FAULT_STAND_IN: Readonly<Record<string, unknown>> = STAND_IN.faults[0]!;
/** A problem anywhere in these makes the whole of them useless. */
const UNDIVIDED: readonly Path[] = [['topology', 'regions'], ['declare']];

function brokenRules(checked: CheckedLayers, runtimes: Runtimes): Diagnostic[] {
  const { layers, broken } = checked;
  const cut = broken.map(
    (path) =>
      UNDIVIDED.find((whole) => whole.every((part, i) => part === path[i])) ??
      wholeFault(layers.tree, path) ??
      wholeList(path),
  );
  const repaired = cut.reduce((tree, path) => repair(tree, path), layers.tree);
  const parsed = drillSchema.safeParse(repaired);
  if (!parsed.success) return [];
  const isBroken: IsBroken = (key, fault) =>
    cut.some((path) => {
      if (fault !== undefined && path[0] === 'faults' && path[1] !== fault) return false;
      const each = path.join('.').replace(/^faults\.[0-9]+/, 'faults.*');
      return each === key || each.startsWith(`${key}.`) || key.startsWith(`${each}.`);
    });
  return problemsOf(parsed.data, runtimes, isBroken).map(
    ({ rule, severity, at, part, message }) => {
      const path =
        at.find((each) => lookUp(layers.tree, each).found && layers.originOf(each)) ?? at[0]!;
      const nearest = upwards(path).find((above) => lookUp(layers.tree, above).found)!;
      // A default is nobody's line: the nearest key above it that somebody wrote stands for it.
      const origin = checked.makerOf(nearest) ?? layers.originOf([]);
      const isHere = nearest.length === path.length;
      const here = isHere ? (origin?.locate(nearest, part) ?? null) : null;
      const place = here ?? nearestPlace(origin, nearest);
      return { severity, rule, path: path.join('.'), message, source: origin?.name ?? '', place };
    },
  );
}

function repair(tree: unknown, path: Path): unknown {
  const [first, , key, ...deeper] = path;
  const inFault = first === 'faults' && key !== undefined && deeper.length === 0;
  const kind = kindAt(tree, path);
  const isOwn = kind !== null && keysOf(kind).includes(String(key));
  if (inFault && !isOwn && !COMMON.includes(key)) return removeIn(tree, path);
  if (inFault && Object.hasOwn(FAULT_STAND_IN, key)) return setIn(tree, path, FAULT_STAND_IN[key]);
  if (first === 'faults' && path.length === 2) return setIn(tree, path, FAULT_STAND_IN);
  const standIn = lookUp(STAND_IN, path);
  return standIn.found ? setIn(tree, path, standIn.value) : removeIn(tree, path);
}

/** A fault of no known kind, or without what it must have, has nothing that could be looked at. */
function wholeFault(tree: unknown, path: Path): Path | null {
  const [first, index, key] = path;
  if (first !== 'faults' || index === undefined || typeof key !== 'string') return null;
  const kind = kindAt(tree, path);
  if (kind === null) return [first, index];
  const { settings } = definitionOf(kind);
  if (!Object.hasOwn(settings, key)) return null;
  const isRequired = !(settings[key] as z.ZodType).safeParse(undefined).success;
  return isRequired ? [first, index] : null;
}

/** Without one of its items a list is another one; a fault alone is looked at by itself. */
function wholeList(path: Path): Path {
  const item = path[0] === 'faults' ? -1 : path.findIndex((part) => typeof part === 'number');
  return item === -1 ? path : path.slice(0, item);
}

/** The kind of the fault that a path goes through; null: none that is known. */
function kindAt(tree: unknown, path: Path): FaultKind | null {
  const { value } = lookUp(tree, [...path.slice(0, 2), 'kind']);
  return FAULT_KINDS.find((kind) => kind === value) ?? null;
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

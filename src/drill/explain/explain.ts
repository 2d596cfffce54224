// Every value of a drill and where it came from, for `drill plan --explain`.
import { writeDuration, writeRate } from '../../base/units.ts';
import type { Default } from '../fault/fault.ts';
import { definitionOf } from '../fault/registry.ts';
import { childOf, keyTree, type KeyNode } from '../file/key-tree.ts';
import { isMapping, type Layers } from '../file/layers.ts';
import { delayOf, replicationLink, type Plan } from '../plan/plan.ts';
import { fault as faultForm } from '../file/schema-faults.ts';
import type { Path } from '../file/yaml-source.ts';
import { surroundingsIn } from '../plan/disaster.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import { recoveryNamed } from '../recovery/registry.ts';

export interface ExplainedValue {
  /** Dotted. */
  readonly key: string;
  /** As it would stand in a drill file; null: there is none. */
  readonly value: string | null;
  /** `default`, `drills/a.yaml:7:18`, `DRILL_TARGETS_RTO`, `--set targets.rto` */
  readonly from: string;
}

/** In the order of the schema. */
export function explain(layers: Layers, plan: Plan): ExplainedValue[] {
  const rows: ExplainedValue[] = [];
  collect(keyTree(), layers.tree, [], layers, rows);
  const computed = computedValues(plan, layers.tree);
  const filled = rows.map((row): ExplainedValue => {
    const value = row.value === null ? computed.get(row.key) : undefined;
    if (value === undefined) return row;
    computed.delete(row.key);
    return { ...row, value: value.value, from: `default: ${value.why}` };
  });
  const name = replicationLink(plan.replication);
  const link = `topology.links.${name}`;
  if (rows.some((row) => row.key.startsWith(`${link}.`))) return filled;
  const { latency_ms, jitter_ms } = delayOf(plan, name);
  const delays = [
    { key: `${link}.latency`, value: writeDuration(latency_ms), from: 'default' },
    { key: `${link}.jitter`, value: writeDuration(jitter_ms), from: 'default' },
  ];
  const others = filled.filter((row) => row.key !== 'topology.links');
  const after = others.findIndex((row) => row.key.startsWith('topology.gslb.'));
  return others.toSpliced(after, 0, ...delays);
}

function collect(
  schema: KeyNode,
  given: unknown,
  path: Path,
  layers: Layers,
  rows: ExplainedValue[],
): void {
  const node = formOf(schema, given);
  const value = given ?? node.default;
  const keys = isAbsent(node, value, path) ? null : childKeys(node, value);
  if (keys !== null) {
    const inside = value as Record<string, unknown> | undefined;
    for (const key of keys) {
      collect(childOf(node, key) ?? {}, inside?.[key], [...path, key], layers, rows);
    }
    return;
  }
  const from = given === undefined ? 'default' : sourceOf(layers, path);
  const text = value === undefined ? null : textOf(value);
  rows.push({ key: path.join('.'), value: text, from: text === null ? 'not stated' : from });
}

/** Of several forms of a mapping the one that the value has; what has one form is that form. */
function formOf(node: KeyNode, value: unknown): KeyNode {
  const fits = ({ properties = {} }: KeyNode) =>
    isMapping(value) &&
    Object.entries(properties).every(([key, { const: only }]) => {
      return only === undefined || only === value[key];
    });
  return node.oneOf?.find(fits) ?? node;
}

/** An optional part that nobody asked for: its keys have no values, not even their defaults. */
function isAbsent(node: KeyNode, value: unknown, path: Path): boolean {
  return path.length > 1 && value === undefined && node.properties !== undefined;
}

/** Null for what is a value of its own: a scalar, an empty mapping, one of several forms. */
function childKeys(node: KeyNode, value: unknown): string[] | null {
  if (node.properties) return Object.keys(node.properties);
  const isOpen = node.items !== undefined || typeof node.additionalProperties === 'object';
  if (!isOpen || !(isMapping(value) || Array.isArray(value))) return null;
  const isTextList = Array.isArray(value) && !value.some(isMapping);
  const keys = Object.keys(value);
  return keys.length > 0 && !isTextList ? keys : null;
}

function sourceOf(layers: Layers, path: Path): string {
  const origin = layers.originOf(path);
  if (origin === null) return 'default';
  const place = origin.locate(path, 'value');
  return place === null ? origin.name : `${place.file}:${place.line}:${place.column}`;
}

function textOf(value: unknown): string {
  // A text of several lines would break the table.
  const isPlain = typeof value === 'string' && !/\p{Cc}/u.test(value);
  return isPlain ? value : JSON.stringify(value);
}

type Row = [key: string, value: string, why: string];

/** Defaults that follow from other values. In `tree` alone the faults stand in the file's order. */
function computedValues(plan: Plan, tree: unknown): Map<string, Default> {
  const { workload, regions, redis } = plan;
  const within = `10 × the steady p99, 100ms to ${writeDuration(workload.timeout_ms)}`;
  const rows: Row[] = [
    ...ofRecovery(plan),
    ['sustain.within', 'measured', within],
    ...ofBackup(plan),
    ...ofFaults(plan, tree),
  ];
  if (redis !== null) {
    rows.push(['workload.carts', writeRate(redis.carts_per_s), 'with topology.redis']);
  }
  for (const { name, app, role, weight } of regions) {
    const at = `topology.regions.${name}`;
    rows.push([`${at}.app.instances`, String(app.instances), `for the ${role} region`]);
    if (plan.strategy !== 'active-active') continue;
    rows.push([`${at}.weight`, String(weight), 'one share']);
  }
  return new Map(rows.map(([key, value, why]) => [key, { value, why }]));
}

function ofRecovery({ recover, faults, strategy }: Plan): Row[] {
  const { kind } = faults.find(({ disaster }) => disaster)!;
  const isOwn = recover.with === STRATEGY_FACTS[strategy].recovery;
  const why = isOwn ? "the strategy's own procedure" : `what answers ${kind}`;
  const deadline = writeDuration(recover.deadline_ms);
  const rows: Row[] = [
    ['recover.with', recover.with, why],
    ['recover.deadline', deadline, '2 × targets.rto, at least 30s'],
    ['recover.instances', String(recover.instances), 'as the active region has'],
  ];
  for (const [key, value = ''] of Object.entries(recoveryNamed(recover.with).defaults ?? {})) {
    rows.push([`recover.${key}`, value, `with ${recover.with}`]);
  }
  return rows;
}

function ofBackup({ backup, strategy }: Plan): Row[] {
  if (backup === null) return [];
  const { every_ms, keep, wal, archive_timeout_ms } = backup;
  const timeout = writeDuration(archive_timeout_ms);
  const inner = `every: ${writeDuration(every_ms)}, keep: ${keep}, wal: ${wal}`;
  const whole = `{ ${inner}, archive_timeout: ${timeout} }`;
  const rows: Row[] = [['topology.backup', whole, `with ${strategy}`]];
  if (wal === 'archive') {
    rows.push(['topology.backup.archive_timeout', timeout, 'with wal: archive']);
  }
  return rows;
}

function ofFaults(plan: Plan, tree: unknown): Row[] {
  const stated = isMapping(tree) && Array.isArray(tree['faults']) ? tree['faults'] : [];
  // Without a mark no other fault is of the disaster's kind: it would come after it.
  const isMarked = stated.some((fault: unknown) => isMapping(fault) && fault['disaster'] === true);
  const disaster = isMarked ? null : plan.faults.find((fault) => fault.disaster)!.kind;
  const around = surroundingsIn(plan.strategy, plan.replication);
  return stated.flatMap((each: unknown, index): Row[] => {
    const fault = faultForm.parse(each);
    const defaults = definitionOf(fault.kind).defaults?.(fault, around) ?? {};
    const why = 'the first that stops something';
    const rows = { ...defaults, disaster: { value: String(fault.kind === disaster), why } };
    return Object.entries(rows).map(([key, row]) => [`faults.${index}.${key}`, row.value, row.why]);
  });
}

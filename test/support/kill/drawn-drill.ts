// Drill files for kills: a system, and several faults that are open beside each other. What the
// rules refuse is left out, so that each file is one that anybody can run.
import { parseDrill } from '../../../src/drill/parse-drill.ts';
import { NETWORK_PARTS } from '../../../src/drill/fault/lose-network.ts';
import type { Draw } from './draw.ts';

export interface DrawnSystem {
  readonly runtime: 'embedded' | 'compose' | 'noop';
  readonly strategy: string;
  readonly isSync: boolean;
  readonly hasRedis: boolean;
  /** The store whose disk is a small one; every drill on it fills that, null: none has one. */
  readonly filled: string | null;
}

export interface Disaster {
  readonly fault: string;
  /** So long after it: what no health check sees somebody has to. */
  readonly declare?: string;
}

interface Drawn {
  readonly text: string;
  readonly faults: readonly string[];
}

const FAULTS_AT_MOST = 5;
const STRATEGIES = ['warm-standby', 'warm-standby', 'pilot-light', 'active-active'];
const ALL_STRATEGIES = [...STRATEGIES, 'backup-restore'];
const LINKS = ['east-west', 'clients-east', 'clients-west'];

/** `stays`: one that can be left up. */
export function drawSystem(
  draw: Draw,
  runtime: DrawnSystem['runtime'],
  stays: boolean,
): DrawnSystem {
  const strategy = draw.pick(stays ? ['warm-standby', 'pilot-light'] : ALL_STRATEGIES);
  const follows = strategy === 'warm-standby' || strategy === 'pilot-light';
  const isSync = follows && runtime !== 'noop' && draw.chance(0.25);
  const hasRedis = follows && draw.chance(0.4);
  const stores = ['east/postgres', ...(follows ? ['west/postgres'] : [])];
  const isFilled = runtime === 'compose' && draw.chance(0.4);
  const filled = isFilled ? draw.pick([...stores, ...(hasRedis ? ['east/redis'] : [])]) : null;
  return { runtime, strategy, isSync, hasRedis, filled };
}

type Settings = Readonly<Record<string, string | number>>;

/** Each kind with its settings drawn; what a system lacks the rules refuse. */
const KINDS: readonly ((draw: Draw) => Settings)[] = [
  (draw) => ({ kind: 'partition', link: 'east-west', ...from(draw) }),
  (draw) => ({ kind: 'blackhole', link: draw.pick(LINKS) }),
  (draw) => ({ kind: 'refuse', link: draw.pick(LINKS) }),
  (draw) => ({ kind: 'latency', link: draw.pick(LINKS), latency: '50ms' }),
  (draw) => ({ kind: 'bandwidth', link: draw.pick(LINKS), per_second: '64kB' }),
  (draw) => ({ kind: 'slow-close', link: draw.pick(LINKS), delay: '500ms' }),
  (draw) => ({ kind: 'reset-connections', link: draw.pick(LINKS) }),
  (draw) => ({ kind: 'limit-data', link: draw.pick(LINKS), after: '64kB' }),
  (draw) => ({ kind: 'flaky', link: draw.pick(LINKS), share: '20%' }),
  (draw) => ({ kind: 'kill-node', node: node(draw) }),
  (draw) => ({ kind: 'stop-node', node: node(draw) }),
  (draw) => ({ kind: 'restart-node', node: node(draw), how: draw.pick(['stop', 'kill']) }),
  (draw) => ({ kind: 'freeze-node', node: node(draw) }),
  (draw) => ({ kind: 'crash-loop', node: node(draw), every: '700ms' }),
  (draw) => ({ kind: 'stress-cpu', node: node(draw), leaves: '20%' }),
  (draw) => ({ kind: 'app-errors', node: app(draw), share: '30%' }),
  (draw) => ({ kind: 'app-slow', node: app(draw), by: '200ms' }),
  (draw) => ({ kind: 'stop-replication', store: draw.pick(['postgres', 'redis']) }),
  () => ({ kind: 'pause-replay' }),
  () => ({ kind: 'lock-table' }),
  () => ({ kind: 'exhaust-connections' }),
  () => ({ kind: 'cancel-sync-wait' }),
  () => ({ kind: 'break-archive' }),
  () => ({ kind: 'lose-gslb' }),
  () => ({ kind: 'stale-dns' }),
  (draw) => ({ kind: 'stress-memory', node: node(draw) }),
  (draw) => ({ kind: 'lose-network', region: region(draw), of: draw.pick(NETWORK_PARTS) }),
];

const from = (draw: Draw): Settings => (draw.chance(0.3) ? { from: region(draw) } : {});
const region = (draw: Draw) => draw.pick(['east', 'west']);
const app = (draw: Draw) => `${region(draw)}/app-1`;
const node = (draw: Draw) => `${region(draw)}/${draw.pick(NODES)}`;
const NODES = ['app-1', 'app-1', 'postgres', 'redis'];

/** One of those that such a system can be recovered from. */
export function drawDisaster(draw: Draw, system: DrawnSystem, all: readonly Disaster[]): Disaster {
  return draw.pick(all.filter((each) => isValid(textOf(system, [each.fault], each, false))));
}

/** Chaos of several faults, with a disaster after it or without one. */
export function drawDrill(draw: Draw, system: DrawnSystem, disaster: Disaster | null): Drawn {
  const failback = disaster !== null && draw.chance(0.3);
  const most = draw.whole(2, FAULTS_AT_MOST);
  let faults: readonly string[] = disaster === null ? [] : [disaster.fault];
  const { filled } = system;
  const full = () => ({ kind: 'fill-disk', node: filled!, free: draw.pick(['0%', '10%']) });
  const first = filled === null ? [] : [full, full, full, full];
  for (const kind of [...first, ...draw.shuffled([...KINDS, ...KINDS])]) {
    if (faults.length === most) break;
    const fault = faultOf({ ...when(draw), ...kind(draw) });
    if (system.runtime === 'noop' && / node: \S+\/app-/.test(fault)) continue; // it has none
    const more = [fault, ...faults];
    if (isValid(textOf(system, more, disaster, false))) faults = more;
  }
  const whole = textOf(system, faults, disaster, failback);
  return { text: isValid(whole) ? whole : textOf(system, faults, disaster, false), faults };
}

function faultOf(settings: Settings): string {
  const all = Object.entries(settings).map(([key, value]) => `${key}: ${value}`);
  return `{ ${all.join(', ')} }`;
}

function when(draw: Draw): Settings {
  const at = draw.chance(0.15) ? 'beforehand' : `${draw.whole(0, 900)}ms`;
  return { at, ...(draw.chance(0.5) ? { for: `${draw.whole(400, 2_000)}ms` } : {}) };
}

/** Of what a drill for such a system needs at least: over soon, on a machine that is busy. */
export function textOf(
  { runtime, strategy, isSync, hasRedis, filled }: DrawnSystem,
  faults: readonly string[],
  disaster: Disaster | null,
  failback: boolean,
): string {
  const isNoop = runtime === 'noop';
  const second = strategy === 'active-active' ? 'active' : 'standby';
  const later = strategy === 'backup-restore' || strategy === 'pilot-light';
  const app = 'app: { instances: 1, capacity: 400/s }';
  const target = disaster === null ? 'steady_within: 10s' : 'rto: 30s';
  // So that it is as the system that is up.
  const isFilled = filled !== null && !faults.some((each) => each.includes('fill-disk'));
  return [
    'drill: 1',
    'name: kill',
    ...(isNoop ? [] : [`runtime: ${runtime}`]),
    ...(disaster === null ? ['disaster: none'] : []),
    `targets: { lost_writes: 1000, ${target} }`,
    'topology:',
    `  strategy: ${strategy}`,
    `  regions: { east: { role: active, ${app} }, west: { role: ${second}${later ? '' : `, ${app}`} } }`,
    ...(isSync ? ['  replication: { mode: sync }'] : []),
    ...(hasRedis ? ['  redis: {}'] : []),
    `  links: { east-west: { latency: ${isNoop ? 0 : 2}ms, jitter: 0ms } }`,
    `  gslb: { every: ${isNoop ? 100 : 500}ms, timeout: ${isNoop ? 100 : 2_000}ms, ttl: 1s }`,
    `workload: { rate: 40/s, ${hasRedis ? 'carts: 20/s, ' : ''}writers: 4, payload: 64B, timeout: 2s, seed_rows: 20 }`,
    'warm_up: { at_most: 500ms }',
    'steady: { for: 1s }',
    'sustain: { for: 500ms }',
    ...(failback ? ['failback: true'] : []),
    'faults:',
    ...faults.map((fault) => `  - ${fault}`),
    ...(isFilled
      ? [`  - { at: 100ms, kind: fill-disk, node: ${filled}, free: 50%, for: 1s }`]
      : []),
    ...(disaster?.declare === undefined ? [] : [`declare: after ${disaster.declare}`]),
    '',
  ].join('\n');
}

function isValid(text: string): boolean {
  const { drill, diagnostics } = parseDrill({ file: 'a.yaml', bytes: Buffer.from(text) });
  return drill !== null && !diagnostics.some(({ severity }) => severity === 'error');
}

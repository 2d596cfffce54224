// Drill files for kills: a system, and several faults that are open beside each other. What the
// rules refuse is left out, so that each file is one that anybody can run.
import { parseDrill } from '../../../src/drill/parse-drill.ts';
import type { Draw } from './draw.ts';

export interface DrawnSystem {
  readonly runtime: 'embedded' | 'compose' | 'noop';
  readonly strategy: string;
  readonly isSync: boolean;
  readonly hasRedis: boolean;
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
  return {
    runtime,
    strategy,
    isSync: follows && runtime !== 'noop' && draw.chance(0.25),
    hasRedis: follows && draw.chance(0.4),
  };
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
];

const from = (draw: Draw): Settings =>
  draw.chance(0.3) ? { from: draw.pick(['east', 'west']) } : {};
const app = (draw: Draw) => `${draw.pick(['east', 'west'])}/app-1`;
const node = (draw: Draw) => `${draw.pick(['east', 'west'])}/${draw.pick(NODES)}`;
const NODES = ['app-1', 'app-1', 'postgres', 'redis'];

/** Chaos of several faults, with a disaster after it or without one. */
export function drawDrill(draw: Draw, system: DrawnSystem, disaster: string | null): Drawn {
  const failback = disaster !== null && draw.chance(0.3);
  const most = draw.whole(2, FAULTS_AT_MOST);
  let faults: readonly string[] = disaster === null ? [] : [disaster];
  for (const kind of draw.shuffled([...KINDS, ...KINDS])) {
    if (faults.length === most) break;
    const settings = Object.entries({ ...when(draw), ...kind(draw) });
    const fault = `{ ${settings.map(([key, value]) => `${key}: ${value}`).join(', ')} }`;
    if (system.runtime === 'noop' && / node: \S+\/app-/.test(fault)) continue; // it has none
    const more = [fault, ...faults];
    if (isValid(textOf(system, more, disaster, false))) faults = more;
  }
  const whole = textOf(system, faults, disaster, failback);
  return { text: isValid(whole) ? whole : textOf(system, faults, disaster, false), faults };
}

function when(draw: Draw): Settings {
  const at = draw.chance(0.15) ? 'beforehand' : `${draw.whole(0, 900)}ms`;
  return { at, ...(draw.chance(0.5) ? { for: `${draw.whole(400, 2_000)}ms` } : {}) };
}

/** Of what a drill for such a system needs at least: over soon, on a machine that is busy. */
export function textOf(
  { runtime, strategy, isSync, hasRedis }: DrawnSystem,
  faults: readonly string[],
  disaster: string | null,
  failback: boolean,
): string {
  const isNoop = runtime === 'noop';
  const second = strategy === 'active-active' ? 'active' : 'standby';
  const later = strategy === 'backup-restore' || strategy === 'pilot-light';
  const app = 'app: { instances: 1, capacity: 400/s }';
  const target = disaster === null ? 'steady_within: 10s' : 'rto: 30s';
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
    '',
  ].join('\n');
}

function isValid(text: string): boolean {
  const { drill, diagnostics } = parseDrill({ file: 'a.yaml', bytes: Buffer.from(text) });
  return drill !== null && !diagnostics.some(({ severity }) => severity === 'error');
}

// Realistic results, one per way in which a run can end, for tests of what people see. Numbers are
// those of a run of `region-outage`, altered where the story needs it.
import type {
  Gate,
  Result,
  ResultLoss,
  ResultRecovery,
  ResultStoreLoss,
} from '../../../src/verdict/result.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { basePlan } from '../plan/base-plan.ts';

const PHASES: readonly (readonly [string, number])[] = [
  ['detect', 812.4],
  ['decide', 2.1],
  ['fence', 38.6],
  ['promote', 54.9],
  ['start', 0],
  ['redirect', 121.3],
  ['reconnect', 868.2],
  ['stabilise', 412.5],
];

export const recovery: ResultRecovery = {
  rto_ms: 2310,
  rto_from_declaration_ms: 1497.6,
  uncertainty_ms: 11.2,
  downtime_ms: 2298.4,
  outages: [{ opened_ms: 12_012.3, closed_ms: 14_310.7, last_unserved_ms: 14_299.5 }],
  marks: {
    fault_started: 12_000.7,
    detected: 12_813.1,
    declared: 12_815.2,
    fenced: 12_853.8,
    writable: 12_908.7,
    app_ready: 12_908.7,
    redirected: 13_030,
    first_success: 13_898.2,
    sustained: 14_310.7,
  },
  phases: PHASES.map(([name, ms]) => ({ name, ms })),
  steady_served_per_s: 199.7,
  steady_p99_ms: 6.4,
  served_within_ms: 100,
  longest_gap_ms: 2287.9,
};

const counted: ResultStoreLoss = {
  ...{ acknowledged: 2412, refused: 301, unknown: 31, unsent: 0 },
  ...{ lost: 0, recovered: 7, vanished: 24, unexpected: 0, duplicated: 0, corrupt: 0 },
  ...{ diverged: 0, intended: 0, late: 0, kept: 2412, split_brain: 0, wrong_reads: 0 },
  ...{ rpo_ms: 0, rpo_high_ms: 0, lost_bytes: 0, lost_ids: [] },
  second: { only_old: 5, unknown: 5, agrees: true, never_durable: 0 },
  second_missing: null,
};

/** The loss of a system with one store. */
function lossWith(changes: Partial<ResultStoreLoss>): ResultLoss {
  const postgres = { ...counted, ...changes };
  return { ...postgres, stores: { postgres } };
}

export const rtoGate: Gate = {
  name: 'rto',
  unit: 'ms',
  bound: 'at most',
  target: 15_000,
  measured: 2310,
  low: 2298.8,
  high: 2310,
  verdict: 'pass',
  reason: null,
};

const rpoGate: Gate = {
  name: 'rpo',
  unit: 'ms',
  bound: 'at most',
  target: 1000,
  measured: 0,
  low: 0,
  high: 0,
  verdict: 'pass',
  reason: null,
};

export const passed: Result = {
  schema: 'drill.result/1',
  id: '20261122T201317Z-region-outage-3fa2',
  started_at: '2026-11-22T20:13:17.204Z',
  wall_ms: 17_410,
  drill: {
    name: 'region-outage',
    sha256: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
    strategy: 'warm-standby',
    seed: 1,
  },
  runtime: {
    kind: 'embedded',
    postgres: '18.4',
    proxy: 'built-in',
    settings: {
      'replication.mode': 'async',
      'links.east-west.latency': '20ms',
      'gslb.every': '250ms',
      'gslb.failures': '3',
      'gslb.ttl': '1s',
      'workload.timeout': '1s',
      wal_retrieve_retry_interval: '100ms',
      fsync: 'on',
    },
  },
  verdict: 'pass',
  reasons: [],
  failures: [],
  notes: [],
  gates: [rtoGate, rpoGate],
  recovery,
  loss: lossWith({}),
  failback: null,
  cost: null,
  exposure: null,
  divergence: null,
  cleanup: { clean: true, left: [] },
  kept: [],
  against: null,
};

export const lostData: Result = {
  ...passed,
  id: '20261122T201502Z-too-tight-91bc',
  drill: { ...passed.drill, name: 'too-tight' },
  verdict: 'fail',
  reasons: [
    'rto 2.31s is over its target of 1s by 1.31s.',
    '12 acknowledged writes are lost, and the target allows none.',
  ],
  notes: ['The link east-west delayed replication by 20 ms each way.'],
  gates: [
    { ...rtoGate, target: 1000, verdict: 'fail' },
    { ...rpoGate, measured: 58.3, low: 58.3, high: 63.1, verdict: 'pass' },
    {
      name: 'lost_writes',
      unit: 'writes',
      bound: 'at most',
      target: 0,
      measured: 12,
      low: 12,
      high: 12,
      verdict: 'fail',
      reason: null,
    },
  ],
  loss: lossWith({
    lost: 12,
    kept: 2400,
    rpo_ms: 58.3,
    rpo_high_ms: 63.1,
    lost_bytes: 3072,
    lost_ids: ['1-151', '2-150', '3-151', '4-150', '5-150', '6-151', '7-150', '8-151', '9-150'],
    second: { only_old: 14, unknown: 2, agrees: true, never_durable: 0 },
  }),
};

export const lied: Result = {
  ...passed,
  verdict: 'fail',
  reasons: ['3 writes were refused and are present all the same: the service lied.'],
  loss: lossWith({ unexpected: 3, duplicated: 1, split_brain: 2, wrong_reads: 4 }),
};

/** Its answers name no server. */
export const nameless: Result = {
  ...passed,
  loss: lossWith({ split_brain: null, split_brain_low: 2, split_brain_missing: 'nobody says' }),
};

export const doubtful: Result = {
  ...passed,
  verdict: 'inconclusive',
  reasons: [
    'The runner started 3.1 % of its operations late, and at most 0.1 % may be: the load was not what the file asks for.',
  ],
  gates: [
    {
      ...rtoGate,
      target: 2305,
      verdict: 'inconclusive',
      reason: 'the target lies inside the interval',
    },
    { ...rpoGate, measured: null, low: null, high: null, verdict: 'inconclusive', reason: null },
  ],
  loss: lossWith({
    second: null,
    second_missing: 'the old primary did not start: exit code 1',
  }),
};

export const neverRecovered: Result = {
  ...passed,
  verdict: 'fail',
  reasons: ['Service did not come back within 60s of the disaster.'],
  gates: [{ ...rtoGate, measured: null, low: 60_000, high: null, verdict: 'fail' }, rpoGate],
  recovery: {
    ...recovery,
    rto_ms: null,
    rto_low_ms: 60_000,
    rto_from_declaration_ms: null,
    uncertainty_ms: null,
    downtime_ms: null,
    outages: [{ opened_ms: 12_012.3, closed_ms: null, last_unserved_ms: 72_001 }],
    phases: PHASES.map(([name, ms], i) => ({ name, ms: i < 3 ? ms : null })),
  },
};

export const notBroughtUp: Result = {
  ...passed,
  wall_ms: 1204,
  runtime: null,
  verdict: 'environment',
  reasons: ['west/postgres did not start.'],
  gates: [],
  recovery: null,
  loss: null,
};

export const interrupted: Result = {
  ...passed,
  verdict: 'interrupted',
  reasons: ['Stopped by SIGINT in the phase steady.'],
  gates: [
    { ...rtoGate, measured: null, low: null, high: null, verdict: 'inconclusive' },
    { ...rpoGate, measured: null, low: null, high: null, verdict: 'inconclusive' },
  ],
  recovery: null,
  loss: null,
};

export const leftBehind: Result = {
  ...passed,
  verdict: 'unclean',
  reasons: ['1 thing could not be cleaned up.'],
  cleanup: { clean: false, left: ['directory /tmp/drill-3fa2/east (EBUSY)'] },
};

export const keptUp: Result = {
  ...passed,
  kept: [
    {
      node: 'west/postgres',
      url: 'postgres://drill@127.0.0.1:41211/orders',
      connect:
        'PGPASSFILE=.drill/runs/20261122T201317Z-region-outage-3fa2/pgpass psql -h 127.0.0.1 -p 41211 -U drill orders',
    },
  ],
};

export const plan: Plan = { ...basePlan, sha256: passed.drill.sha256 };

// Finished runs for tests of comparisons: a run of each strategy, altered where the story needs it.
import { type FinishedRun, compareRuns, planHash } from '../../../src/archive/compare.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { Comparison } from '../../../src/verdict/comparison.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { basePlan } from '../plan/base-plan.ts';
import { neverRecovered, passed, rtoGate } from './results.ts';

type Phases = readonly (readonly [string, number | null])[];

export interface Facts {
  readonly strategy: Plan['strategy'];
  readonly name?: string;
  readonly phases: Phases;
  readonly lost?: number;
  readonly rpo_ms?: number | null;
  readonly cost?: unknown;
  readonly plan?: Partial<Plan> | null;
  readonly result?: Partial<Result>;
}

const UNCERTAINTY_MS = 40;
let made = 0;

/** The RTO is the sum of the phases, and may be 40 ms less. */
function finished(facts: Facts): FinishedRun {
  const { strategy, name = facts.strategy, phases, lost = 0, rpo_ms = 0, cost = {} } = facts;
  const rto_ms = phases.reduce((sum, [, ms]) => sum + (ms ?? 0), 0);
  const gate = { ...rtoGate, measured: rto_ms, low: rto_ms - UNCERTAINTY_MS, high: rto_ms };
  const id = `20261122T201317Z-${name}-${(++made).toString(16).padStart(4, '0')}`;
  const result: Result = {
    ...passed,
    id,
    drill: { ...passed.drill, name, strategy },
    gates: [gate],
    recovery: {
      ...passed.recovery!,
      rto_ms,
      uncertainty_ms: UNCERTAINTY_MS,
      phases: phases.map(([phase, ms]) => ({ name: phase, ms })),
    },
    loss: { ...passed.loss!, lost, rpo_ms, rpo_high_ms: rpo_ms === null ? null : rpo_ms * 1.5 },
    cost: cost as Result['cost'],
    ...facts.result,
  };
  const plan = facts.plan === null ? null : { ...basePlan, name, strategy, ...facts.plan };
  const plan_hash = plan === null ? null : planHash(plan);
  return { result, plan, plan_hash, differs: null, directory: `.drill/runs/${id}` };
}

export const STANDING = {
  region: 'west',
  over_ms: 3000,
  components: ['west/postgres', 'west/app-1'],
  cpu_seconds: 0.09,
  cpu_share: 0.03,
  memory_bytes: 120e6,
  disk_bytes: 48e6,
  replicated_bytes_per_s: 91_000,
  recovery_steps: 5,
  monthly: {
    ...{ currency: 'EUR', instances: 1, storage: 2, transfer: 9.34, total: 12.34 },
    formula: '1 × 2 + 3',
  },
};

const END: Phases = [
  ['start', 20],
  ['redirect', 130],
  ['reconnect', 40],
  ['stabilise', 640],
];
const BEGIN: Phases = [
  ['detect', 520],
  ['decide', 2],
  ['fence', 30],
];

export const backupRestore = (): FinishedRun =>
  finished({
    strategy: 'backup-restore',
    phases: [...BEGIN, ['restore', 4100], ...END],
    lost: 212,
    rpo_ms: 1100,
    cost: {
      ...STANDING,
      components: [],
      cpu_seconds: 0,
      cpu_share: 0,
      memory_bytes: 0,
      recovery_steps: 7,
      monthly: null,
    },
  });

export const pilotLight = (facts: Partial<Facts> = {}): FinishedRun =>
  finished({
    strategy: 'pilot-light',
    phases: [...BEGIN, ['promote', 110], ['start', 900], ...END.slice(1)],
    lost: 4,
    rpo_ms: 14,
    cost: STANDING,
    ...facts,
  });

export const warmStandby = (facts: Partial<Facts> = {}): FinishedRun =>
  finished({
    strategy: 'warm-standby',
    phases: [...BEGIN, ['promote', 110], ...END],
    lost: 5,
    rpo_ms: 17,
    cost: STANDING,
    ...facts,
  });

export const activeActive = (facts: Partial<Facts> = {}): FinishedRun => {
  const run = finished({
    strategy: 'active-active',
    phases: [...BEGIN.slice(0, 2), ['fence', null], ['promote', null], ...END],
    cost: STANDING,
    ...facts,
  });
  const { loss } = run.result;
  return { ...run, result: { ...run.result, loss: loss && { ...loss, late: 6 } } };
};

/** Waited for a minute. */
export const lostForGood = (facts: Partial<Facts> = {}): FinishedRun => {
  const { verdict, reasons, gates, recovery } = neverRecovered;
  return warmStandby({ ...facts, result: { verdict, reasons, gates, recovery } });
};

export const allStrategies = (): FinishedRun[] => [
  warmStandby(),
  activeActive(),
  backupRestore(),
  pilotLight(),
];

export function compared(runs: readonly FinishedRun[], notMade = 0): Comparison {
  return compareRuns(runs, notMade);
}

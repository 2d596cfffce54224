// Drills on `noop` that lose a region and are recovered from, with faults on their operators.
import { expect } from 'chai';
import type { PlannedFault } from '../../../src/drill/fault/registry.ts';
import type { Strategy } from '../../../src/drill/names.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { Retries } from '../../../src/drill/recovery/retries.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { plannedFault } from '../plan/planned-fault.ts';
import { noopPlan } from './noop-plans.ts';
import { NoopRun } from './noop-run.ts';

export const KILL = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, { at_ms: 300 });
export const LATE_MS = 1_100;
export const delay = (by_ms = LATE_MS) =>
  plannedFault('delay-declaration', { by_ms }, { index: 1 });
export const wrong = plannedFault('wrong-region', { noticed_after_ms: LATE_MS }, { index: 1 });
export const halfDone = (step: string, fails: number, does: 'all' | 'nothing', index = 1) =>
  plannedFault('half-done-runbook', { step, fails, does }, { index });

interface Asked extends Partial<Plan> {
  readonly strategy?: Strategy;
  readonly retries?: Retries;
  readonly plant?: (run: NoopRun) => void;
}

export async function drilled(faults: readonly PlannedFault[], asked: Asked = {}) {
  const { strategy = 'warm-standby', retries, plant, ...changes } = asked;
  const plan = noopPlan(strategy, { faults: [KILL, ...faults], ...changes });
  const recover = retries === undefined ? plan.recover : { ...plan.recover, retries };
  const run = new NoopRun({ ...plan, recover });
  plant?.(run);
  const result = await run.run();
  return { run, result, why: result.reasons.join('; ') };
}

export const stepsOf = (run: NoopRun) => run.named('step.started').map(({ step }) => step);
export const TWICE: Retries = { times: 2, pause_ms: 200 };

/** Of the fault, from when it held until it was over. */
export function heldMs(run: NoopRun, index = 1): number {
  const at = (name: 'fault.started' | 'fault.healed') => {
    return run.named(name).find((event) => event.index === index)!.t;
  };
  return at('fault.healed') - at('fault.started');
}

/** What a passing run must show, whatever was wrong: its parts add up, and nothing is left. */
export function expectWhole(result: Result, why: string): void {
  expect(result.verdict, why).to.equal('pass');
  const { phases, rto_ms } = result.recovery!;
  const sum = phases.reduce((total, { ms }) => total + ms!, 0);
  expect(sum).to.be.closeTo(rto_ms!, 1e-6);
  expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
}

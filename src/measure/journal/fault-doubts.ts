// What a journal says against the faults of a run: one that never came, or was not seen to bite.
import type { CheckResult } from '../../evidence/event.ts';
import type { Timeline } from '../timeline.ts';
import { formatDuration, plainDetail } from '../words.ts';

/** A fault must be seen to bite. */
export function faultReasons(run: Timeline): string[] {
  return run.all('fault.started').flatMap(({ index, kind, region }) => {
    const name = `The fault ${kind} of region ${region}`;
    const proof = run.all('fault.proved').find((event) => event.index === index);
    if (proof === undefined) return [`${name} was never seen to bite.`];
    if (!proof.ok) {
      const found = failed(proof.checks).join('; ') || 'no check saw its effect';
      return [`${name} did not bite: ${found}.`];
    }
    return run.injected(index) === undefined ? [`${name} was never completely injected.`] : [];
  });
}

/** Every fault of the plan, and a condition before the steady state that it is to shape. */
export function plannedReasons(run: Timeline): string[] {
  const steady_ms = run.first('steady.started')?.t ?? Infinity;
  return run.plan.faults.flatMap(({ index, kind, region, beforehand }) => {
    const name = `The fault ${kind} of region ${region}`;
    const isStarted = run.all('fault.started').some((event) => event.index === index);
    if (!isStarted) return [neverInjected(run, name, index)];
    const isLate = beforehand && (run.injected(index)?.t ?? -Infinity) > steady_ms;
    return isLate ? [`${name} came after the steady state had begun.`] : [];
  });
}

function neverInjected(run: Timeline, name: string, index: number): string {
  const awaited = run.all('fault.awaited').find((event) => event.index === index);
  const { wait_ms = 0 } = run.plan.faults.find((fault) => fault.index === index) ?? {};
  const why =
    awaited?.found === null
      ? `: ${awaited.condition} did not come within ${formatDuration(wait_ms)}`
      : '';
  return `${name} was planned and never injected${why}.`;
}

/** The checks that failed, as parts of a sentence. */
export function failed(checks: readonly CheckResult[]): string[] {
  return checks
    .filter(({ ok }) => !ok)
    .map((check) => `${check.name}: ${plainDetail(check.detail)}`);
}

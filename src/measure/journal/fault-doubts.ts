// What a journal says against the faults of a run: one that never came, or was not seen to bite.
import { isOfOperators, type PlannedFault } from '../../drill/fault/registry.ts';
import type { CheckResult } from '../../evidence/event.ts';
import { nameOfFault } from '../operations/lasting.ts';
import type { Timeline } from '../timeline.ts';
import { formatDuration, plainDetail } from '../words.ts';

/** A fault must be seen to bite. */
export function faultReasons(run: Timeline): string[] {
  return run.all('fault.started').flatMap(({ index, kind, region }) => {
    const planned = run.plan.faults.find((fault) => fault.index === index);
    const name = planned ? nameOfFault(planned) : `The fault ${kind} of region ${region}`;
    const proof = run.all('fault.proved').find((event) => event.index === index);
    if (proof === undefined) return [`${name} ${neverSeen(run)}.`];
    if (!proof.ok) {
      const found = failed(proof.checks).join('; ') || 'no check saw its effect';
      return [`${name} did not bite: ${found}.`];
    }
    if (run.injected(index) === undefined) return [`${name} was never completely injected.`];
    return planned?.kind === 'stale-dns' && !hasWithheld(run, planned)
      ? [`${name} showed nothing: while it lasted, every client was told what was due.`]
      : [];
  });
}

/** A run that ended before its time may have ended before anybody could look. */
function neverSeen(run: Timeline): string {
  const end = run.ends[0];
  return end === undefined
    ? 'was never seen to bite'
    : `was not seen to bite before the run ${END_WORDS[end.event]}`;
}

const END_WORDS = {
  'run.limited': 'was stopped',
  'run.stopped': 'was stopped',
  'run.interrupted': 'was interrupted',
  'environment.failed': 'broke off',
  'internal.failed': 'broke off',
} as const;

/** Whether any client was told something else than it should have been. */
function hasWithheld(run: Timeline, { index }: PlannedFault): boolean {
  const from_ms = run.all('fault.started').find((event) => event.index === index)?.t ?? Infinity;
  const to_ms = run.healed(index)?.t ?? Infinity;
  return run.all('gslb.withheld').some(({ t }) => t >= from_ms && t <= to_ms);
}

/** Every fault of the plan; what is there beforehand, before the steady state that it shapes. */
export function plannedReasons(run: Timeline): string[] {
  const steady_ms = run.first('steady.started')?.t ?? Infinity;
  return run.plan.faults.flatMap((fault) => {
    const { index, beforehand } = fault;
    const name = nameOfFault(fault);
    const isStarted = run.all('fault.started').some((event) => event.index === index);
    if (!isStarted) return [neverInjected(run, fault)];
    const isLate = beforehand && (run.injected(index)?.t ?? -Infinity) > steady_ms;
    return isLate ? [`${name} came after the steady state had begun.`] : [];
  });
}

function neverInjected(run: Timeline, fault: PlannedFault): string {
  const { index, wait_ms = 0 } = fault;
  if (isOfOperators(fault.kind)) return neverHeld(run, fault);
  const awaited = run.all('fault.awaited').find((event) => event.index === index);
  const why =
    awaited?.found === null
      ? `: ${awaited.condition} did not come within ${formatDuration(wait_ms)}`
      : '';
  return `${nameOfFault(fault)} was planned and never injected${why}.`;
}

/** Of the operators: they never came to what they were to do wrong. */
function neverHeld(run: Timeline, fault: PlannedFault): string {
  const isBegun = run.first('recovery.started') !== undefined;
  const isReached = isBegun && fault.kind !== 'delay-declaration';
  const why = isReached ? 'the recovery did not come to it' : 'no disaster was declared';
  return `${nameOfFault(fault)} was planned and never came to hold: ${why}.`;
}

/** The checks that failed, as parts of a sentence. */
export function failed(checks: readonly CheckResult[]): string[] {
  return checks
    .filter(({ ok }) => !ok)
    .map((check) => `${check.name}: ${plainDetail(check.detail)}`);
}

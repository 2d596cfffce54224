// Everything that a report of one run shows, made once from its evidence and its result, so that no
// report works anything out by itself. Pure.
import { conditionsOf } from '../../drill/plan/conditions.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { faultsIn } from '../../measure/journal/facts.ts';
import { Timeline, type Span } from '../../measure/timeline.ts';
import type { Result } from '../../verdict/result.ts';
import { faultName } from '../summary/fault-words.ts';
import { storyOf, type Story } from '../summary/story.ts';
import { courseOf } from './course.ts';
import { ratesOf, type Rates } from './rates.ts';

/** Times are milliseconds since the run's origin. */
export interface RunView {
  readonly result: Result;
  readonly plan: Plan;
  readonly story: Story;
  /** What the charts show: from shortly before the first fault, or the steady state, to the end. */
  readonly span: Span;
  /** The part of it in which the recovery took place; all of it where it never ended. */
  readonly course: Span;
  /** Where the clock of the RTO starts; null: there was no disaster. */
  readonly disaster_ms: number | null;
  readonly faults: readonly FaultView[];
  readonly marks: readonly Moment[];
  readonly phases: readonly PhaseView[];
  readonly steps: readonly StepView[];
  /** Null where no ledger can be read. */
  readonly rates: Rates | null;
  /** What the other side lacked of the log, in bytes. */
  readonly lag: readonly { readonly at_ms: number; readonly bytes: number }[];
  readonly conditions: readonly (readonly [string, string])[];
}

export interface Moment {
  readonly name: string;
  readonly at_ms: number;
}

export interface FaultView extends Span {
  readonly name: string;
  readonly isDisaster: boolean;
}

export interface PhaseView extends Span {
  readonly name: string;
}

export interface StepView extends Span {
  readonly name: string;
  /** Null: it did not. */
  readonly failed: string | null;
}

/** Shown of the healthy time before the first fault. */
const LEAD_MS = 2_000;

export function runView(evidence: Evidence, result: Result): RunView {
  const { plan, events, stores } = evidence;
  const run = new Timeline(plan, events);
  const span = spanOf(run);
  const disaster_ms = run.disaster?.started_ms ?? null;
  const marks = Object.entries(result.recovery?.marks ?? {})
    .flatMap(([name, at_ms]) => (at_ms === null ? [] : [{ name, at_ms }]))
    .toSorted((one, other) => one.at_ms - other.at_ms);
  const steps = stepsOf(run, span);
  return {
    result,
    plan,
    story: storyOf(plan, events),
    span,
    course: courseOf(span, disaster_ms, marks, steps),
    disaster_ms,
    faults: faultsOf(run, span),
    marks,
    phases: phasesOf(result, disaster_ms),
    steps,
    rates: ratesOf(stores, span),
    lag: run.all('workload.sampled').flatMap(({ t, lag_bytes }) => {
      const isShown = lag_bytes !== null && t >= span.from_ms && t <= span.to_ms;
      return isShown ? [{ at_ms: t, bytes: lag_bytes }] : [];
    }),
    conditions: [...conditionsOf(plan)],
  };
}

/** To when the clients stopped for the last time; the failback is shown too. */
function spanOf(run: Timeline): Span {
  const { hit_ms, steady } = run;
  const first = Math.min(hit_ms, steady?.to_ms ?? Infinity);
  const began = run.first('workload.started')?.t ?? 0;
  const from_ms = Math.max(began, Number.isFinite(first) ? first - LEAD_MS : began);
  const stops = run.all('workload.stopped').map(({ t }) => t);
  const last = run.events.reduce((latest, { t }) => Math.max(latest, t), from_ms);
  return { from_ms, to_ms: stops.length > 0 ? Math.max(...stops) : last };
}

export function faultsOf(run: Timeline, span: Span): FaultView[] {
  return faultsIn(run).map((fault) => ({
    name: faultName(fault),
    isDisaster: fault.disaster,
    from_ms: fault.started_ms,
    to_ms: fault.healed_ms ?? span.to_ms,
  }));
}

/** They follow one another from the fault on. */
function phasesOf({ recovery }: Result, fault_ms: number | null): PhaseView[] {
  let from_ms = fault_ms ?? 0;
  return (recovery?.phases ?? []).flatMap(({ name, ms }) => {
    if (ms === null || fault_ms === null) return [];
    const phase = { name, from_ms, to_ms: from_ms + ms };
    from_ms = phase.to_ms;
    return [phase];
  });
}

export function stepsOf(run: Timeline, span: Span): StepView[] {
  return run.all('step.started').map(({ step, t }) => {
    const isIts = (event: { readonly step: string; readonly t: number }) => {
      return event.step === step && event.t >= t;
    };
    const ends = [...run.all('step.ended'), ...run.all('step.failed')].filter(isIts);
    const end = ends.toSorted((one, other) => one.t - other.t)[0];
    const failed = end?.event === 'step.failed' ? end.reason : null;
    return { name: step, from_ms: t, to_ms: end?.t ?? span.to_ms, failed };
  });
}

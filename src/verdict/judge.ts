// The verdict of a run: its gates, what proves it false, and what kept it from being a drill at
// all. The worst wins.
import { disturbedBeforeMove } from '../drill/gate/failback-rto.ts';
import { disturbedBefore } from '../drill/gate/rto.ts';
import { type Plan } from '../drill/plan/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import type { Failure, Measurement } from '../measure/measured.ts';
import { Timeline } from '../measure/timeline.ts';
import {
  environmentWords,
  internalWords,
  interruptWords,
  limitWords,
  stopWords,
} from '../measure/journal/end-doubts.ts';
import { faultsIn, machineIn, storesIn, watchIn } from '../measure/journal/facts.ts';
import { plainDetail } from '../measure/words.ts';
import { gatesOf } from './gates.ts';
import { earlyEnds, notesOf } from './notes.ts';
import {
  resultDivergence,
  resultExposure,
  resultFailback,
  resultLoss,
  resultRecovery,
} from './result.ts';
import type { Gate, Result, Verdict } from './result.ts';

/**
 * Worst first, of one run. Unclean is what would be a pass or inconclusive: a run whose environment
 * broke says so, and what it left stands beside it.
 */
const VERDICTS: readonly Verdict[] = [
  'internal',
  'interrupted',
  'fail',
  'environment',
  'unclean',
  'inconclusive',
];

/**
 * Where the machine itself ran out of something, whatever failed then proves nothing of the system.
 */
const VERDICTS_WITHOUT_MACHINE: readonly Verdict[] = [
  ...VERDICTS.slice(0, 2),
  'environment',
  ...VERDICTS.slice(2).filter((verdict) => verdict !== 'environment'),
];

interface Finding {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Null: it is a doubt. */
  readonly failure: Failure | null;
}

export interface JudgeOptions {
  /** The run is still going on: that it has not ended and cleaned up yet is nothing against it. */
  readonly soFar?: boolean;
}

export function judge(
  plan: Plan,
  events: readonly RunEvent[],
  measurement: Measurement,
  { soFar = false }: JudgeOptions = {},
): Result {
  const timeline = new Timeline(plan, events);
  const gates = gatesOf(plan.targets, measurement, plan);
  const ends = endFindings(timeline, soFar);
  // A run that broke off before its disaster has nothing to say of gates and doubts: why it broke
  // off is the reason.
  const isBroken = ends.some(({ verdict }) => verdict !== 'unclean' && verdict !== 'inconclusive');
  const isCutShort = ends.some(({ verdict }) => verdict !== 'unclean');
  const hasDisaster = measurement.recovery !== null || measurement.loss !== null;
  const rest = isBroken && !hasDisaster ? [] : measuredFindings(gates, measurement, isCutShort);
  const first = [...earlyFindings(timeline), ...undeclaredFindings(timeline)];
  const others = [...ends, ...rest];
  // Whatever was missed after it: why nobody recovered is the first reason.
  const hadMachine = timeline.all('environment.failed').every(({ machine }) => machine !== true);
  const worstFirst = hadMachine ? VERDICTS : VERDICTS_WITHOUT_MACHINE;
  const sorted = [
    ...(hadMachine ? first : []),
    ...worstFirst.flatMap((one) => others.filter((found) => found.verdict === one)),
    ...(hadMachine ? [] : first),
  ];
  const verdict = worstFirst.find((one) => sorted.some((found) => found.verdict === one)) ?? 'pass';
  const run = timeline.first('run.started');
  const cleanup = timeline.last('cleanup.ended') ?? null;
  return {
    schema: 'drill.result/1',
    id: run?.id ?? '',
    started_at: run?.at ?? '',
    wall_ms: timeline.first('run.finished')?.wall_ms ?? null,
    drill: drillOf(plan),
    runtime: runtimeOf(timeline),
    ...(run === undefined ? {} : { drill_version: run.drill_version }),
    faults: faultsIn(timeline),
    machine: machineIn(timeline),
    databases: storesIn(timeline),
    ...watchOf(timeline),
    verdict,
    // Each sentence once.
    reasons: [...new Set(sorted.map(({ reason }) => reason))],
    failures: sorted.flatMap(({ failure }) => failure ?? []),
    notes: notesOf(timeline, measurement),
    gates,
    recovery: resultRecovery(measurement.recovery),
    loss: resultLoss(measurement.loss, measurement.stores),
    failback: resultFailback(measurement.failback),
    cost: measurement.cost,
    exposure: resultExposure(measurement.exposure),
    unprotected: measurement.unprotected,
    divergence: resultDivergence(measurement.divergence),
    cleanup: cleanup && { clean: cleanup.clean, left: cleanup.left },
    kept: timeline.all('system.kept').flatMap(({ nodes }) => nodes),
    against: timeline.first('system.claimed')?.run ?? null,
    ...regionsOf(timeline),
    ...(measurement.baseline === null ? {} : { baseline: measurement.baseline }),
  };
}

/** The last word: regions that could not be kept after all were made anew. */
function regionsOf(run: Timeline): Pick<Result, 'regions'> {
  const placed = run.last('regions.placed');
  return placed === undefined ? {} : { regions: { kept: placed.kept, why: placed.why } };
}

/** A drill that is to prove a recovery proves nothing where none ran, however short the outage. */
function undeclaredFindings(run: Timeline): Finding[] {
  if (run.plan.expect === 'ride-out') return [];
  return run.all('disaster.undeclared').map(({ reason }) => {
    const text = `No recovery ran, so nothing is proved of one: ${plainDetail(reason)}.`;
    return failing('inconclusive', { code: 'not-declared', text });
  });
}

/** The system that the disaster struck was not the one of the plan. */
function earlyFindings(run: Timeline): Finding[] {
  return earlyEnds(run).map(({ node, reason }) => {
    return doubtful(`${node} ended by itself before the disaster: ${plainDetail(reason)}.`);
  });
}

/** Whether it was cleaned up since stands in no evidence. */
export const BROKE_OFF = 'The run broke off before its clean-up was done.';

function endFindings(run: Timeline, soFar: boolean): Finding[] {
  const hasEnded = run.first('run.finished') !== undefined;
  const isCleaned = run.first('cleanup.ended') !== undefined;
  return [
    ...run.all('internal.failed').map((event) => {
      return failing('internal', { code: 'internal-error', text: internalWords(event) });
    }),
    ...run.all('run.interrupted').map((event) => {
      return failing('interrupted', { code: 'run-interrupted', text: interruptWords(event) });
    }),
    ...run.all('run.limited').map((event) => doubtful(limitWords(event))),
    ...run.all('run.stopped').map((event) => {
      const text = stopWords(event);
      return event.verdict === 'fail'
        ? failing('fail', { code: 'stop-condition', text })
        : doubtful(text);
    }),
    ...run.all('environment.failed').map((event) => {
      return failing('environment', { code: 'environment-failed', text: environmentWords(event) });
    }),
    ...run.all('cleanup.ended').flatMap(({ clean, left }) => {
      const what = left.length === 0 ? 'something' : left.join(', ');
      const text = `Could not be cleaned up: ${what}.`;
      return clean ? [] : [failing('unclean', { code: 'clean-up-failed', text })];
    }),
    ...(soFar || (hasEnded && isCleaned) ? [] : [doubtful(BROKE_OFF)]),
  ];
}

/** What a run never came to is not said one by one where its end is the reason. */
function measuredFindings(
  gates: readonly Gate[],
  measurement: Measurement,
  isCutShort: boolean,
): Finding[] {
  const doubts = measurement.doubts.filter(({ endsEarly }) => !(endsEarly && isCutShort));
  return [
    ...measurement.failures.map((failure) => failing('fail', failure)),
    ...disturbedFindings(measurement),
    ...gates.flatMap(({ name, verdict, reason }): Finding[] => {
      const text = reason ?? '';
      if (verdict === 'pass') return [];
      if (verdict === 'inconclusive') return [doubtful(text)];
      return [failing('fail', { code: 'target-missed', gate: name, text })];
    }),
    ...doubts.map(({ reason }) => doubtful(reason)),
  ];
}

/** An outage that began before what is timed and was not seen to end: no RTO, and no pass. */
function disturbedFindings({ recovery, failback }: Measurement): Finding[] {
  const reasons = [
    ...said(recovery?.disturbed_before_ms, disturbedBefore),
    ...said(failback?.disturbed_before_ms, disturbedBeforeMove),
  ];
  return reasons.map((text) => failing('inconclusive', { code: 'disturbed-before', text }));
}

function said(ms: number | undefined, words: (ms: number) => string): string[] {
  return ms === undefined ? [] : [words(ms)];
}

function failing(verdict: Verdict, failure: Failure): Finding {
  return { verdict, reason: failure.text, failure };
}

function doubtful(reason: string): Finding {
  return { verdict: 'inconclusive', reason, failure: null };
}

function runtimeOf(run: Timeline): Result['runtime'] {
  const up = run.first('topology.up');
  if (up === undefined) return null;
  const { runtime, postgres, proxy, settings } = up;
  return { kind: runtime, postgres, proxy, settings };
}

function drillOf(plan: Plan): Result['drill'] {
  const { name, sha256, strategy, seed, controls, trial, outside } = plan;
  return {
    name,
    sha256,
    strategy,
    seed,
    ...(plan.disaster === undefined ? {} : { disaster: 'none' as const }),
    ...(controls === undefined ? {} : { controls }),
    ...(trial === undefined ? {} : { trial }),
    ...drawnIn(plan),
    ...(outside === undefined ? {} : { outside }),
  };
}

function watchOf(run: Timeline): Pick<Result, 'watch'> {
  const watch = watchIn(run);
  return watch === null ? {} : { watch };
}

/** Nothing where the file states every moment itself. */
function drawnIn({ faults }: Plan): Pick<Result['drill'], 'drawn'> {
  const drawn = faults.flatMap(({ kind, at_ms, drawn_from }) =>
    drawn_from === undefined ? [] : [{ fault: kind, at_ms, ...drawn_from }],
  );
  return drawn.length === 0 ? {} : { drawn };
}

// The verdict of a run: its gates, what proves it false, and what kept it from being a drill at
// all. The worst wins.
import type { Plan } from '../drill/plan/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import type { Measurement } from '../measure/measurement.ts';
import { eventsOf, firstOf } from '../measure/service/timeline.ts';
import { capital, plainDetail } from '../measure/words.ts';
import { gatesOf } from './gates.ts';
import { notesOf } from './notes.ts';
import {
  resultDivergence,
  resultExposure,
  resultFailback,
  resultLoss,
  resultRecovery,
} from './result-parts.ts';
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
  'pass',
];

interface Finding {
  readonly verdict: Verdict;
  readonly reason: string;
}

export interface JudgeOptions {
  /** The run is still going on: that it has not ended and cleaned up yet is nothing against it. */
  readonly soFar?: boolean;
}

/** The result as `result.json` holds it. */
export function judge(
  plan: Plan,
  events: readonly RunEvent[],
  measurement: Measurement,
  { soFar = false }: JudgeOptions = {},
): Result {
  const gates = gatesOf(plan.targets, measurement);
  const ends = endFindings(events, soFar);
  // A run that broke off before its disaster has nothing to say of gates and doubts: why it broke
  // off is the reason.
  const isBroken = ends.some(({ verdict }) => verdict !== 'unclean' && verdict !== 'inconclusive');
  const hasDisaster = measurement.recovery !== null || measurement.loss !== null;
  const rest = isBroken && !hasDisaster ? [] : measuredFindings(gates, measurement);
  const findings = [...ends, ...rest];
  const verdict = VERDICTS.find((one) => findings.some((f) => f.verdict === one)) ?? 'pass';
  const run = firstOf(events, 'run.started');
  const { name, sha256, strategy, seed } = plan;
  return {
    schema: 'drill.result/1',
    id: run?.id ?? '',
    started_at: run?.at ?? '',
    wall_ms: firstOf(events, 'run.finished')?.wall_ms ?? null,
    drill: { name, sha256, strategy, seed },
    runtime: runtimeOf(events),
    verdict,
    reasons: reasonsOf(findings),
    notes: notesOf(plan, events, measurement),
    gates,
    recovery: resultRecovery(measurement.recovery),
    loss: resultLoss(measurement.loss, measurement.stores),
    failback: resultFailback(measurement.failback),
    cost: measurement.cost,
    exposure: resultExposure(measurement.exposure),
    divergence: resultDivergence(measurement.divergence),
    cleanup: cleanupOf(events),
    kept: eventsOf(events, 'system.kept').flatMap(({ nodes }) => nodes),
    against: firstOf(events, 'system.claimed')?.run ?? null,
  };
}

/** How the run ended, gates aside. */
function endFindings(events: readonly RunEvent[], soFar: boolean): Finding[] {
  const findings: Finding[] = [];
  for (const { message } of eventsOf(events, 'internal.failed')) {
    const reason = `A bug in drill: ${plainDetail(message)}.`;
    findings.push({ verdict: 'internal', reason });
  }
  for (const { by } of eventsOf(events, 'run.interrupted')) {
    findings.push({ verdict: 'interrupted', reason: `The run was interrupted by ${by}.` });
  }
  for (const { what, expected, found, hint } of eventsOf(events, 'environment.failed')) {
    const next = hint === '' ? '' : ` ${capital(plainDetail(hint))}.`;
    const facts = `expected ${plainDetail(expected)}, found ${plainDetail(found)}`;
    findings.push({ verdict: 'environment', reason: `${capital(what)}: ${facts}.${next}` });
  }
  for (const { clean, left } of eventsOf(events, 'cleanup.ended')) {
    if (clean) continue;
    const what = left.length === 0 ? 'something' : left.join(', ');
    findings.push({ verdict: 'unclean', reason: `Could not be cleaned up: ${what}.` });
  }
  const hasEnded = firstOf(events, 'run.finished') !== null;
  if (!soFar && (!hasEnded || firstOf(events, 'cleanup.ended') === null)) {
    const reason = 'The run broke off before its clean-up was done; `drill clean` finishes it.';
    findings.push({ verdict: 'inconclusive', reason });
  }
  return findings;
}

function measuredFindings(gates: readonly Gate[], measurement: Measurement): Finding[] {
  const findings: Finding[] = [];
  for (const reason of measurement.failures) findings.push({ verdict: 'fail', reason });
  for (const { verdict, reason } of gates) {
    if (verdict !== 'pass') findings.push({ verdict, reason: reason ?? '' });
  }
  for (const { reason } of measurement.doubts) findings.push({ verdict: 'inconclusive', reason });
  return findings;
}

/** Worst first, each once. */
function reasonsOf(findings: readonly Finding[]): string[] {
  const sorted = VERDICTS.flatMap((one) => findings.filter(({ verdict }) => verdict === one));
  return [...new Set(sorted.map(({ reason }) => reason))];
}

function runtimeOf(events: readonly RunEvent[]): Result['runtime'] {
  const up = firstOf(events, 'topology.up');
  if (up === null) return null;
  const { runtime, postgres, proxy, settings } = up;
  return { kind: runtime, postgres, proxy, settings };
}

function cleanupOf(events: readonly RunEvent[]): Result['cleanup'] {
  const ended = eventsOf(events, 'cleanup.ended').at(-1);
  return ended === undefined ? null : { clean: ended.clean, left: ended.left };
}

// The verdict of a game day: of each drill what its trials say, with the findings that are known
// already; of the day the worst of them. Pure.
import type { DayDrill, DayOutcome, GameDayRecord } from '../evidence/gameday-form.ts';
import { worstVerdict } from './exit-code.ts';
import type { Result, Verdict } from './result.ts';
import { judgeSeries, type SeriesGate, type SeriesResult } from './series.ts';

type Findings = DayDrill['findings'];
type Trials = Parameters<typeof judgeSeries>[0];

/** What came of one drill of a day; `trials` are those of its series. */
export function judgeDayDrill(trials: Trials, findings: Findings): DayOutcome {
  const series = judgeSeries(trials);
  const planned = trials.trials.length;
  if (series === null) return notRun('inconclusive', 'No trial has a result.', planned);
  const all = series.trials;
  const isAlone = planned === 1 && all[0]!.verdict === series.verdict;
  const own = isAlone ? { ...series, reasons: all[0]!.reasons } : series;
  const { verdict, reasons } = withFindings(own, trials.trials, findings);
  return {
    verdict,
    measured: series.verdict,
    reasons,
    trials: { made: series.made, planned },
    gates: series.gates.map(({ name, unit, bound, target, verdict: judged, decided }) => {
      const finding = findings[name] ?? null;
      return { name, unit, bound, target, verdict: judged, decided, finding };
    }),
    ...(series.drill.disaster === undefined ? {} : { disaster: series.drill.disaster }),
    rto_ms: series.rto_ms?.max ?? null,
    rpo_ms: mostOf(all.map(({ rpo_ms }) => rpo_ms)),
    lost: mostOf(all.map(({ lost }) => lost)),
  };
}

/** Of a drill that could not be run; `planned` trials were to be made. */
export function notRun(verdict: Verdict, reason: string, planned: number): DayOutcome {
  return {
    verdict,
    measured: verdict,
    reasons: [reason],
    trials: { made: 0, planned },
    gates: [],
    rto_ms: null,
    rpo_ms: null,
    lost: null,
  };
}

/**
 * A gate whose failure is known keeps a drill green while it fails, and turns it red once it
 * passes: the finding is mended then, and nobody would notice when it comes back. All else that a
 * trial failed by fails the drill as ever.
 */
function withFindings(
  { verdict, reasons, gates }: SeriesResult,
  trials: readonly (Result | null)[],
  findings: Findings,
): { readonly verdict: Verdict; readonly reasons: readonly string[] } {
  const known = gates.filter(({ name }) => findings[name] !== undefined);
  const mended = known.filter((gate) => gate.verdict === 'pass').map((gate) => mendedText(gate));
  const isProved = verdict === 'pass' || verdict === 'fail';
  if (isProved && mended.length > 0) return { verdict: 'fail', reasons: [...mended, ...reasons] };
  if (verdict !== 'fail' || !isOnlyKnown(gates, trials, findings)) return { verdict, reasons };
  // Of one trial, in its own words.
  const own = trials.length === 1 ? trials[0]!.gates : gates;
  const why = new Map(own.map(({ name, reason }) => [name, reason]));
  const told = known.map(({ name }) => {
    return `Known (${findings[name]}): ${why.get(name) ?? `${name} was missed.`}`;
  });
  return { verdict: 'pass', reasons: told };

  function mendedText({ name }: SeriesGate): string {
    return `${name} passes, and is known to fail (${findings[name]}): take its finding away.`;
  }
}

/** Whether nothing failed, and nothing is in doubt, but gates whose failure is known. */
function isOnlyKnown(
  gates: readonly SeriesGate[],
  trials: readonly (Result | null)[],
  findings: Findings,
): boolean {
  const isFound = (gate: string | undefined) => findings[String(gate)] !== undefined;
  const areGates = gates.every(({ name, verdict }) => verdict === 'pass' || isFound(name));
  const areTrials = trials.every((trial) => {
    if (trial?.verdict === 'pass') return true;
    if (trial?.verdict !== 'fail' || trial.failures.length === 0) return false;
    const { failures, reasons } = trial;
    // A doubt that no gate shows is a reason that is no failure.
    const isTold = (reason: string) => failures.some(({ text }) => text === reason);
    const areKnown = failures.every(({ code, gate }) => code === 'target-missed' && isFound(gate));
    return areKnown && reasons.every(isTold);
  });
  return areGates && areTrials;
}

/** Null where one of them is not known: it may be the largest. */
function mostOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? Math.max(...known) : null;
}

/** Of a day that is over. What was to be run and was not proves nothing. */
export function dayVerdict({ drills, stop }: Pick<GameDayRecord, 'drills' | 'stop'>): Verdict {
  const made = drills.flatMap(({ outcome }) => (outcome === null ? [] : [outcome.verdict]));
  const isWhole = made.length === drills.length && stop === null;
  const lacking: Verdict = stop === null ? 'inconclusive' : STOPPED[stop.why];
  return worstVerdict(isWhole ? made : [...made, lacking]);
}

const STOPPED: Readonly<Record<NonNullable<GameDayRecord['stop']>['why'], Verdict>> = {
  blocked: 'inconclusive',
  missed: 'inconclusive',
  precondition: 'environment',
  'not-approved': 'inconclusive',
  interrupted: 'interrupted',
  'handed-over': 'inconclusive',
};

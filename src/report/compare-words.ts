// The figures and facts of a comparison in words, the same in every form in which it is shown.
import { formatDuration } from '../base/units.ts';
import type { Interval } from '../measure/measurement.ts';
import { count, formatCount } from '../screen/text.ts';
import type {
  ComparedDrill,
  Comparison,
  Difference,
  Spread,
  StandingCost,
} from '../verdict/comparison.ts';

/** Of every form; empty where it was not measured. */
export function figureText(figure: Interval | null): string {
  if (figure === null) return '';
  return figure.value === null ? 'not recovered' : timeText(figure.value);
}

/** The interval in which the truth lies. */
export function errorBarText(figure: Interval | null): string {
  if (figure === null) return '';
  const { value, low, high } = figure;
  if (low === null) return '';
  if (value === null || high === null) return low > 0 ? `over ${timeText(low)}` : '';
  return low === high ? 'exact' : rangeText(timeText(low), timeText(high));
}

/** From the least to the most of several runs; empty where there was only one. */
export function spreadText(spread: Spread<Interval> | Spread<number> | null): string {
  if (spread === null || spread.runs < 2) return '';
  const text = (figure: Interval | number) =>
    typeof figure === 'number' ? formatCount(figure) : figureText(figure);
  return rangeText(text(spread.min), text(spread.max));
}

/** The unit once where both have the same: `1.41–1.45 s`. */
function rangeText(from: string, to: string): string {
  if (from === to) return from;
  const [, number, unit] = /^([\d.,]+)( \S+)?$/.exec(from) ?? [];
  const [, , other] = /^([\d.,]+)( \S+)?$/.exec(to) ?? [];
  return number !== undefined && unit === other ? `${number}–${to}` : `${from} – ${to}`;
}

/** `0 s` stands for nothing at all. */
export function timeText(ms: number): string {
  return ms === 0 ? '0 s' : formatDuration(ms);
}

/** `3`, or `3, 2 passed`. */
export function runsText({ runs }: ComparedDrill): string {
  const passed = runs.filter(({ verdict }) => verdict === 'pass').length;
  return passed === runs.length ? String(runs.length) : `${runs.length}, ${passed} passed`;
}

/** `4 drills, 3 runs of each`. */
export function extentText({ drills }: Comparison): string {
  const numbers = drills.map(({ runs }) => runs.length);
  const total = numbers.reduce((sum, each) => sum + each, 0);
  const what = count(drills.length, 'drill');
  if (total === drills.length) return what;
  const isEven = numbers.every((each) => each === numbers[0]);
  if (!isEven || drills.length === 1) return `${what}, ${count(total, 'run')}`;
  return `${what}, ${count(numbers[0]!, 'run')} of each`;
}

/** What was alike in all runs and is worth a line; the rest stands in the file. */
export function conditionsText({ conditions }: Comparison): string {
  const { seed, runtime, PostgreSQL: postgres, proxy } = conditions;
  const parts = [
    conditions['workload.rate'],
    conditions['faults'],
    seed && `seed ${seed}`,
    runtime,
    postgres && `PostgreSQL ${postgres}`,
    proxy && `proxy ${proxy}`,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** `workload.rate: 200/s (pilot-light, warm-standby), 100/s (active-active)`. */
export function differenceText({ key, values }: Difference): string {
  const each = values.map(({ value, drills }) => `${value} (${drills.join(', ')})`);
  return `${key}: ${each.join(', ')}`;
}

/** What has to be known to read the figures, each a sentence. */
export function remarksOf(comparison: Comparison): string[] {
  const { drills, unknown_conditions: unknown, not_made: missing } = comparison;
  const remarks: string[] = [];
  if (missing > 0)
    remarks.push(`It was stopped: ${count(missing, 'more run')} had been asked for.`);
  if (unknown.length > 0) {
    remarks.push(
      `The plan of ${unknown.join(', ')} cannot be read: whether it had the same workload, fault ` +
        'and seed is not known.',
    );
  }
  if (drills.some(({ runs }) => runs.length > 1)) {
    remarks.push(
      'Figures are medians: of an even number of runs, the higher of the two in the middle. The ' +
        'error bar and the phases are those of the run with the median RTO or RPO.',
    );
  }
  const partly = drills.filter(({ runs, rto_ms }) => (rto_ms?.runs ?? 0) < runs.length);
  const open = partly.filter(({ rto_ms }) => rto_ms !== null);
  for (const { label, runs, rto_ms } of open) {
    remarks.push(`${label}: the RTO was measured in ${rto_ms!.runs} of ${runs.length} runs.`);
  }
  if (drills.some(({ cost }) => hasGaps(cost)) || partly.length > 0) {
    remarks.push('What is empty was not measured.');
  }
  return remarks;
}

function hasGaps(cost: StandingCost | null): boolean {
  return cost === null || Object.values(cost).includes(null);
}

/** Why a drill did not pass: the reasons of its worst run, and of how many runs there are more. */
export function reasonsOf({ runs, verdict }: ComparedDrill): readonly string[] {
  if (verdict === 'pass') return [];
  return runs.find((run) => run.verdict === verdict)?.reasons ?? [];
}

// The figures and facts of a comparison in words, the same in every form in which it is shown.
import { formatDuration } from '../../base/units.ts';
import type { Interval } from '../../drill/measurement.ts';
import { count, formatCount } from '../../screen/text.ts';
import type { ComparedDrill, Comparison, Difference, Spread } from '../../verdict/comparison.ts';

/** A measured time, the same in every form; empty where it was not measured. */
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
  return passed === runs.length || runs.length === 1
    ? String(runs.length)
    : `${runs.length}, ${passed} passed`;
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

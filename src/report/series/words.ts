// A value over the trials of a series, in words, by one rule in every report.
import { quantity, type Unit } from '../../drill/gate/gate.ts';
import { chanceWords, slowerWords, type Regression } from '../../drill/regression.ts';
import type { SeriesGate, SeriesResult, Summary } from '../../verdict/series.ts';

/** Of a wait that never ended. */
const NEVER = 'never';

/** `2.31 s`, or `never`. */
export function valueWords(value: number | null, unit: Unit): string {
  return value === null ? NEVER : quantity(value, unit);
}

/** `1.89 s to 4.16 s, 3.11 s in the middle`; `of` are the trials that it is said of. */
export function rangeWords(summary: Summary, unit: Unit, made: number): string {
  const { min, max, of } = summary;
  const [least, most] = [min, max].map((value) => valueWords(value, unit));
  const some = of === made ? '' : `, in ${of} of ${made} trials`;
  return least === most
    ? `${least}${some}`
    : `${least} to ${most}${middleWords(summary, unit)}${some}`;
}

/** `, 3.11 s in the middle`: between two nothing is. */
export function middleWords({ median, of }: Summary, unit: Unit): string {
  return of > 2 ? `, ${valueWords(median, unit)} in the middle` : '';
}

export function gateRange(gate: SeriesGate, made: number): string {
  const { measured, unit, regression } = gate;
  if (regression !== undefined) return regressionWords(regression);
  return measured === null ? 'not measured' : rangeWords(measured, unit, made);
}

/** `31 % slower, p = 0.012`: all trials together, against the past. */
function regressionWords({ slower, chance, past, now_ms }: Regression): string {
  if (chance === null) return 'not judged';
  if (slower === null) return now_ms === null ? 'never back' : 'slower';
  return `${slowerWords(slower)} than ${past} of the past, ${chanceWords(chance)}`;
}

/** `9 of 10`; `together`, where the trials meet it as one. */
export function metWords({ met, regression }: SeriesGate, planned: number): string {
  return regression === undefined ? `${met} of ${planned}` : 'together';
}

/** `met by 9 of 10 trials`; of what they meet as one, by how much. */
export function metByWords(gate: SeriesGate, planned: number): string {
  const { met, regression } = gate;
  return regression === undefined ? `met by ${met} of ${planned} trials` : gateRange(gate, planned);
}

/** `target 15 s`, `at least 95 %` */
export function targetWords({ bound, target, unit, regression }: SeriesGate): string {
  if (regression !== undefined) return `at most ${slowerWords(target)}`;
  return `${bound === 'at least' ? 'at least' : 'target'} ${quantity(target, unit)}`;
}

/** In how many trials the regions were kept, and why not in the others; empty: nobody says. */
export function regionWords({ trials }: Pick<SeriesResult, 'trials'>): string {
  const said = trials.flatMap(({ regions }) => regions ?? []);
  if (said.length === 0) return '';
  const own = said.filter(({ kept }) => !kept).map(({ why }) => why);
  const reasons = [...new Set(own)].map((why) => {
    const times = own.filter((each) => each === why).length;
    return times === 1 ? why : `${why} (${times} times)`;
  });
  const kept = `Kept from the trial before in ${said.length - own.length} of ${said.length}`;
  return reasons.length === 0 ? `${kept}.` : `${kept}; new: ${reasons.join('; ')}.`;
}

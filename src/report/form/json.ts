// `json`: the results, for another program.
import type { Output } from '../../screen/screen.ts';
import type { Result } from '../../verdict/result.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import type { Reporter } from '../reporter.ts';

/**
 * The results as JSON: of each drill its result as in `result.json`, of one with trials what they
 * say together. Several drills in one command give an array.
 */
export function jsonReporter(output: Output): Reporter {
  const results: Result[] = [];
  let series: readonly SeriesResult[] = [];
  return {
    onResult: (result) => {
      results.push(result);
    },
    onSeries: (judged) => {
      series = judged;
    },
    onEnd: () => {
      const inSeries = new Set(series.flatMap(({ trials }) => trials.map(({ run }) => run)));
      const values = [...results.filter(({ id }) => !inSeries.has(id)), ...series];
      const value = values.length === 1 ? values[0] : values;
      output.write(`${JSON.stringify(value, null, 2)}\n`);
    },
  };
}

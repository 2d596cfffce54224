// `json`: the results, for another program.
import type { Output } from '../../screen/screen.ts';
import type { Reporter } from '../reporter.ts';
import { atTheEnd } from './outcomes.ts';

/**
 * The results as JSON: of each drill its result as in `result.json`, of one with trials what they
 * say together. Several drills in one command give an array. Nothing for what was not started.
 */
export function jsonReporter(output: Output): Reporter {
  return atTheEnd(({ runs, series, refused }) => {
    if (refused.length > 0) return;
    const values = [...runs.map(({ result }) => result), ...series];
    const value = values.length === 1 ? values[0] : values;
    output.write(`${JSON.stringify(value, null, 2)}\n`);
  });
}

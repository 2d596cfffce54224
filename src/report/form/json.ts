// `json`: the results, for another program.
import type { Output } from '../../screen/screen.ts';
import type { Reporter } from '../reporter.ts';
import { atTheEnd } from './outcomes.ts';

/**
 * The results as JSON: of each drill its result as in `result.json`, of one with trials what they
 * say together. Several drills in one command give an array. Where nothing was started, each drill
 * file with what is wrong with it (no `reasons`: nothing).
 */
export function jsonReporter(output: Output): Reporter {
  return atTheEnd(({ runs, series, refused }) => {
    if (refused.length > 0) {
      const text = JSON.stringify({ schema: 'drill.refused/1', refused }, null, 2);
      output.write(`${text}\n`);
      return;
    }
    const values = [...runs.map(({ result }) => result), ...series];
    const value = values.length === 1 ? values[0] : values;
    output.write(`${JSON.stringify(value, null, 2)}\n`);
  });
}

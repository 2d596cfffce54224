// `json`: the results, for another program.
import type { Output } from '../../screen/screen.ts';
import type { Reporter } from '../reporter.ts';
import { atTheEnd } from './outcomes.ts';

/**
 * The results as JSON: of each drill its result as in `result.json`, of one with trials what they
 * say together. Several drills in one command give an array. Where a drill was not run, each drill
 * file of those with what is wrong with it (no `reasons`: nothing), and the results that there are.
 */
export function jsonReporter(output: Output): Reporter {
  return atTheEnd(({ runs, series, refused }) => {
    const results = [...runs.map(({ result }) => result), ...series];
    const told = results.length === 0 ? {} : { results };
    const one = results.length === 1 ? results[0] : results;
    const value = refused.length > 0 ? { schema: 'drill.refused/1', refused, ...told } : one;
    output.write(`${JSON.stringify(value, null, 2)}\n`);
  });
}

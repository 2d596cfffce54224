// `json`: the results as JSON, the same object as `result.json`. Several drills in one command give
// an array.
import type { Result } from '../verdict/result.ts';
import type { Reporter } from './reporter.ts';

export function jsonReporter(write: (text: string) => void): Reporter {
  const results: Result[] = [];
  return {
    onResult: (result) => {
      results.push(result);
    },
    onEnd: () => {
      const value = results.length === 1 ? results[0] : results;
      write(`${JSON.stringify(value, null, 2)}\n`);
    },
  };
}

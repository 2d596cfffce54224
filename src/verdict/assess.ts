// Evidence in, result out: at the end of a run, and again in `drill judge`.
import type { Evidence } from '../evidence/evidence.ts';
import { measure } from '../measure/measure.ts';
import type { Measurement } from '../measure/measured.ts';
import { judge, type JudgeOptions } from './judge.ts';
import type { Result } from './result.ts';

/** Evidence that cannot be measured for whatever reason is inconclusive, never a pass. */
export function assess(evidence: Evidence, options: JudgeOptions = {}): Result {
  const { plan, events } = evidence;
  try {
    return judge(plan, events, measure(evidence), options);
  } catch (error) {
    const measurement = unmeasured(error);
    try {
      return judge(plan, events, measurement, options);
    } catch {
      // The events themselves are what cannot be read: only which run it was is left to say, and
      // not that it never ended.
      const named = events.filter(({ event }) => event === 'run.started');
      return judge(plan, named, measurement, { soFar: true });
    }
  }
}

/** The message stays visible, since damaged files and a bug in drill look alike from here. */
function unmeasured(error: unknown): Measurement {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const reason =
    'The evidence could not be measured; it is damaged, or this is a bug in drill ' +
    `(${message}).`;
  const doubts = [{ affects: 'all', reason }] as const;
  const numbers = { recovery: null, loss: null, failback: null, cost: null } as const;
  const rest = { exposure: null, unprotected: null, divergence: null, baseline: null } as const;
  return { ...numbers, ...rest, stores: [], doubts, failures: [] };
}

export function writeResult(result: Result): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

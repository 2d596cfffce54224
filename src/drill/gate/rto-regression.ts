// How much slower recovery is than in its own past, beyond chance.
import { percent } from '../fields.ts';
import { regressionOf, slowerWords, type Regression } from '../regression.ts';
import { exactly, gate, unmeasured, type Claim } from './gate.ts';
import { rto } from './rto.ts';

export const rtoRegression = gate({
  name: 'rto_regression',
  title: 'slow-down of the RTO',
  unit: 'share',
  bound: 'at most',
  target: percent('0%', '100%')
    .optional()
    .describe('The RTO is at most so much slower than in its own past, beyond chance.'),
  affectedBy: 'recovery',
  words: slowerWords,
  measure: (figures, allowed, rules) => {
    const { baseline } = figures;
    if (baseline?.judged === 'series') return null;
    const { interval, obstacle, isStopped } = rto.measure(figures, 0, rules)!;
    const isWatched = obstacle === null && isStopped !== true && interval.low !== null;
    const now = interval.value ?? (isWatched ? Infinity : null);
    return claimOf(regressionOf([now], baseline, allowed));
  },
});

function claimOf({ verdict, slower, reason }: Regression): Claim {
  const interval = slower === null ? { value: null, low: null, high: null } : exactly(slower);
  if (verdict === 'inconclusive') return { ...unmeasured(reason ?? ''), interval };
  return { interval, obstacle: null, decided: { verdict, reason } };
}

// How soon the steady state is back once the faults are over: what every drill without a disaster
// is judged by.
import { duration } from '../fields.ts';
import { gate, unmeasured, type Claim } from './gate.ts';

/**
 * From the end of the last fault, or from its start where it stays, until service was back for good
 * (`sustain`); 0 where it never went away or was back before.
 */
export const steadyWithin = gate({
  name: 'steady_within',
  title: 'return to the steady state',
  unit: 'ms',
  bound: 'at most',
  target: duration('0s', '1h')
    .optional()
    .describe(
      'With disaster: none, within this time after the last fault the steady state is back. ' +
        'Default: 30s.',
    ),
  affectedBy: 'recovery',
  isWait: true,
  measure: ({ recovery }): Claim => {
    const interval = recovery?.steady_again ?? null;
    if (interval === null) return unmeasured('Nobody saw whether the steady state came back.');
    const isStopped = recovery?.stopped_after_ms !== undefined;
    return { interval, obstacle: null, ...(isStopped ? { isStopped } : {}) };
  },
});

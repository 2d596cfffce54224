// How much of what clients asked for ended without the answer that it was done.
import { percent } from '../fields.ts';
import { gate, unmeasured } from './gate.ts';

/**
 * The share of all clients' operations due from the fault at which the clock starts to the cut that
 * nobody acknowledged: refused, without an answer, or never sent. One that was acknowledged late is
 * no error; it counts against the availability. The interval is as that of the availability.
 */
export const errors = gate({
  name: 'errors',
  title: 'errors',
  unit: 'share',
  bound: 'at most',
  target: percent('0%', '100%')
    .optional()
    .describe('Share of operations that nobody acknowledged, at most, from the fault to the end.'),
  affectedBy: 'recovery',
  measure: ({ recovery }) => {
    const share = recovery?.errors ?? null;
    if (share !== null) return { interval: share, obstacle: recovery?.stalled_after ?? null };
    return unmeasured('Nobody saw how many operations failed after the fault.');
  },
});

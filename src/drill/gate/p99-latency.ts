// How slow the service was once it was back.
import { duration } from '../fields.ts';
import { exactly, gate, unmeasured } from './gate.ts';

export const p99Latency = gate({
  name: 'p99_latency',
  title: 'p99 latency',
  when: ({ disaster }) => (disaster === 'none' ? 'since the first fault' : 'after the recovery'),
  unit: 'ms',
  bound: 'at most',
  target: duration('1ms', '1m')
    .optional()
    .describe(
      'The p99 latency after the recovery, or since the first fault with disaster: none: 99 of ' +
        '100 operations are faster.',
    ),
  affectedBy: 'recovery',
  measure: ({ recovery }) => {
    const value = recovery?.p99_after_ms ?? null;
    if (value !== null) {
      return { interval: exactly(value), obstacle: recovery?.stalled_after ?? null };
    }
    return unmeasured('Nothing was served after the outage, so there is no latency to judge.');
  },
});

// How long clients waited in the failback, from the start of the planned move back.
import { formatDuration } from '../../base/units.ts';
import { duration } from '../fields.ts';
import { gate, measured, unmeasured } from './gate.ts';

/** Why an outage that began before the move gives no failback RTO, where nobody saw it end. */
export function disturbedBeforeMove(ms: number): string {
  return (
    `In the failback, service was disturbed already, for ${formatDuration(ms)}, when the move ` +
    'began, and was not seen to be whole again in time: its RTO cannot be told from it.'
  );
}

export const failbackRto = gate({
  name: 'failback_rto',
  title: 'failback RTO',
  unit: 'ms',
  bound: 'at most',
  target: duration('0s', '24h')
    .optional()
    .describe('Recovery time objective of the failback: how long clients may wait in it.'),
  affectedBy: 'failback',
  isWait: true,
  measure: ({ failback }, target) => {
    if (failback === null || failback.rto.low === null) {
      return unmeasured('The failback was not measured.');
    }
    const claim = measured(failback.rto);
    const { disturbed_before_ms, stopped_after_ms } = failback;
    if (stopped_after_ms !== undefined) return { ...claim, isStopped: true };
    if (disturbed_before_ms === undefined || failback.rto.low > target) return claim;
    return { ...claim, obstacle: disturbedBeforeMove(disturbed_before_ms) };
  },
});

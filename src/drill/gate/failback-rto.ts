// How long clients waited in the failback, from the start of the planned move back.
import { duration } from '../fields.ts';
import { gate, measured, unmeasured } from './gate.ts';

export const failbackRto = gate({
  name: 'failback_rto',
  title: 'failback RTO',
  unit: 'ms',
  bound: 'at most',
  target: duration('0s', '24h')
    .optional()
    .describe('Recovery time objective of the failback: how long clients may wait in it.'),
  affectedBy: 'failback',
  measure: ({ failback }) => {
    if (failback === null || failback.rto.low === null) {
      return unmeasured('The failback was not measured.');
    }
    return measured(failback.rto);
  },
});

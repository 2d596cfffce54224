// How many writes the old side still acknowledged after the new one had begun to.
import { writeCount } from '../fields.ts';
import { gate, measured, unmeasured } from './gate.ts';
import { NOT_COUNTED } from './loss.ts';

export const splitBrain = gate({
  name: 'split_brain',
  title: 'split-brain writes',
  unit: 'writes',
  bound: 'at most',
  target: writeCount()
    .default(0)
    .describe('At most so many writes acknowledged by the old side after the new side took one.'),
  affectedBy: 'loss',
  measure: ({ loss, stores, doubts }, target) => {
    const high = loss === null ? null : loss.split_brain + loss.split_brain_possible;
    // The replies in the ledger prove it: no doubt about what was read afterwards takes it back.
    const isLedgerSound = !doubts.some(({ affects }) => affects === 'all');
    const certain = stores.reduce((sum, each) => sum + (each.loss?.split_brain ?? 0), 0);
    if (isLedgerSound && certain > target) {
      return { ...measured({ value: certain, low: certain, high }), isProved: true };
    }
    if (loss === null) return unmeasured(NOT_COUNTED);
    return measured({ value: loss.split_brain, low: loss.split_brain, high });
  },
});

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
    const isWhole = loss !== null && loss.split_brain_missing === null;
    const high = isWhole ? loss.split_brain + loss.split_brain_possible : null;
    // The replies in the ledger prove it: no doubt about what was read afterwards takes it back.
    const isLedgerSound = !doubts.some(({ affects }) => affects === 'all');
    const certain = stores.reduce((sum, each) => sum + (each.loss?.split_brain ?? 0), 0);
    if (isLedgerSound && certain > target) {
      return { ...measured({ value: certain, low: certain, high }), isProved: true };
    }
    if (loss === null) return unmeasured(NOT_COUNTED);
    const { split_brain: low, split_brain_missing: missing } = loss;
    if (missing !== null) {
      const obstacle = `Split-brain writes are not known: ${missing}.`;
      return { interval: { value: null, low, high: null }, obstacle };
    }
    return measured({ value: loss.split_brain, low: loss.split_brain, high });
  },
});

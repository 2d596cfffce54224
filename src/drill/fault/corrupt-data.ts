// corrupt-data: an operator deletes or overwrites rows by mistake. Nothing stops and no health
// check notices; every copy has it at once, and only a point in the past does not.
import * as z from 'zod';
import { writePercent } from '../../base/units.ts';
import { percent } from '../fields.ts';
import { share } from '../planned.ts';
import { defineFault, NO_EFFECT } from './fault.ts';

const statement = z.enum(['delete', 'update']);

export const corruptData = defineFault({
  summary: 'an operator deletes or overwrites rows by mistake; no health check notices',
  proof: 'The rows are counted by another statement: none of them is as it was.',
  target: 'primary',
  settings: {
    statement: statement
      .default('delete')
      .describe('What the operator does to rows; update: the payload is overwritten.'),
    share: percent('1%', '100%').prefault('50%').describe('The share of the rows.'),
  },
  planned: { statement, share },
  ends: null,
  recovery: 'restore-to-point',
  plan: ({ statement, share }) => ({ statement, share }),
  effect: () => ({ ...NO_EFFECT, data: 'harmed', heals: false }),
  needs: () => ['harm', 'backups'],
  phrase: ({ statement, share }) => {
    const done = statement === 'delete' ? 'deleted' : 'overwritten';
    const what = `${writePercent(share)} of the orders are ${done} by mistake`;
    return `${what}, and no health check sees it`;
  },
  words: ({ statement, share }) => [`${statement} ${writePercent(share)}`],
});

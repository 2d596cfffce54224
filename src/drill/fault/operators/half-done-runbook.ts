// half-done-runbook: a step of the recovery fails, so often, before it is let through. The
// operators try again as often as `recover.retries` says.
import * as z from 'zod';
import { whole } from '../../fields.ts';
import { atLeastOne, name } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { ON_OPERATORS } from './operators.ts';

const does = z.enum(['all', 'nothing']);

export const halfDoneRunbook = defineFault({
  ...ON_OPERATORS,
  summary: 'a step of the recovery fails: it is tried again (recover.retries), then reported',
  proof: 'The tries of the step that failed so are counted.',
  settings: {
    step: z.string().min(1).describe('A step of the recovery by its name, such as redirect.'),
    fails: whole(1, 100).default(1).describe('How many tries of it fail.'),
    does: does
      .default('all')
      .describe(
        'What a try that fails has done. all: the work of the step, and nobody hears that it ' +
          'ended. nothing: it fails before it has begun.',
      ),
  },
  planned: { step: name, fails: atLeastOne, does },
  plan: ({ step, fails, does }) => ({ step, fails, does }),
  phrase: ({ step, fails, does }) => {
    const tries = fails === 1 ? 'the first try' : `the first ${fails} tries`;
    const done = does === 'all' ? 'after all of its work' : 'before it has done anything';
    return `${tries} of the step ${step} ${fails === 1 ? 'fails' : 'fail'} ${done}`;
  },
  words: ({ step, fails, does }) => [step, `fails ${fails}`, `does ${does}`],
});

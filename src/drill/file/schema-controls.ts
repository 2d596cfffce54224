// `controls:` of a drill file: which controls of a standard the drill is evidence for. drill does
// not know any standard; the identifiers are carried into the plan, the result and every report.
import * as z from 'zod';
import { formError } from '../fields.ts';

const CONTROLS_MAX = 64;
/** Nothing that a report would have to escape, or that could pass for another one. */
const CONTROL = /^[A-Za-z0-9](?:[A-Za-z0-9 ._:/()-]{0,62}[A-Za-z0-9)])?$/;

const control = z.string({ error: formError('a control such as SOC2-A1.2') }).regex(CONTROL, {
  error: formError(
    'a control such as SOC2-A1.2, of letters, digits, blanks and . _ : / ( ) -, 64 at most',
  ),
});

export const controls = z
  .array(control)
  .min(1)
  .max(CONTROLS_MAX)
  .superRefine((all, context) => {
    all.forEach((each, at) => {
      const first = all.indexOf(each);
      if (first === at) return;
      const message = `"${each}" is listed twice, as number ${first + 1} and ${at + 1}`;
      context.addIssue({ code: 'custom', message, path: [at], input: each });
    });
  })
  .describe('Controls that the drill is evidence for, such as SOC2-A1.2; every report names them.');

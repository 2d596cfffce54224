// The part of the drill file's schema that says who calls it a disaster, and how it is recovered
// from.
import * as z from 'zod';
import { DURATION_PATTERN, parseDuration } from '../../base/units.ts';
import { describeInput, duration, instanceCount } from '../fields.ts';
import type { Declaration } from '../decisions.ts';
import { RECOVERY_NAMES, RECOVERY_SETTINGS } from '../recovery/registry.ts';

const DECLARE_FORM = 'automatic, operator, `after 5s` or { command: [program, argument, …] }';
const declareError = (issue: { readonly input?: unknown }) =>
  `expected ${DECLARE_FORM}; got ${describeInput(issue.input)}`;

export const declare = z
  .union(
    [
      z.literal('automatic').transform((): Declaration => ({ by: 'automatic' })),
      z.literal('operator').transform((): Declaration => ({ by: 'operator' })),
      z
        .string()
        .regex(new RegExp(`^after +${DURATION_PATTERN}$`), { error: declareError })
        .transform((text): Declaration => {
          const after = parseDuration(text.slice('after'.length).trim())!;
          return { by: 'after', after_ms: after };
        }),
      z
        .strictObject({ command: z.array(z.string().min(1)).min(1).max(64) })
        .transform(({ command }): Declaration => ({ by: 'command', command })),
    ],
    { error: declareError },
  )
  .describe(
    'Who decides that it is a disaster: the health checks, after so long, a person, a command.',
  );

export const recover = z
  .strictObject({
    with: z.enum(RECOVERY_NAMES).optional().describe("The procedure. Default: the strategy's own."),
    ...RECOVERY_SETTINGS,
    deadline: duration('1s', '24h')
      .optional()
      .describe(
        'After the disaster; later counts as never. Default: 2 × `targets.rto`, at least 30s.',
      ),
    instances: instanceCount.describe(
      'App instances the recovery region is scaled to. Default: as the active region has.',
    ),
  })
  .describe('How service is brought back.');

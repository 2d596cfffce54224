// The part of the drill file's schema that says who calls it a disaster, and how it is recovered
// from.
import * as z from 'zod';
import { DURATION_PATTERN, parseDuration } from '../../base/units.ts';
import { describeInput, duration, instanceCount } from '../fields.ts';
import type { Declaration, RecoveryTarget } from '../decisions.ts';
import { RECOVERIES } from '../names.ts';

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

const LSN_PATTERN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i;

const lsnError = (issue: { readonly input?: unknown }) =>
  `expected a position such as 0/16B3748, got ${describeInput(issue.input)}`;
const TARGET_FORM = 'before-fault, { time: 2s }, { lsn: 0/16B3748 } or { name: a restore point }';
const targetError = (issue: { readonly input?: unknown }) =>
  `expected ${TARGET_FORM}; got ${describeInput(issue.input)}`;

const target = z
  .union(
    [
      z.literal('before-fault').transform((): RecoveryTarget => ({ by: 'before-fault' })),
      z
        .strictObject({ time: duration('1ms', '24h').describe('So long before the mistake.') })
        .transform(({ time }): RecoveryTarget => ({ by: 'time', before_ms: time })),
      z
        .strictObject({
          lsn: z
            .string({ error: lsnError })
            .regex(LSN_PATTERN, { error: lsnError })
            .describe('A position: 0/16B3748.'),
        })
        .transform(({ lsn }): RecoveryTarget => ({ by: 'lsn', lsn })),
      z
        .strictObject({ name: z.string().min(1).max(63).describe('A restore point.') })
        .transform(({ name }): RecoveryTarget => ({ by: 'name', name })),
    ],
    { error: targetError },
  )
  .describe('Up to where the log is replayed (restore-to-point). Default: before-fault.');

export const recover = z
  .strictObject({
    with: z.enum(RECOVERIES).optional().describe("The procedure. Default: the strategy's own."),
    target: target.optional(),
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

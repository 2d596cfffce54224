// The part of the drill file's schema that says what is broken, who calls it a disaster, and how it
// is recovered from.
import * as z from 'zod';
import { DURATION_PATTERN, parseDuration } from '../../base/units.ts';
import { describeInput, duration, instanceCount, moment, percent } from '../fields.ts';
import type { Declaration, RecoveryTarget } from '../plan/plan.ts';
import { FAULT_KINDS, LOSS_WAYS, RECOVERIES } from '../plan/registry-names.ts';

export const fault = z.strictObject({
  at: moment('1h').describe(
    'When, after the steady state: a time, or a range that the seed draws from; or `beforehand`.',
  ),
  kind: z.enum(FAULT_KINDS).describe('What is broken.'),
  region: z
    .string()
    .optional()
    .describe('The region it happens to. Default: the active one, for faults that hit no region.'),
  how: z
    .enum(LOSS_WAYS)
    .optional()
    .describe(
      'kill: power is lost. partition: the network is cut, all live on. freeze: all stand still. ' +
        'Default: kill.',
    ),
  disks: z
    .enum(['kept', 'destroyed'])
    .optional()
    .describe('Of a region that is killed. Default: kept; destroyed with backup-restore.'),
  heal_after: duration('100ms', '1h')
    .optional()
    .describe(
      'It ends by itself after so long (all but a region that is killed, maintenance and ' +
        'corrupt-data). Default: after the recovery.',
    ),
  link: z
    .string()
    .optional()
    .describe('The link of slow-link and cut-link. Default: the one between the regions.'),
  latency: duration('1ms', '1h')
    .optional()
    .describe('Its delay, each way (slow-link). Default: 2s.'),
  statement: z
    .enum(['delete', 'update'])
    .optional()
    .describe('What the operator does to rows by mistake (corrupt-data). Default: delete.'),
  share: percent('1%', '100%')
    .optional()
    .describe('Of the rows it is done to (corrupt-data). Default: 50%.'),
  disaster: z
    .boolean()
    .optional()
    .describe(
      'The clock of the recovery time starts here. Default: the first fault that stops something.',
    ),
});

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

// restore-to-point: the database is restored to where it was before an operator's mistake, from a
// backup and the log up to there. What was written afterwards is given up on purpose.
import * as z from 'zod';
import { formatDuration } from '../../base/units.ts';
import { describeInput, duration, formError } from '../fields.ts';
import { ms, name } from '../planned.ts';
import { defineRecovery, USUAL, type StepWords } from './recovery.ts';
import { fence, redirect, start } from './steps.ts';

/** A point in the past of the database, as PostgreSQL's recovery targets name it. */
export const plannedTarget = z.discriminatedUnion('by', [
  /** Just before the operator's mistake. */
  z.strictObject({ by: z.literal('before-fault') }),
  /** So long before it. */
  z.strictObject({ by: z.literal('time'), before_ms: ms }),
  z.strictObject({ by: z.literal('lsn'), lsn: z.string() }),
  /** A restore point of that name. */
  z.strictObject({ by: z.literal('name'), name }),
]);
export type RecoveryTarget = Readonly<z.output<typeof plannedTarget>>;

/** The restore point that is written just before an operator's mistake. */
export const RESTORE_POINT = 'drill-before-mistake';

const LSN_PATTERN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i;

const lsnError = (issue: { readonly input?: unknown }) =>
  `expected a position such as 0/16B3748, got ${describeInput(issue.input)}`;
const TARGET_FORM = 'before-fault, { time: 2s }, { lsn: 0/16B3748 } or { name: a restore point }';

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
    { error: formError(TARGET_FORM) },
  )
  .optional()
  .describe(
    'Up to where the log is replayed (restore-to-point): `before-fault` (default), ' +
      '`{ time: 1s }` before it, `{ lsn: 0/16B3748 }` or a restore point: ' +
      `\`{ name: ${RESTORE_POINT} }\` is written just before the mistake.`,
  );

const planned = { target: plannedTarget };

const secure: StepWords = {
  title: 'secure the log of the old primary',
  phrase: ({ from }) => `secure the log of ${from}`,
};
const restore: StepWords<{ readonly target: RecoveryTarget }> = {
  title: 'restore the database to the point',
  isFinal: true,
  phrase: ({ to }, planned) => `restore ${to}/postgres to ${targetPhrase(planned.target)}`,
};
const verify: StepWords = {
  title: 'verify that what was harmed is back',
  phrase: () => 'verify that what was harmed is back',
};

export const restoreToPoint = defineRecovery({
  ...USUAL,
  summary: 'restore the database to a point before an operator’s mistake, start the app, redirect',
  fits: ['backup-restore'],
  needs: ['kill', 'backups', 'harm', 'scale-app'],
  instances: 'app instances that are started in the recovery region (default: as many as served)',
  settings: { target },
  planned,
  defaults: { target: 'before-fault' },
  plan: (stated) => ({ target: stated.target ?? ({ by: 'before-fault' } as const) }),
  steps: { secure, fence, restore, verify, start, redirect },
});

function targetPhrase(to: RecoveryTarget): string {
  if (to.by === 'before-fault') return 'just before the mistake';
  if (to.by === 'time') return `${formatDuration(to.before_ms)} before the mistake`;
  return to.by === 'lsn' ? `the position ${to.lsn}` : `the restore point ${to.name}`;
}

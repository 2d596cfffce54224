// restore-to-point: the database is restored to where it was before an operator's mistake, from a
// backup and the log up to there. What was written afterwards is given up on purpose.
import * as z from 'zod';
import { formatDuration } from '../../base/units.ts';
import { describeInput, duration, formError } from '../fields.ts';
import { defineRecovery, USUAL, type StepWords } from './recovery.ts';
import { fence, redirect, start } from './steps.ts';

/** A point in the past of the database, as PostgreSQL's recovery targets name it. */
export type RecoveryTarget =
  /** Just before the operator's mistake. */
  | { readonly by: 'before-fault' }
  /** So long before it. */
  | { readonly by: 'time'; readonly before_ms: number }
  | { readonly by: 'lsn'; readonly lsn: string }
  /** A restore point of that name. */
  | { readonly by: 'name'; readonly name: string };

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

interface Planned {
  readonly target: RecoveryTarget;
}

const secure: StepWords = {
  title: 'secure the log of the old primary',
  phrase: ({ from }) => `secure the log of ${from}`,
};
const restore: StepWords<Planned> = {
  title: 'restore the database to the point',
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
  defaults: { target: 'before-fault' },
  plan: (stated): Planned => ({ target: stated.target ?? { by: 'before-fault' } }),
  steps: { secure, fence, restore, verify, start, redirect },
});

function targetPhrase(to: RecoveryTarget): string {
  if (to.by === 'before-fault') return 'just before the mistake';
  if (to.by === 'time') return `${formatDuration(to.before_ms)} before the mistake`;
  return to.by === 'lsn' ? `the position ${to.lsn}` : `the restore point ${to.name}`;
}

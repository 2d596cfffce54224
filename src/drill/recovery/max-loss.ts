// The loss that a recovery may bring about without being asked: a promotion throws away what
// its standby has not, and the preview says how much that is.
import * as z from 'zod';
import {
  DURATION,
  formatBytes,
  formatDuration,
  parseDuration,
  SIZE,
  writeDuration,
  writeSize,
} from '../../base/units.ts';
import { formError } from '../fields.ts';
import type { Exposure } from '../measurement.ts';
import { ms } from '../planned.ts';

const OVER = ['fail', 'ask'] as const;

export const plannedMaxLoss = z.strictObject({
  /** Of the log, or of the time that it reaches back. */
  unit: z.enum(['bytes', 'ms']),
  most: ms,
  /** What happens where it would be more, or where nobody can say. */
  over: z.enum(OVER),
});
export type MaxLoss = Readonly<z.output<typeof plannedMaxLoss>>;

const error = formError('a time such as 2s, or a size of log such as 1MB');

export const MAX_LOSS_SETTINGS = {
  max_loss: z
    .string({ error })
    .regex(new RegExp(`^(${DURATION.pattern}|${SIZE.pattern})$`), { error })
    .transform((text): Pick<MaxLoss, 'unit' | 'most'> => {
      const time = parseDuration(text);
      return time === null
        ? { unit: 'bytes', most: SIZE.parse(text) ?? 0 }
        : { unit: 'ms', most: time };
    })
    .optional()
    .describe(
      'The most that the recovery may lose by the preview just before the disaster: a time such ' +
        'as 2s, or a size of log such as 1MB. Where it would be more, or nobody can say: ' +
        '`over_max_loss`.',
    ),
  over_max_loss: z
    .enum(OVER)
    .optional()
    .describe('fail: the recovery is not begun, and fails; ask: a person is asked. Default: fail.'),
};

type Stated = {
  readonly [K in keyof typeof MAX_LOSS_SETTINGS]?: z.output<(typeof MAX_LOSS_SETTINGS)[K]>;
};

/** Undefined where the file says nothing of it. */
export function maxLossOf({ max_loss, over_max_loss: over = 'fail' }: Stated): MaxLoss | undefined {
  return max_loss === undefined ? undefined : { ...max_loss, over };
}

/** `2s`, as a drill file says it. */
export function writeMaxLoss({ unit, most }: MaxLoss): string {
  return unit === 'ms' ? writeDuration(most) : writeSize(most);
}

/** What the preview says, held against the limit: null where it is within it, else what it is. */
export function beyondMaxLoss(
  { unit, most }: MaxLoss,
  seen: Pick<Exposure, 'bytes' | 'ms'>,
): string | null {
  const value = seen.bytes === 0 ? 0 : seen[unit];
  if (value === null) return 'nobody can say how much it would lose';
  if (value <= most) return null;
  const shown = unit === 'ms' ? formatDuration(value) : `${formatBytes(value)} of log`;
  return `it would lose up to ${shown}`;
}

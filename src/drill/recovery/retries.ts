// How often a step of the recovery that has failed is tried again.
import * as z from 'zod';
import { formatDuration, writeDuration } from '../../base/units.ts';
import { duration, whole } from '../fields.ts';
import { atLeastOne, ms } from '../planned.ts';

export const plannedRetries = z.strictObject({
  times: atLeastOne,
  /** From a try that failed to the next one. */
  pause_ms: ms,
});
export type Retries = Readonly<z.output<typeof plannedRetries>>;

const PAUSE_MS = 1_000;

export const RETRY_SETTINGS = {
  retries: whole(0, 100)
    .default(0)
    .describe('How often a step that fails is tried again, before the recovery has failed.'),
  retry_after: duration('0s', '1h')
    .optional()
    .describe('How long after a try that failed. Default: 1s.'),
};

/** Undefined where a step that fails ends the recovery. */
export function retriesOf(stated: {
  readonly retries: number;
  readonly retry_after?: number | undefined;
}): Retries | undefined {
  const { retries, retry_after = PAUSE_MS } = stated;
  return retries === 0 ? undefined : { times: retries, pause_ms: retry_after };
}

/** `2, each after 1s`, as a drill file says it. */
export function writeRetries({ times, pause_ms }: Retries): string {
  return `${times}, each after ${writeDuration(pause_ms)}`;
}

export function retriesPhrase({ times, pause_ms }: Retries): string {
  const often = times === 1 ? 'once' : `up to ${times} times`;
  return `a step that fails is tried again ${often}, ${formatDuration(pause_ms)} later`;
}

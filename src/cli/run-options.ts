// The flags of the verbs that run drills.
import { parseDuration } from '../base/units.ts';
import { UserError } from '../screen/user-error.ts';
import type { Argument, VerbArguments } from './verb.ts';

const TIMEOUT_MAX_MS = 24 * 3_600_000;

export const timeoutOption = {
  type: 'string',
  describe: 'Stop a drill that takes longer, e.g. 5m (inconclusive, exit code 3)',
} as const satisfies Argument;

/** Null where the flag is not given. */
export function timeoutOf(args: VerbArguments): number | null {
  const text = args['timeout'] as string | undefined;
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms !== null && ms > 0 && ms <= TIMEOUT_MAX_MS) return ms;
  throw new UserError(`--timeout: expected a duration such as 90s or 5m, got "${text}"`);
}

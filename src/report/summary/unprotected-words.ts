// What was acknowledged while no synchronous standby had to have it, in words.
import { formatDuration } from '../../base/units.ts';
import type { Unprotected } from '../../drill/unprotected.ts';
import { count, formatCount } from '../../screen/text.ts';

const RISK =
  'they stood on the primary alone: had it been lost in that time, they would have been lost';

/** Each with its name. */
export function unprotectedFacts(unprotected: Unprotected): (readonly [string, string])[] {
  const { writes_high } = unprotected;
  const all = [['writes', countWords(unprotected)]] as const;
  if (writes_high === 0) return [...all];
  return [...all, ['for', timeWords(unprotected)], ['at risk', RISK]];
}

/** `412 writes (between 410 and 415)` */
function countWords({ writes, writes_low, writes_high }: Unprotected): string {
  const range = `between ${formatCount(writes_low)} and ${formatCount(writes_high)}`;
  return `${count(writes, 'write')}${writes_low === writes_high ? '' : ` (${range})`}`;
}

/** `5.2 s, at most 200 ms less, until west had them all` */
function timeWords({ standby, ms, ms_low }: Unprotected): string {
  if (ms === null) {
    return `${formatDuration(ms_low)} at the least: ${standby} was not seen to have them all`;
  }
  const less = ms > ms_low ? `, at most ${formatDuration(ms - ms_low)} less` : '';
  return `${formatDuration(ms)}${less}, until ${standby} had them all`;
}

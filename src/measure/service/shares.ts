// Shares of what clients asked for since the clock started: how much was served, how much failed.
import type { Interval } from '../../drill/measurement.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import type { Disaster } from '../timeline.ts';
import { answeredIn, type Steady } from './steady.ts';

type Counted = ReturnType<typeof answeredIn>;

/** What was due while the disaster was injected, and after it. */
interface Since {
  readonly during: Counted;
  readonly after: Counted;
}

export function servedSince(
  operations: Operations,
  { started_ms, injected_ms }: Disaster,
  cut_ms: number,
  { within_ms }: Steady,
): Since {
  const span = { from_ms: started_ms, to_ms: Math.min(injected_ms, cut_ms) };
  const during = answeredIn(operations, span, within_ms);
  const after = answeredIn(operations, { from_ms: injected_ms, to_ms: cut_ms }, within_ms);
  return { during, after };
}

/** The share of the operations due since the disaster that was served; null: none was due. */
export function servedShare({ during, after }: Since): Interval | null {
  return shareOf([during.due, during.served], [after.due, after.served]);
}

/** The share that nobody acknowledged, however late. */
export function failedShare({ during, after }: Since): Interval | null {
  const failed = ({ due, acknowledged }: Counted) => [due, due - acknowledged] as const;
  return shareOf(failed(during), failed(after));
}

type Hits = readonly [due: number, hits: number];

/**
 * Those that were due while the disaster was injected may or may not belong to it: the interval has
 * all of those that are counted, or all the others.
 */
function shareOf([dueDuring, during]: Hits, [dueAfter, after]: Hits): Interval | null {
  const due = dueDuring + dueAfter;
  if (due === 0) return null;
  const value = (during + after) / due;
  // Where an end would have nothing due, the injection is all that there was.
  const share = (part: number, whole: number) => (whole === 0 ? value : part / whole);
  const low = share(after, dueAfter + dueDuring - during);
  const high = share(during + after, during + dueAfter);
  return { value, low, high };
}

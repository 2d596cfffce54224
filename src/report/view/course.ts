// The part of a run in which its recovery took place, for a drawing of it alone: from shortly
// before the disaster until shortly after service was back. Pure.
import type { Span } from '../../measure/timeline.ts';

/** Shown before and after, as shares of the recovery. */
const BEFORE = 0.05;
const AFTER = 0.12;

/** All that is shown where nothing was seen to come back. */
export function courseOf(
  span: Span,
  disaster_ms: number | null,
  marks: readonly { readonly name: string; readonly at_ms: number }[],
  steps: readonly Span[],
): Span {
  const back_ms = marks.find(({ name }) => name === 'sustained')?.at_ms;
  if (disaster_ms === null || back_ms === undefined) return span;
  const own = steps.filter(({ from_ms }) => from_ms >= disaster_ms && from_ms <= back_ms);
  const moments = [...marks.map(({ at_ms }) => at_ms), ...own.map(({ to_ms }) => to_ms)];
  const from_ms = Math.min(disaster_ms, ...moments);
  const to_ms = Math.max(disaster_ms, ...moments);
  const length = to_ms - from_ms;
  if (!(length > 0)) return span;
  return {
    from_ms: Math.max(span.from_ms, from_ms - BEFORE * length),
    to_ms: Math.min(span.to_ms, to_ms + AFTER * length),
  };
}

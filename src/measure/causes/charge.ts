// Charges the time of a phase to what it went into. A cause is the phase's only where no more time
// is proved to have gone into any other, and no more is left that nothing explains.
import type { Cause } from '../../drill/cause.ts';
import { roundGrain } from '../grain.ts';
import type { Span } from '../timeline.ts';

/** A time that something certainly took. */
export interface Stretch extends Span {
  readonly cause: Cause;
}

/** Where stretches overlap, the first in the list has the time. Null: not known. */
export function largestOf(
  span: Span,
  stretches: readonly Stretch[],
): (Cause & { readonly ms: number }) | null {
  const cuts = [span, ...stretches].flatMap(({ from_ms, to_ms }) => [from_ms, to_ms]);
  const inside = cuts.filter((at) => at >= span.from_ms && at <= span.to_ms);
  const edges = [...new Set(inside)].sort((a, b) => a - b);
  const charged = new Map<Cause | null, number>();
  edges.slice(1).forEach((to, at) => {
    const from = edges[at]!;
    const owner = stretches.find(({ from_ms, to_ms }) => from_ms <= from && to_ms >= to);
    const cause = owner?.cause ?? null;
    charged.set(cause, (charged.get(cause) ?? 0) + to - from);
  });
  const known = [...charged].filter((each): each is [Cause, number] => each[0] !== null);
  const [first] = known.toSorted(([, one], [, other]) => other - one);
  if (first === undefined || first[1] < (charged.get(null) ?? 0)) return null;
  return { ...first[0], ms: roundGrain(first[1]) };
}

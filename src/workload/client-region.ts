// Which region a client goes to where DNS answers with several: in proportion to their weights, the
// same for the same seed, and the one where it is for as long as that is answered.
import { regionOf } from '../base/node-name.ts';
import { mix32 } from '../base/random.ts';
import type { AnsweredAddress } from '../gslb/resolver.ts';

/** Steps of this length round a circle leave no part of it empty for long: the golden ratio. */
const STEP = (Math.sqrt(5) - 1) / 2;
const PLACE_DRAW = 0x706c_6163;
const MOVE_DRAW = 0x6d6f_7665;

interface Client {
  readonly seed: number;
  readonly writer: number;
  /** The region that it is in; null: none yet. */
  readonly before: string | null;
}

/**
 * `addresses` must not be empty. Writers that begin are spread evenly, not by chance alone: any few
 * of them that follow each other have nearly the weights' proportion. Those of a region that left
 * are drawn anew over what is left.
 */
export function regionFor(
  addresses: readonly AnsweredAddress[],
  { seed, writer, before }: Client,
): string {
  const weights = new Map<string, number>();
  for (const address of addresses) {
    const region = regionOf(address.node);
    weights.set(region, (weights.get(region) ?? 0) + address.weight);
  }
  if (before !== null && weights.has(before)) return before;
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  let left = placeOf(seed, writer, before !== null) * total;
  // By name, since the order of an answer tells nothing.
  const regions = [...weights].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [region, weight] of regions) {
    left -= weight;
    if (left < 0) return region;
  }
  return regions.at(-1)![0];
}

/** A number in [0, 1). */
function placeOf(seed: number, writer: number, isMove: boolean): number {
  if (isMove) return mix32(seed, writer, MOVE_DRAW) / 0x1_0000_0000;
  return (mix32(seed, PLACE_DRAW) / 0x1_0000_0000 + writer * STEP) % 1;
}

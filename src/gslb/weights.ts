// The weights of SRV records: the records of a region together weigh as much as the region does,
// however many they are, so that any client that heeds them spreads as it should.
import type { GslbEndpoint } from './protocol.ts';

export type WeightedEndpoint = GslbEndpoint & { readonly weight: number };

/** What an SRV record can hold. */
const WEIGHT_MAX = 0xffff;

/**
 * `weights` are those of the regions, 1 where one is left out. Exact unless the numbers of records
 * have no small common multiple; never 0, which would mean hardly any clients.
 */
export function weighted(
  endpoints: readonly GslbEndpoint[],
  weights: Readonly<Record<string, number>>,
): WeightedEndpoint[] {
  const counts = new Map<string, number>();
  for (const { region } of endpoints) counts.set(region, (counts.get(region) ?? 0) + 1);
  const multiple = [...counts.values()].reduce(leastCommonMultiple, 1);
  const exact = endpoints.map(({ region }) => {
    return ((weights[region] ?? 1) * multiple) / counts.get(region)!;
  });
  const scale = Math.min(1, WEIGHT_MAX / Math.max(...exact));
  return endpoints.map((endpoint, at) => {
    return { ...endpoint, weight: Math.max(1, Math.round(exact[at]! * scale)) };
  });
}

function leastCommonMultiple(a: number, b: number): number {
  return (a * b) / greatestCommonDivisor(a, b);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

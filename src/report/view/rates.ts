// How operations went over time: what each region served, what failed, and how long clients waited,
// in spans of equal length.
import { regionOf } from '../../base/node-name.ts';
import type { StoreEvidence } from '../../evidence/evidence.ts';
import { NO_NODE, OUTCOME } from '../../evidence/ledger/operation.ts';
import type { Span } from '../../measure/timeline.ts';

/** Values of spans of `span_ms` each, the first one from `from_ms` on. */
export interface Rates {
  readonly from_ms: number;
  readonly span_ms: number;
  /** Acknowledged in each span, a second, by the region that answered. */
  readonly served: readonly { readonly region: string; readonly per_s: readonly number[] }[];
  /** Due in each span, a second, and refused, unknown or never sent. */
  readonly failed_per_s: readonly number[];
  /** Of what was due in each span and acknowledged; null: nothing was. */
  readonly p50_ms: readonly (number | null)[];
  readonly p99_ms: readonly (number | null)[];
}

/** What a picture can show side by side. */
const SPANS_MAX = 600;
const SPANS_MS = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000];

/** Of all stores' clients together; null where no ledger can be read. */
export function ratesOf(stores: readonly StoreEvidence[], { from_ms, to_ms }: Span): Rates | null {
  const readable = stores.filter(({ operations, header }) => operations && header);
  if (readable.length === 0 || !(to_ms > from_ms)) return null;
  const length = to_ms - from_ms;
  const span_ms = SPANS_MS.find((each) => length / each <= SPANS_MAX) ?? length / SPANS_MAX;
  const spans = Math.ceil(length / span_ms);
  const per_s = 1_000 / span_ms;
  const collected = new Collected(spans, (at_ms) => Math.floor((at_ms - from_ms) / span_ms));
  for (const store of readable) collected.add(store);
  return {
    from_ms,
    span_ms,
    served: [...collected.served].toSorted(byName).map(([region, counts]) => {
      return { region, per_s: Array.from(counts, (count) => count * per_s) };
    }),
    failed_per_s: Array.from(collected.failed, (count) => count * per_s),
    ...collected.percentiles(),
  };
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

/** Counts by span, and the latencies of all operations ordered by theirs. */
class Collected {
  readonly served = new Map<string, Uint32Array>();
  readonly failed: Uint32Array;
  readonly #spans: number;
  readonly #spanOf: (at_ms: number) => number;
  readonly #latencies: number[][];

  constructor(spans: number, spanOf: (at_ms: number) => number) {
    this.#spans = spans;
    this.#spanOf = spanOf;
    this.failed = new Uint32Array(spans);
    this.#latencies = Array.from({ length: spans }, () => []);
  }

  add({ header, operations }: StoreEvidence): void {
    const { count, outcome, node, scheduled_ms, done_ms } = operations!;
    const regions = header!.nodes.map((name) => this.#countsOf(regionOf(name)));
    for (let row = 0; row < count; row++) {
      const due = this.#spanOf(scheduled_ms.at(row));
      const isWithin = due >= 0 && due < this.#spans;
      if (outcome.at(row) !== OUTCOME.acknowledged) {
        if (isWithin) this.failed[due]!++;
        continue;
      }
      if (isWithin) this.#latencies[due]!.push(done_ms.at(row) - scheduled_ms.at(row));
      const done = this.#spanOf(done_ms.at(row));
      if (done < 0 || done >= this.#spans || node.at(row) === NO_NODE) continue;
      const counts = regions[node.at(row)];
      if (counts !== undefined) counts[done]!++;
    }
  }

  #countsOf(region: string): Uint32Array {
    const counts = this.served.get(region) ?? new Uint32Array(this.#spans);
    this.served.set(region, counts);
    return counts;
  }

  percentiles(): Pick<Rates, 'p50_ms' | 'p99_ms'> {
    const sorted = this.#latencies.map((each) => Float64Array.from(each).sort());
    const at = (share: number) =>
      sorted.map((each) => each[Math.ceil(share * each.length) - 1] ?? null);
    return { p50_ms: at(0.5), p99_ms: at(0.99) };
  }
}

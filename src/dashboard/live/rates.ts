// What clients got while a run goes on, for a drawing: the samples in spans, of which there are
// never more than so many, however long the run lasts. Pure.
import { STORE_ROLES, type StoreRole } from '../../drill/plan/plan.ts';
import type { RunEvent } from '../../evidence/event.ts';

type Sampled = Extract<RunEvent, { event: 'workload.sampled' }>;

export interface LiveRates {
  readonly from_ms: number;
  readonly span_ms: number;
  readonly served_per_s: readonly (number | null)[];
  readonly failed_per_s: readonly (number | null)[];
  readonly p99_ms: readonly (number | null)[];
}

const SPANS_MAX = 160;
const SPAN_MS = 500;

/** Counts of a store in one span, and the time in which they were counted. */
interface Counted {
  acknowledged: number;
  failed: number;
  ms: number;
}

interface SpanOfTime {
  readonly counts: Partial<Record<StoreRole, Counted>>;
  p99_ms: number | null;
}

export class RateSpans {
  #span_ms = SPAN_MS;
  #from_ms: number | null = null;
  #spans: SpanOfTime[] = [];
  readonly #last = new Map<StoreRole, number>();

  add(sample: Sampled): void {
    const { t, store, acknowledged, refused, unknown, unsent, p99_ms } = sample;
    const before = this.#last.get(store);
    this.#last.set(store, t);
    // The first one says nothing of how long it counted.
    if (before === undefined || t <= before) return;
    this.#from_ms ??= before;
    const span = this.#at(t);
    const own = (span.counts[store] ??= { acknowledged: 0, failed: 0, ms: 0 });
    own.acknowledged += acknowledged;
    own.failed += refused + unknown + unsent;
    own.ms += t - before;
    if (p99_ms !== null) span.p99_ms = Math.max(span.p99_ms ?? 0, p99_ms);
  }

  /** Null before anything was counted. */
  get rates(): LiveRates | null {
    if (this.#from_ms === null) return null;
    const per_s = (of: 'acknowledged' | 'failed') =>
      this.#spans.map(({ counts }) => {
        const known = STORE_ROLES.flatMap((store) => counts[store] ?? []);
        if (known.length === 0) return null;
        return known.reduce((sum, each) => sum + (1_000 * each[of]) / each.ms, 0);
      });
    return {
      from_ms: this.#from_ms,
      span_ms: this.#span_ms,
      served_per_s: per_s('acknowledged'),
      failed_per_s: per_s('failed'),
      p99_ms: this.#spans.map(({ p99_ms }) => p99_ms),
    };
  }

  #at(t: number): SpanOfTime {
    const index = () => Math.max(0, Math.floor((t - this.#from_ms!) / this.#span_ms));
    while (index() >= SPANS_MAX) this.#widen();
    while (this.#spans.length <= index()) this.#spans.push({ counts: {}, p99_ms: null });
    return this.#spans[index()]!;
  }

  /** Two spans become one. */
  #widen(): void {
    this.#span_ms *= 2;
    const pairs = Array.from({ length: Math.ceil(this.#spans.length / 2) }, (_, at) => {
      return this.#spans.slice(2 * at, 2 * at + 2);
    });
    this.#spans = pairs.map((pair) => pair.reduce(together));
  }
}

function together(one: SpanOfTime, other: SpanOfTime): SpanOfTime {
  const counts: SpanOfTime['counts'] = {};
  for (const store of STORE_ROLES) {
    const own = [one, other].flatMap((span) => span.counts[store] ?? []);
    const sum = (of: keyof Counted) => own.reduce((total, each) => total + each[of], 0);
    if (own.length === 0) continue;
    counts[store] = { acknowledged: sum('acknowledged'), failed: sum('failed'), ms: sum('ms') };
  }
  const p99s = [one, other].flatMap(({ p99_ms }) => p99_ms ?? []);
  return { counts, p99_ms: p99s.length === 0 ? null : Math.max(...p99s) };
}

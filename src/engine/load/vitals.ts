// What clients meet right now, from the samples of all stores' clients: what conditions are held
// against. Judged numbers come from the ledger, not from here.
import type { Condition, MetricName } from '../../drill/condition.ts';
import type { EventBodies } from '../../evidence/event.ts';

const WINDOW_MS = 1_000;
/** A sample that came later than this after the one before begins anew: nobody looked between. */
const GAP_MS = 2_000;

type Sample = Omit<EventBodies['workload.sampled'], 'store'>;
interface Slice extends Sample {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** The samples of one store's clients in the last second. */
class Recent {
  #slices: Slice[] = [];
  readonly #rate_per_s: number;

  constructor(rate_per_s: number) {
    this.#rate_per_s = rate_per_s;
  }

  add(sample: Sample, at_ms: number): void {
    const last = this.#slices.at(-1);
    const isNew = last === undefined || at_ms - last.to_ms > GAP_MS;
    if (isNew) this.#slices = [];
    const from_ms = isNew ? at_ms : last.to_ms;
    this.#slices.push({ ...sample, from_ms, to_ms: at_ms });
    // One that reaches into the window counts whole, so that the window is never shorter.
    const kept = this.#slices.findIndex(({ to_ms }) => to_ms > at_ms - WINDOW_MS);
    this.#slices.splice(0, kept);
  }

  /** Null: nobody has looked for a whole second. */
  get span_ms(): number | null {
    const [first, last] = [this.#slices[0], this.#slices.at(-1)];
    if (first === undefined || last === undefined) return null;
    const span_ms = last.to_ms - first.from_ms;
    return span_ms < WINDOW_MS * 0.9 ? null : span_ms;
  }

  get due(): number {
    return (this.#rate_per_s * (this.span_ms ?? 0)) / 1_000;
  }

  sum(of: (slice: Slice) => number): number {
    return this.#slices.reduce((sum, slice) => sum + of(slice), 0);
  }

  get p99_ms(): number {
    const known = this.#slices.flatMap(({ p99_ms }) => p99_ms ?? []);
    return known.length === 0 ? Infinity : Math.max(...known);
  }

  get lag_bytes(): number | null {
    return this.#slices.at(-1)?.lag_bytes ?? null;
  }
}

export class Vitals {
  readonly #stores: readonly Recent[];
  readonly #watches = new Set<(now_ms: number) => void>();

  /** `rates_per_s`: what is due of each store. */
  constructor(rates_per_s: readonly number[]) {
    this.#stores = rates_per_s.map((rate) => new Recent(rate));
  }

  add(store: number, sample: Sample, at_ms: number): void {
    this.#stores[store]!.add(sample, at_ms);
    for (const watch of this.#watches) watch(at_ms);
  }

  /** Of the last second; null: not known. */
  value(metric: MetricName): number | null {
    if (this.#stores.some(({ span_ms }) => span_ms === null)) return null;
    const sum = (of: (store: Recent) => number) =>
      this.#stores.reduce((total, store) => total + of(store), 0);
    const acknowledged = sum((store) => store.sum((each) => each.acknowledged));
    const due = sum((store) => store.due);
    switch (metric) {
      case 'availability':
        return Math.min(1, acknowledged / due);
      case 'errors': {
        const failed = sum((s) => s.sum((each) => each.refused + each.unknown + each.unsent));
        return Math.min(1, failed / due);
      }
      case 'p99':
        return Math.max(...this.#stores.map(({ p99_ms }) => p99_ms));
      case 'throughput':
        return sum((store) => store.sum((each) => each.acknowledged) * (1_000 / store.span_ms!));
      case 'replication_lag': {
        const known = this.#stores.map(({ lag_bytes }) => lag_bytes);
        return known.includes(null) ? null : Math.max(...(known as number[]));
      }
    }
  }

  /** Resolves to the value when the condition has held for long enough. */
  until(condition: Condition, signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const stop = () => {
        end();
        reject(signal.reason as Error);
      };
      const end = this.watch(condition, (value) => {
        signal.removeEventListener('abort', stop);
        resolve(value);
      });
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /**
   * Calls `met` once, with the value, when the condition has held for long enough; what is not
   * known does not hold. It returns what ends the watch.
   */
  watch(condition: Condition, met: (value: number) => void): () => void {
    const { metric, is, value: limit, for_ms } = condition;
    let since_ms: number | null = null;
    const look = (now_ms: number) => {
      const value = this.value(metric);
      const holds = value !== null && (is === 'above' ? value > limit : value < limit);
      since_ms = holds ? (since_ms ?? now_ms) : null;
      if (since_ms === null || now_ms - since_ms < for_ms) return;
      end();
      met(value!);
    };
    const end = () => void this.#watches.delete(look);
    this.#watches.add(look);
    return end;
  }
}

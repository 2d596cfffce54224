// What stands beside the numbers of a run, whatever they are: what was broken and when, and what
// its stores held. Times are milliseconds since the run's origin.
import type { WrittenStore } from './stores.ts';

/** One fault of a run: what, when, and by what chance. */
export interface FaultFacts {
  readonly index: number;
  readonly kind: string;
  /** The region, the link or the node that it hits; `operators`. */
  readonly target: string;
  /** Settings of its own, in words: `kill`. */
  readonly how: readonly string[];
  readonly disaster: boolean;
  /** After the steady state, as planned; null: it was there before, or came in the recovery. */
  readonly at_ms: number | null;
  /** The range that the file states, of which the seed drew the moment. */
  readonly drawn_from?: { readonly from_ms: number; readonly to_ms: number };
  /** Of a trial: how much later than the file says, and how much it could have been. */
  readonly moved?: { readonly by_ms: number; readonly within_ms: number };
  readonly started_ms: number;
  /** The wall clock then, ISO 8601 in UTC; null: the run does not say when it began. */
  readonly started_at: string | null;
  /** Null: its injection never came to an end. */
  readonly injected_ms: number | null;
  /** Null: it never was, or there is nothing to heal. */
  readonly healed_ms: number | null;
  /** `killed east/postgres` */
  readonly detail: string;
}

/** What drill's looks at a server of somebody's own took of it, beside what clients wrote. */
export interface WatchFacts {
  readonly node: string;
  readonly statements_per_s: number;
  /** Of one core, 0–1, by the server's own clock; without commits. */
  readonly core_share: number;
  /** At the most: until the answers were here, with all that they waited for. */
  readonly core_share_high: number;
}

/** What a store of a serving region was and held just before the faults. */
export interface StoreFacts {
  readonly store: WrittenStore;
  readonly node: string;
  readonly version: string;
  readonly bytes: number;
  /** Estimated by the store itself; null: not known. */
  readonly rows: number | null;
}

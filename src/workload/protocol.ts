// The requests and events between the engine and the workload program.
import type { OwnWay } from '../drill/attached/own-way.ts';
import type { PlannedWorkload, StoreRole } from '../drill/plan/plan.ts';
import type { WorkloadSample } from '../evidence/event.ts';

/** Body of the request `start`; the reply is empty. Nothing is sent yet. */
export interface WorkloadSettings {
  readonly origin_ms: number;
  /** The run's id, for the ledger. */
  readonly run: string;
  /**
   * The id of the run that made the system, most often the same: named in every HTTP request, so
   * that the service of any other refuses it.
   */
  readonly mark: string;
  /** The store that these clients write to: orders go to PostgreSQL, cart items to Redis. */
  readonly store: StoreRole;
  readonly seed: number;
  readonly workload: PlannedWorkload;
  /** Whom these clients ask where to go; null: they have a way of their own. */
  readonly gslb: { readonly host: string; readonly port: number } | null;
  readonly own?: OwnWay;
  readonly ledger: string;
  /** Node names by their numbers in the ledger, with instances that only a scale-up starts. */
  readonly nodes: readonly string[];
  /** The database that clients of `via: sql` log in to; null otherwise. */
  readonly database: {
    readonly user: string;
    readonly password: string;
    readonly database: string;
  } | null;
  readonly sample_every_ms: number;
  /** `rate`: open-loop at the planned rate. `closed`: as fast as it goes, for benchmarks only. */
  readonly pace: 'rate' | 'closed';
  /** Seed rows that are sent in a second at most; absent: as many as the service takes. */
  readonly seed_rows_per_s?: number;
}

/*
 * Further requests: `seed` → { rows: number }: writes the seed rows through the service; rejects
 * when one is not acknowledged. `run` { ramp_ms? } → { scheduled_from_ms: number }: begins
 * scheduling, at a rate that rises for so long.
 * `stop` → { stopped_ms: number }: no new operations. `drain` → { in_flight: number }: waits until
 * every operation finished or timed out, flushes the ledger. `marker` → MarkerReply: one write
 * through GSLB, link and app, after the drain. `close` → {}: flushes and closes the ledger. Event:
 * `sampled` WorkloadSample & { at_ms } every `sample_every_ms` while running, more often in its
 * first second; `noted` WorkloadNoted: what a program of a team's own did that is no answer.
 */
export interface MarkerReply {
  readonly writer: number;
  readonly sequence: number;
  readonly node: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface WorkloadSampled extends WorkloadSample {
  readonly at_ms: number;
}

export interface WorkloadNoted {
  readonly text: string;
}

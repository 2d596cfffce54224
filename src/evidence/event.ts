// The events of a run: one line each in `journal.ndjson`, and what reporters are told. Names are
// `thing.happened`. `t` is milliseconds since the run's origin, which all programs of the run
// share.

import { PHASES, type Phase } from '../drill/plan/budget.ts';
import type { StoreRole } from '../drill/plan/plan.ts';
import type { SealedFile } from './seal.ts';

export { PHASES, type Phase };

/** How to reach one part of the running system. Passwords never stand here. */
export interface Endpoint {
  /** `gslb`, `proxy`, `clients-east/app-1`, `east/postgres`, `east/app-1`. */
  readonly name: string;
  readonly kind: 'gslb' | 'proxy' | 'edge-link' | 'database' | 'carts' | 'app';
  readonly host: string;
  readonly port: number;
  readonly protocol: 'udp-dns' | 'http' | 'postgres' | 'redis';
}

/** What the workload saw in one sampling interval. */
export interface WorkloadSample {
  readonly rate_per_s: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly unsent: number;
  readonly in_flight: number;
  readonly p99_ms: number | null;
  /** Since the workload began. */
  readonly total_acknowledged: number;
}

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What a second look at a fault saw of it. */
export interface LookResult extends Omit<CheckResult, 'ok'> {
  /** Whether the effect is still there; null: it could not be looked at. */
  readonly ok: boolean | null;
}

/** A check of a store that serves, by itself or by the runner. */
export interface VerificationResult extends CheckResult {
  /** `harm`: the data is harmed. Absent, as in older journals: the count is in doubt. */
  readonly proves?: 'harm';
}

/** What was left running on purpose, and how to reach it. */
export interface KeptNode {
  readonly node: string;
  readonly url: string;
  readonly connect: string;
}

export interface NodeUsage {
  readonly node: string;
  /** Processor time since it began. */
  readonly cpu_ms: number;
  readonly memory_bytes: number;
  /** What it keeps on disk; null where that is not known. */
  readonly disk_bytes: number | null;
}

/** The bodies of events, by name. Everything in here ends up on disk: no secrets. */
export interface EventBodies {
  'run.started': {
    id: string;
    name: string;
    at: string;
    origin_ms: number;
    drill_version: string;
    /** Of `plan.json` and `drill.yaml`; absent in journals of before 0.2. */
    plan_sha256?: string;
    drill_sha256?: string;
  };
  /** A first run's one-off work and other things worth a line. */
  'run.noted': { text: string };
  'phase.started': { phase: Phase; at_most_ms: number };
  'phase.ended': { phase: Phase; ms: number };
  'node.started': { node: string; pid: number; ms: number };
  'node.ended': { node: string; reason: string; expected: boolean };
  'topology.up': {
    runtime: string;
    postgres: string;
    proxy: string;
    settings: Record<string, string>;
    endpoints: Endpoint[];
    nodes: string[];
  };
  /** The run works with a system that the run `run` brought up, which stays up afterwards. */
  'system.claimed': { run: string };
  /** Rows that earlier drills had left in the stores are gone. */
  'stores.emptied': { rows: number };
  'seed.written': { store: StoreRole; rows: number };
  'warm-up.ended': { settled: boolean; ms: number; p99_ms: number | null };
  'steady.started': Record<never, never>;
  'steady.ended': Record<never, never>;
  /** At the beginning and at the end of the steady phase. */
  'usage.sampled': {
    nodes: NodeUsage[];
    /** Sent from one region to the other since the system came up; null: not known. */
    replicated_bytes: number | null;
  };
  /** A base backup in the other region's repository, checked against its manifest. */
  'backup.taken': { name: string; files: number; bytes: number; ms: number; lsn: string };
  'backup.failed': { reason: string };
  /** The repository receives the primary's log; what it had before went up to `lsn`, null: none. */
  'wal.streaming': { lsn: string | null };
  /** No log comes to the repository that receives it. */
  'wal.broken': { reason: string };
  /** What losing the region now would lose; null: cannot be said. */
  'exposure.previewed': {
    region: string;
    bytes: number | null;
    ms: number | null;
    detail: string;
    /** Synchronous: log that waits for the other region, of which nobody was told yet. */
    waiting?: { bytes: number; region: string };
  };
  'preflight.checked': { checks: CheckResult[] };
  'workload.started': { store: StoreRole; scheduled_from_ms: number };
  'workload.sampled': WorkloadSample & { store: StoreRole; lag_bytes: number | null };
  'fault.started': { index: number; kind: string; region: string; disaster: boolean };
  'fault.injected': { index: number; detail: string };
  /** An operator's mistake: what it did, and the position of the log just before it. */
  'data.harmed': { statement: 'delete' | 'update'; rows: number; lsn: string; name: string };
  /** Whether a restored database has again what the mistake had harmed. */
  'data.verified': { rows: number; ok: boolean; detail: string };
  /** An independent probe saw the effect, or did not. */
  'fault.proved': { index: number; ok: boolean; checks: CheckResult[] };
  /**
   * The effect was looked at once more: of a condition before the other faults, of each fault just
   * before it is healed, of what cannot be healed at the end.
   */
  'fault.looked': { index: number; checks: LookResult[] };
  /**
   * `by`: what ended it, e.g. its time was over, or the end of the drill. `gone`: what of it was
   * not there any more to be undone; absent in journals of before 0.2.
   */
  'fault.healed': { index: number; by: 'schedule' | 'end'; gone?: string[] };
  /** What was broken may still be so. */
  'heal.failed': { index: number; reason: string };
  /**
   * A witness that did not do the killing (the container engine's own events) saw a node end; `t`
   * is its time on the run's clock, `error_ms` how exactly that is known.
   */
  'node.witnessed': { node: string; action: 'die' | 'pause' | 'unpause'; error_ms: number };
  'region.down': { region: string; detail: string };
  'region.up': { region: string };
  /** A region that was lost is there again, on the disks that it had. */
  'region.returned': { region: string; ms: number };
  /** The lost region follows the serving one again. */
  'region.protected': {
    region: string;
    how: 'rewound' | 'cloned' | 'followed' | 'returned';
    ms: number;
  };
  /** A planned move of service, without loss. */
  'switchover.started': { from: string; to: string };
  'switchover.ended': Record<never, never>;
  /** A row that two serving databases hold differently, both values as text. */
  'row.diverged': { table: string; key: string; values: Record<string, string | null> };
  /** The serving databases compared; `differing` counts rows that are not listed too. */
  'convergence.checked': { rows: number; differing: number; ok: boolean; detail: string };
  /** Rows of the dead disk that the serving database lacks; they are in `salvage.ndjson`. */
  'rows.salvaged': { rows: number };
  'disaster.declared': { by: string };
  'disaster.undeclared': { reason: string };
  'recovery.started': { with: string; steps: string[] };
  'step.started': { step: string };
  'step.ended': { step: string; ms: number };
  'step.failed': { step: string; reason: string };
  'recovery.finished': Record<never, never>;
  'fence.proved': { checks: CheckResult[] };
  /** Whether it still holds, after each heal and at the end. */
  'fence.checked': { checks: CheckResult[] };
  /** The links that shut the region out are open again; `gone`: what of it was open already. */
  'fence.lifted': { region: string; gone: string[] };
  'promote.sent': { node: string; again: boolean };
  'database.writable': { node: string; timeline: number };
  /** A restore from a base backup and the log after it, and how long each part took. */
  'database.restored': {
    node: string;
    backup: string;
    copy_ms: number;
    verify_ms: number;
    replay_ms: number;
    replayed_to: string;
    log_end: string;
    problems: string[];
  };
  'app.ready': { region: string; instances: number };
  /** The GSLB's first answer without the lost region. */
  'gslb.redirected': { region: string };
  'service.sustained': { rto_ms: number };
  'service.missing': { reason: string };
  'workload.stopped': { store: StoreRole };
  'workload.drained': { store: StoreRole; in_flight: number };
  'marker.written': {
    store: StoreRole;
    writer: number;
    sequence: number;
    node: string;
    ok: boolean;
    detail: string;
  };
  'survivors.read': {
    store: StoreRole;
    reading: string;
    node: string;
    rows: number;
    timeline: number;
    snapshot: string;
    ok: boolean;
    detail: string;
  };
  /** `node`: which one was looked at; absent where it is not one node. */
  'verification.checked': { checks: VerificationResult[]; store?: StoreRole; node?: string };
  /** The runner itself did not get to run for so long (stopped, starved, suspended). */
  'runner.stalled': { ms: number };
  /**
   * A program of drill, or the proxy server, did not get to run for so long, up to the time of
   * the event. `silent`: it had still not answered by then.
   */
  'program.stalled': { program: string; ms: number; silent?: true };
  'clock.jumped': { ms: number };
  'evidence.damaged': { file: string; problem: string };
  /** What the run's numbers come from besides the journal, as it is at the end. */
  'evidence.closed': { files: SealedFile[] };
  'system.kept': { nodes: KeptNode[] };
  'cleanup.ended': { clean: boolean; left: string[]; ms: number };
  'run.interrupted': { by: string };
  /** The run was stopped because it took longer than it may: inconclusive. */
  'run.limited': { reason: string };
  /** The system could not be brought up: exit code 4. `log` is the end of its log. */
  'environment.failed': {
    what: string;
    expected: string;
    found: string;
    hint: string;
    log: string[];
    /** The machine ran out of something: nothing since then proves anything of the system. */
    machine?: true;
  };
  /** A bug in drill: exit code 70. */
  'internal.failed': { message: string; stack: string };
  'run.finished': { wall_ms: number };
  /** The last line: what `result.json` was when it was written. No result depends on it. */
  'result.written': { sha256: string };
}

export type EventName = keyof EventBodies;

/** A union over all names: `event.event === 'fault.started'` narrows the body. */
export type RunEvent = { [N in EventName]: { t: number; event: N } & EventBodies[N] }[EventName];

/** Records an event at the time of the call, or at `t` when it happened earlier. */
export type Emit = <N extends EventName>(name: N, body: EventBodies[N], t?: number) => void;

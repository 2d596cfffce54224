// The types of drill as a library. They import nothing, since whoever installs drill has none of
// the packages that it is built with; the compiler holds them against drill's own.

/** A drill file by its path or its name, or the YAML that would stand in one. */
export type DrillSource = string | { readonly text: string };

export interface RunOptions {
  /** Where `drill.config.yaml` and `.drill/` are, and relative paths start. Default: here. */
  readonly directory?: string;
  /** Variables such as `DRILL_PG_BIN`. Default: those of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Other values for keys of the drill file: `{ 'targets.rto': '5s' }`. */
  readonly set?: Readonly<Record<string, string | number | boolean>>;
  /** Of everything that is drawn at random. Default: 1. */
  readonly seed?: number;
  /** A runtime that drill has, or auto. Default: as the drill file says. */
  readonly runtime?: string;
  /** Where runs are kept. Default: `.drill/runs`. */
  readonly out?: string;
  /** So many trials, judged together. Default: as the drill file says, else one. */
  readonly repeat?: number;
  /** All trials draw the same moments. */
  readonly sameSeed?: boolean;
  /** Each trial has regions of its own. */
  readonly fresh?: boolean;
  /** The rest of the trials is skipped after so many that did not pass. */
  readonly maxFailures?: number;
  /** A run is stopped after so many milliseconds, healed and cleaned up: it is inconclusive. */
  readonly timeout?: number;
  /** Stops the drill: it heals and cleans up first, and then comes to `interrupted`. */
  readonly signal?: AbortSignal;
  /** Told each event as it happens, as `journal.ndjson` has it. */
  readonly onEvent?: (event: JournalEvent, run: { readonly directory: string }) => unknown;
  /** Told of what went wrong beside the runs. */
  readonly onWarning?: (text: string) => unknown;
}

/** Of which kinds there are, and what each has: `drill schema journal`. */
export interface JournalEvent {
  /** Milliseconds since the origin of the run. */
  readonly t: number;
  readonly event: string;
  readonly [key: string]: unknown;
}

export type Verdict =
  'pass' | 'fail' | 'inconclusive' | 'environment' | 'interrupted' | 'internal' | 'unclean';

/** A target, judged. Times in milliseconds, shares from 0 to 1. */
export interface Gate {
  readonly name: string;
  readonly unit: 'ms' | 'writes' | 'share';
  readonly bound: 'at most' | 'at least';
  readonly target: number;
  /** The truth lies from `low` to `high`. */
  readonly measured: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /** Why it did not pass; null: it did. */
  readonly reason: string | null;
}

/** How service came back. Null where it was not measured. */
export interface Recovery {
  /** From the fault until service was back for good. */
  readonly rto_ms: number | null;
  readonly rto_from_declaration_ms: number | null;
  /** From when the fault was seen to bite; absent where nobody looked for that. */
  readonly rto_from_effect_ms?: number | null;
  readonly uncertainty_ms: number | null;
  readonly downtime_ms: number | null;
  readonly phases: readonly { readonly name: string; readonly ms: number | null }[];
  readonly marks: Readonly<Record<string, number | null>>;
  readonly steady_served_per_s: number | null;
  readonly steady_p99_ms: number | null;
}

/** What became of the writes of all stores together. */
export interface Loss {
  readonly acknowledged: number;
  readonly unknown: number;
  readonly kept: number;
  /** Acknowledged, and gone. */
  readonly lost: number;
  readonly duplicated: number;
  readonly corrupt: number;
  readonly diverged: number;
  /** Null: answers that name no server leave it open; `split_brain_missing` says why. */
  readonly split_brain: number | null;
  readonly split_brain_low?: number;
  readonly split_brain_missing?: string;
  readonly rpo_ms: number | null;
  readonly rpo_high_ms: number | null;
  readonly lost_bytes: number;
  /** The first 20. */
  readonly lost_ids: readonly string[];
}

/** `result.json`; it has more keys than these: see `drill schema result`. */
export interface Result {
  readonly schema: 'drill.result/1';
  readonly id: string;
  readonly started_at: string;
  readonly wall_ms: number | null;
  readonly drill: {
    readonly name: string;
    readonly sha256: string;
    readonly strategy: string;
    readonly seed: number;
  };
  readonly verdict: Verdict;
  /** Worst first, each a sentence. */
  readonly reasons: readonly string[];
  readonly failures: readonly { readonly code: string; readonly text: string }[];
  readonly notes: readonly string[];
  readonly gates: readonly Gate[];
  readonly recovery: Recovery | null;
  readonly loss: Loss | null;
  readonly cleanup: { readonly clean: boolean; readonly left: readonly string[] } | null;
}

/** What several trials say together. */
export interface Series {
  readonly id: string;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly planned: number;
  readonly made: number;
  /** How many have to meet a target. */
  readonly needed: number;
  readonly gates: readonly SeriesGate[];
  readonly rto_ms: Spread | null;
}

export interface SeriesGate {
  readonly name: string;
  readonly target: number;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly met: number;
  readonly missed: number;
  readonly open: number;
  readonly measured: Spread | null;
  /** So large a share of such outages meets the target, with 95 % confidence. */
  readonly proves: number | null;
  readonly reason: string | null;
}

/** Null: a wait that never ended, which counts as the longest. */
export interface Spread {
  readonly min: number | null;
  readonly median: number | null;
  readonly max: number | null;
  readonly of: number;
}

/** A run, and where its evidence lies. */
export interface Run {
  readonly directory: string;
  readonly result: Result;
}

export interface DrillResult {
  readonly verdict: Verdict;
  /** What `drill run` would have ended with. */
  readonly exitCode: number;
  readonly passed: boolean;
  /** Verdict, reasons, targets and where the evidence is, as text of some lines. */
  readonly summary: string;
  /** Of the run; of several trials of the one that went worst. */
  readonly gates: readonly Gate[];
  readonly recovery: Recovery | null;
  readonly loss: Loss | null;
  readonly directory: string;
  /** Every run that was made, in order. */
  readonly runs: readonly Run[];
  /** Null where one run was all. */
  readonly series: Series | null;
}

export interface Judgement extends Run {
  readonly verdict: Verdict;
  /** What `drill judge` would have ended with. */
  readonly exitCode: number;
  readonly passed: boolean;
  readonly summary: string;
  /** Whether the run's `result.json` is what the evidence gives. */
  readonly stored: 'agrees' | 'differs' | 'absent';
  readonly differences: readonly string[];
}

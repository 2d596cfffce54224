// A reporter is told events and, at the end, the result. It sees nothing else.
import type { SourceFile } from '../drill/file/yaml-source.ts';
import type { RunEvent } from '../evidence/event.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { Result } from '../verdict/result.ts';
import type { SeriesResult } from '../verdict/series.ts';

/** What was to be run, and what is wrong with it. */
export interface Refused {
  readonly file: string;
  readonly reasons: readonly string[];
}

/** Several reporters as one. */
export interface Reporters extends Reporter {
  /** Whether one of them failed by now: its report is not there, or not whole. */
  hasFailed(): boolean;
}

export interface Reporter {
  /**
   * A run comes next; whether its drill has several, which are judged together in the end; and its
   * drill file, where it is not told again later.
   */
  onPlan?(plan: Plan, isRepeated?: boolean, source?: SourceFile): void;
  onEvent?(event: RunEvent): void;
  onResult?(result: Result, directory: string): void;
  /** The trials of drills that have more than one are over; their single results came before. */
  onSeries?(series: readonly SeriesResult[]): void;
  /** Nothing was started: why, for each file that was named, or for all together. */
  onRefused?(refused: readonly Refused[]): void | Promise<void>;
  /**
   * After the last result of the command; writes what is written once. `unmade` is what was due and
   * was not run, or has no result, and why.
   */
  onEnd?(unmade?: readonly Refused[]): void | Promise<void>;
}

// What running drills needs of whoever asks for it, and what it tells them: no terminal, no
// streams. The command line is one caller; a scheduler is another.
import type { SourceFile } from '../drill/file/yaml-source.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import type { RunPlace } from '../topology/system/system.ts';
import type { Result } from '../verdict/result.ts';
import type { SeriesResult } from '../verdict/series.ts';

/** Where drills are run, and who may stop them. */
export interface Surroundings {
  /** Relative paths start here; `drill.config.yaml` and `.drill/` are in it. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts to stop early, with healing and clean-up; its reason says why. */
  readonly interrupt: AbortSignal;
  /** Aborts to stop even the clean-up: nothing is waited for any more. */
  readonly kill: AbortSignal;
  /** Resolves when the operator has agreed; null where nobody can be asked. */
  readonly ask: ((question: string, signal: AbortSignal) => Promise<void>) | null;
}

export interface Session extends Surroundings {
  /** Called in the order in which things happen; it must not throw. */
  on(event: SessionEvent): void;
}

export type SessionEvent =
  /** One of several drills comes next; `number` counts from 1. */
  | {
      readonly type: 'trial';
      readonly number: number;
      readonly of: number;
      /** Whether its drill has more than one trial. */
      readonly isRepeated: boolean;
      readonly plan: Plan;
    }
  /** A run begins: its directory is there, nothing was started yet. */
  | {
      readonly type: 'begun';
      readonly plan: Plan;
      readonly source: SourceFile;
      readonly place: RunPlace;
    }
  | { readonly type: 'event'; readonly event: RunEvent }
  /** `result` is null for a run that only brought a system up. */
  | { readonly type: 'ended'; readonly result: Result | null; readonly place: RunPlace }
  /** No more trials are run: all were, or enough of them, or the session was interrupted. */
  | { readonly type: 'series'; readonly results: readonly SeriesResult[] }
  /** A sentence about something that went wrong beside the runs, which go on. */
  | { readonly type: 'warning'; readonly text: string };

// What a recovery procedure is: a list of titled steps, run in order; the first that fails ends the
// recovery. Their titles, and what `drill plan` says of them, stand in `src/drill/recovery/`.
import type { Plan } from '../drill/plan/plan.ts';
import type { StepMark } from '../drill/recovery/by-hand.ts';
import type { PlannedRecovery, RecoveryName, StepsOf } from '../drill/recovery/registry.ts';
import type { CheckResult, Emit } from '../evidence/event.ts';
import type { Clock } from '../host/clock.ts';
import type { Mistake } from '../evidence/restore.ts';
import type { Undoable } from '../evidence/undo.ts';
import type { Lab, System } from '../topology/system/system.ts';

export interface RecoveryContext<N extends RecoveryName = RecoveryName, S extends System = Lab> {
  readonly plan: Plan & { readonly recover: PlannedRecovery<N> };
  readonly system: S;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Name of the lost region, and of the one that takes over. */
  readonly lost: string;
  readonly takeover: string;
  /** What an operator did by mistake; null where nobody did. */
  readonly mistake: Mistake | null;
  readonly effects: Effects;
  readonly signal: AbortSignal;
}

/** What steps do that has to be undone, by a later step or else at the end. */
export interface Effects {
  /** Has the effect once its undo is on the disk. */
  apply(effect: Undoable): Promise<void>;
  /** Undoes all of it, newest first; resolves to what was not there any more. */
  undo(): Promise<readonly string[]>;
}

/** What a step has found out, for the engine to record and to act on. */
export interface StepFacts {
  /** The checks by which the region that service leaves was seen to be out of it. */
  readonly fenced?: readonly CheckResult[];
  /** Whether what had been harmed is there again; the step has failed where it is not. */
  readonly verified?: { readonly rows: number; readonly ok: boolean; readonly detail: string };
  /** What somebody says that ends with it. */
  readonly marked?: { readonly step: string; readonly mark: StepMark };
}

export interface Step<N extends RecoveryName = RecoveryName, S extends System = Lab> {
  readonly title: string;
  /** A method, so that a step of one recovery can stand for any where its name was looked up. */
  run(context: RecoveryContext<N, S>): Promise<StepFacts | void>;
}

/** What each step of a recovery does, by the names that its steps have in `src/drill/recovery/`. */
export type Runs<N extends RecoveryName, S extends System = Lab> = {
  readonly [Name in StepsOf<N>]: Step<N, S>['run'];
};

/** Of any recovery, on any system: the engine has looked up one that fits it. */
export type AnyStep = Step<RecoveryName, System>;
export type AnyRecoveryContext = RecoveryContext<RecoveryName, System>;

export interface Procedure {
  readonly name: RecoveryName;
  /** The region that service leaves lives on, so that no fence around it is looked at later. */
  readonly leavesAlive: boolean;
  readonly steps: readonly AnyStep[];
}

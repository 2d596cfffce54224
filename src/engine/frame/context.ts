// What every phase of a run gets to see.
import type { Plan } from '../../drill/plan/plan.ts';
import type { Emit } from '../../evidence/event.ts';
import type { AnyFault } from '../../fault/fault.ts';
import type { Clock } from '../../host/clock.ts';
import type { Procedure } from '../../recovery/procedure.ts';
import type { StartClients } from '../../workload/clients.ts';
import type { Scope } from './scope.ts';
import type { RunPlace, SystemMaker } from '../../topology/system/system.ts';

/** What a run can be made of; tests pass their own. */
export interface Parts {
  readonly runtime: SystemMaker;
  readonly faults: readonly AnyFault[];
  readonly recoveries: readonly Procedure[];
  readonly startClients: StartClients;
  /** Rejects where the machine lacks what the run needs, before anything is started. */
  readonly preflight?: () => Promise<void>;
}

export interface RunContext {
  readonly plan: Plan;
  readonly place: RunPlace;
  /** Of its undo log; it stands in the scratch directory too. */
  readonly key: string;
  /** For every process of the run; it carries the run's mark. */
  readonly environment: Record<string, string>;
  readonly parts: Parts;
  /** Zero is the run's origin. */
  readonly clock: Clock;
  readonly origin_ms: number;
  readonly emit: Emit;
  readonly scope: Scope;
  /** Aborts at the first Ctrl-C or when the run takes longer than it may. */
  readonly signal: AbortSignal;
  /** Stops the run for a reason of its own: what it stands on is gone. */
  readonly fail: (error: Error) => void;
  /** Aborts at the second Ctrl-C: nothing is waited for any more. */
  readonly kill: AbortSignal;
  readonly operator: Operator;
}

/** A question to whoever stands beside a run; `order` answers it from elsewhere. */
export interface Question {
  readonly question: string;
  readonly order: 'declare' | 'confirm' | 'approve';
}

/** Whoever can be asked while something runs, and may hold it. */
export interface Operator {
  /** Resolves to who answered, in words; rejects with the signal's reason when it aborts first. */
  ask(asked: Question, signal: AbortSignal): Promise<string>;
  /** Who wants the run held before what comes next, in words; null: nobody. */
  holdAsked(): string | null;
  /** Resolves when a run that is held may go on; rejects when the signal aborts first. */
  release(signal: AbortSignal): Promise<Release>;
}

export interface Release {
  /** Who, in words. */
  readonly by: string;
  /** `step`: only until what comes after, before which it is held again. */
  readonly order: 'resume' | 'step';
}

/** Why a run stopped early; the reason of the run's signal. */
export class Interruption extends Error {
  readonly kind: 'limit' | 'bug' | 'stop';

  /**
   * `limit`: --timeout; `bug`: `cause` is an error that nobody caught; `stop`: a condition of the
   * drill file, which the journal has already.
   */
  constructor(kind: Interruption['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Interruption';
    this.kind = kind;
  }
}

/** Stops the run for an error of drill's own in work that nobody waits for. */
export function asBug(error: unknown): Interruption {
  const message = error instanceof Error ? error.message : String(error);
  return new Interruption('bug', message, { cause: error });
}

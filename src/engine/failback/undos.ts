// What undoes the steps of a way back: on the disk before each, run where the way back fails, and
// struck off where it does not.
import type { BackStep } from '../../drill/recovery/back.ts';
import { isFailure } from '../../host/operation-failed.ts';
import type { AnyStep } from '../../recovery/procedure.ts';
import type { OwnSystem } from '../../topology/system/own.ts';
import type { System } from '../../topology/system/system.ts';
import type { RunContext } from '../frame/context.ts';

interface Deferred {
  readonly title: string;
  /** Ends it, by its undo where that is needed. */
  readonly end: () => Promise<void>;
}

export class WayBackUndos {
  readonly #run: RunContext;
  readonly #system: System;
  readonly #own: OwnSystem;
  readonly #deferred: Deferred[] = [];
  /** All is well: none of them is needed. */
  #isForgotten = false;

  constructor(run: RunContext, system: System, own: OwnSystem) {
    this.#run = run;
    this.#system = system;
    this.#own = own;
  }

  /** The step, with its undo on the disk before it begins. */
  before({ title, undo: command }: BackStep, step: AnyStep): AnyStep {
    if (command === null) return step;
    const { scope, plan } = this.#run;
    const at_most_ms = plan.recover.deadline_ms;
    const cwd = this.#own.folder;
    const entry = { undo: 'command', title, command, disarm: null, at_most_ms, cwd };
    return {
      title,
      run: async (context) => {
        const end = await scope.deferHeal(
          { ...entry, system: this.#system.directory },
          async () => {
            if (!this.#isForgotten) await this.#own.run(command, at_most_ms);
          },
        );
        this.#deferred.push({ title, end });
        return await step.run(context);
      },
    };
  }

  /** The last step first. The end tries once more what fails here. */
  async undo(): Promise<void> {
    for (const { title, end } of this.#deferred.splice(0).toReversed()) {
      try {
        await end();
      } catch (error) {
        if (!isFailure(error)) throw error;
        this.#run.emit('step.failed', { step: `undo "${title}"`, reason: error.message });
      }
    }
  }

  async forget(): Promise<void> {
    this.#isForgotten = true;
    for (const { end } of this.#deferred.splice(0)) await end();
  }
}

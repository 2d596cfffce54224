// The recovery of a run as it goes on: what it has done to the system and found of its data by now,
// for whoever heals, looks at faults or waits for service meanwhile and after it.
import type { Mistake } from '../../evidence/restore.ts';
import { isFailure, reasonOf } from '../../host/operation-failed.ts';
import type { Harm } from '../../measure/operations/harm.ts';
import { checkFence } from '../../recovery/fence.ts';
import type { Effects, StepFacts } from '../../recovery/procedure.ts';
import { type System, labOf } from '../../topology/system/system.ts';
import type { RunContext } from '../frame/context.ts';
import { effectsOn } from './effects.ts';

const UNDO = 'undo what the recovery did';

export class Recovery {
  /** It has begun and moves service: what is killed and cut now is its doing. */
  movesService = false;
  /** What of it has to be undone: by a step of its own, or else at the end. */
  readonly effects: Effects;
  readonly #system: System;
  /** The region that a fence was put up around; null: none. */
  #fenced: string | null = null;
  /** When data that had been harmed was seen to be right again; null: not yet. */
  #verified_ms: number | null = null;

  constructor(run: Pick<RunContext, 'scope'>, system: System) {
    this.#system = system;
    this.effects = effectsOn(run, system);
  }

  /** What a step has found out; `dead`: the region that a fence keeps out, null: it lives on. */
  learn({ fenced, verified }: StepFacts, dead: string | null, now_ms: number): void {
    if (verified?.ok === true) this.#verified_ms = now_ms;
    if (fenced !== undefined) this.#fenced = dead;
  }

  /** From when to when data was harmed, as far as it is known by now; null: it never was. */
  harmBy(mistake: Mistake | null): Harm | null {
    return mistake && { harmed_ms: mistake.at_ms, verified_ms: this.#verified_ms };
  }

  /** Whether the fence holds; nothing where none was put up. */
  async checkFence({ plan, emit }: RunContext): Promise<void> {
    const lost = this.#fenced;
    if (lost === null) return;
    try {
      const checks = await checkFence({ plan, system: labOf(this.#system), lost });
      emit('fence.checked', { checks });
    } catch (error) {
      // Whoever runs the nodes does not answer: that leaves it open, and proves no open fence.
      const name = `the fence of ${lost} was looked at after the heal`;
      emit('verification.checked', { checks: [{ name, ok: false, detail: reasonOf(error) }] });
    }
  }

  /** Where no step of it came to do so. What was gone by then did not last as long as it should. */
  async undo({ emit }: RunContext): Promise<void> {
    try {
      const gone = await this.effects.undo();
      if (gone.length === 0) return;
      emit('step.failed', { step: UNDO, reason: `this was gone by then: ${gone.join(', ')}` });
    } catch (error) {
      if (!isFailure(error)) throw error;
      emit('step.failed', { step: UNDO, reason: error.message });
    }
  }
}

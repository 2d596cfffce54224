// The faults that left something alive: healed on their schedule, or at the end.
import type { PlannedFault } from '../../drill/fault/registry.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { asBug, type RunContext } from '../frame/context.ts';
import { untilAborted } from '../frame/before-deadline.ts';

interface Open {
  readonly planned: PlannedFault;
  readonly heal: () => Promise<void>;
  /** Aborts when it is healed. */
  readonly over: AbortController;
  /** Under way, or done; a heal that failed may be tried again. */
  healing: Promise<boolean> | null;
}

export class OpenFaults {
  readonly #afterHeal: (run: RunContext) => Promise<void>;
  /** Newest first. */
  readonly #open: Open[] = [];
  readonly #scheduled: Promise<void>[] = [];
  /** When the last heal was done; null: there was none. */
  lastHealed_ms: number | null = null;

  /** `afterHeal` is done after each heal. */
  constructor(afterHeal: (run: RunContext) => Promise<void>) {
    this.#afterHeal = afterHeal;
  }

  /** Aborts when the fault is healed; never for what cannot be. */
  over(index: number): AbortSignal {
    const open = this.#open.find(({ planned }) => planned.index === index);
    return open?.over.signal ?? new AbortController().signal;
  }

  /** `heal` is done at the fault's time, where it has one, and else at the end. */
  add(run: RunContext, planned: PlannedFault, heal: () => Promise<void>): void {
    const { clock, signal } = run;
    const { heal_after_ms } = planned;
    const open: Open = { planned, heal, over: new AbortController(), healing: null };
    this.#open.unshift(open);
    if (heal_after_ms === null) return;
    const due_ms = clock.now() + heal_after_ms;
    const scheduled = (async () => {
      await clock.sleep(due_ms - clock.now(), signal);
      await this.#heal(run, open, 'schedule');
    })();
    // Of a run that was stopped the end heals.
    scheduled.catch((bug: unknown) => signal.aborted || run.fail(asBug(bug)));
    this.#scheduled.push(scheduled);
  }

  /**
   * Heals what is still broken, newest first: at its time if that is to come, at once when the run
   * was stopped.
   */
  async healRest(run: RunContext, stopped: AbortSignal): Promise<void> {
    const pending = this.#scheduled.map((each) => each.catch(() => {}));
    await Promise.race([Promise.all(pending), untilAborted(stopped)]);
    await oneAfterTheOther(this.#open.map((open) => () => this.#heal(run, open, 'end')));
  }

  /** Once; what failed is tried again when it is asked for again. */
  async #heal(run: RunContext, open: Open, by: 'schedule' | 'end'): Promise<void> {
    open.healing ??= this.#tryHeal(run, open, by);
    if (!(await open.healing)) open.healing = null;
  }

  async #tryHeal(run: RunContext, open: Open, by: 'schedule' | 'end'): Promise<boolean> {
    const { emit, clock } = run;
    const { index } = open.planned;
    try {
      await open.heal();
    } catch (error) {
      emit('heal.failed', { index, reason: reasonOf(error) });
      return false;
    }
    this.lastHealed_ms = clock.now();
    emit('fault.healed', { index, by });
    open.over.abort(new Error('the fault was healed'));
    await this.#afterHeal(run);
    return true;
  }
}

/** All of them, whatever becomes of one; then it rejects as the first that did. */
export async function oneAfterTheOther(work: readonly (() => Promise<void>)[]): Promise<void> {
  const failed: unknown[] = [];
  for (const each of work) await each().catch((error: unknown) => failed.push(error));
  if (failed.length > 0) throw failed[0];
}

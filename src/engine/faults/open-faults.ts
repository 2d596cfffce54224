// The faults whose effect lasts: each is looked at once more before it is healed, on its
// schedule or at the end. What cannot be healed is looked at in the end too.
import type { FaultKind, PlannedFault } from '../../drill/fault/registry.ts';
import type { LookResult } from '../../evidence/event.ts';
import { oneAfterTheOther } from '../../base/all-done.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { asBug, type RunContext } from '../frame/context.ts';
import { beforeDeadline, untilAborted } from '../frame/before-deadline.ts';

/** At the latest so long before the heal is due a look begins, and watches for two thirds of it. */
const LOOK_AHEAD_MS = 750;
/** So long before, where the fault lasts long enough: a busy machine has time to end it. */
const LOOK_EARLY_MS = 3_000;
/** A share of the time that a fault lasts. */
const LOOK_SHARE = 1 / 2;
const WATCH_SHARE = 2 / 3;
const WATCH_MS = LOOK_AHEAD_MS * WATCH_SHARE;
/** It may go on when the fault is over, so that it proves nothing. */
const LATE: LookResult = { name: 'a look at it', ok: null, detail: 'it was not over in time' };
/** While a fault waits for its condition. */
const LOOK_EVERY_MS = 2_000;

export interface Lasting {
  readonly planned: PlannedFault;
  /** Resolves to what was not there any more to be undone; null: nothing can heal it. */
  readonly heal: (() => Promise<readonly string[]>) | null;
  /** Whether the effect is still there; nothing where that tells nothing. */
  readonly look: (watch_ms: number) => Promise<readonly LookResult[]>;
}

interface Open extends Lasting {
  /** When it is healed on its schedule; Infinity: at the end, or never. */
  readonly due_ms: number;
  /** Aborts when it is healed. */
  readonly over: AbortController;
  /** Under way, or done; a heal that failed may be tried again. */
  healing: Promise<boolean> | null;
}

export interface Heals {
  /** Rejects for nothing: a heal is not put off by what goes wrong. */
  before(run: RunContext, stopped: AbortSignal): Promise<void>;
  /** The end begins to heal the last of all. */
  last(): void;
  /** Of the fault with that index. */
  after(run: RunContext, index: number): Promise<void>;
}

type HealedBy = 'schedule' | 'end';

export class OpenFaults {
  readonly #heals: Heals;
  /** Newest first. */
  readonly #open: Open[] = [];
  readonly #scheduled: Promise<void>[] = [];
  /** When the last heal was done; null: there was none. */
  lastHealed_ms: number | null = null;

  constructor(heals: Heals) {
    this.#heals = heals;
  }

  /** Aborts when the fault is healed; never for what cannot be. */
  over(index: number): AbortSignal {
    const open = this.#open.find(({ planned }) => planned.index === index);
    return open?.over.signal ?? new AbortController().signal;
  }

  /** Whether all that can be healed was. */
  get areUndone(): boolean {
    return this.#open.every(({ heal, over }) => heal === null || over.signal.aborted);
  }

  /** When the last of that kind is healed by its schedule; -Infinity: none is there. */
  dueOf(kind: FaultKind): number {
    const those = this.#open.filter(({ planned }) => planned.kind === kind);
    return Math.max(-Infinity, ...those.map(({ due_ms }) => due_ms));
  }

  /** It is healed at its time, where it has one, and else at the end. */
  add(run: RunContext, lasting: Lasting): void {
    const { clock, signal } = run;
    const { heal_after_ms } = lasting.planned;
    const due_ms = clock.now() + (heal_after_ms ?? Infinity);
    const open: Open = { ...lasting, due_ms, over: new AbortController(), healing: null };
    this.#open.unshift(open);
    if (heal_after_ms === null) return;
    const ahead_ms = Math.min(LOOK_EARLY_MS, heal_after_ms * LOOK_SHARE);
    const scheduled = (async () => {
      await clock.sleep(due_ms - ahead_ms - clock.now(), signal);
      await look(run, open, Math.min(WATCH_MS, ahead_ms * WATCH_SHARE));
      await clock.sleep(due_ms - clock.now(), signal);
      await this.#heals.before(run, signal);
      await this.#heal(run, open, 'schedule');
    })();
    // Of a run that was stopped the end heals.
    scheduled.catch((bug: unknown) => signal.aborted || run.fail(asBug(bug)));
    this.#scheduled.push(scheduled);
  }

  /** Resolves when all that end by themselves have ended. */
  async ended(signal: AbortSignal): Promise<void> {
    await this.#endedOr(signal);
    signal.throwIfAborted();
  }

  /** A heal that failed is over too: the end tries again. */
  async #endedOr(stopped: AbortSignal): Promise<void> {
    const pending = this.#scheduled.map((each) => each.catch(() => {}));
    await Promise.race([Promise.all(pending), untilAborted(stopped)]);
  }

  /**
   * Heals what is still broken, newest first: at its time if that is to come, at once when the run
   * was stopped.
   */
  async healRest(run: RunContext, stopped: AbortSignal): Promise<void> {
    await this.#endedOr(stopped);
    await oneAfterTheOther(
      this.#open.map((open) => async () => {
        // One that failed at its time was looked at then; a run that was stopped proves nothing.
        if (open.planned.heal_after_ms === null && !stopped.aborted) await look(run, open);
        if (open.over.signal.aborted) return;
        await this.#heals.before(run, stopped);
        if (open.heal === null) return;
        if (open === this.#open.findLast(({ heal, over }) => heal !== null && !over.signal.aborted))
          this.#heals.last();
        await this.#heal(run, open, 'end');
      }),
    );
  }

  /** Looks at what is there by now; what heals meanwhile is looked at for that. */
  async lookAtAll(run: RunContext, limit_ms = Infinity): Promise<void> {
    const over_ms = run.clock.now() + LOOK_AHEAD_MS;
    const lasting = this.#open.filter(({ due_ms }) => due_ms > over_ms);
    await Promise.all(lasting.map((open) => look(run, open, WATCH_MS, limit_ms)));
  }

  /**
   * Once more just before something else is broken, where there is time for it: what that ends
   * (an archive with its primary) tells nobody afterwards whether it was still broken.
   */
  async lookBefore(run: RunContext, next_ms: number): Promise<void> {
    const { clock, signal } = run;
    if (this.#open.length === 0 || clock.now() >= next_ms - LOOK_AHEAD_MS) return;
    await clock.sleep(next_ms - LOOK_AHEAD_MS - clock.now(), signal);
    await this.lookAtAll(run, next_ms);
  }

  /** The same again and again, where nobody knows when something else will be broken. */
  async lookUntil(run: RunContext, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await this.lookAtAll(run);
      await run.clock.sleep(LOOK_EVERY_MS, over).catch(() => {});
    }
  }

  /** Once; what failed is tried again when it is asked for again. */
  async #heal(run: RunContext, open: Open, by: HealedBy): Promise<void> {
    open.healing ??= this.#tryHeal(run, open, by);
    if (!(await open.healing)) open.healing = null;
  }

  async #tryHeal(run: RunContext, open: Open, by: HealedBy): Promise<boolean> {
    const { emit, clock } = run;
    const { index } = open.planned;
    try {
      const gone = (await open.heal?.()) ?? [];
      this.lastHealed_ms = clock.now();
      emit('fault.healed', { index, by, gone: [...gone] });
    } catch (error) {
      emit('heal.failed', { index, reason: reasonOf(error) });
      return false;
    }
    open.over.abort(new Error('the fault was healed'));
    await this.#heals.after(run, index);
    return true;
  }
}

/**
 * Tells what is seen of the fault by then, and before it is healed: nothing is put off for a look
 * that takes longer. For a fault that is shorter than looks take the heal tells whether it lasted.
 */
async function look(
  run: RunContext,
  { planned, due_ms, look: see }: Open,
  watch_ms = WATCH_MS,
  limit_ms = Infinity,
): Promise<void> {
  const { emit, signal } = run;
  const by_ms = Math.min(limit_ms, due_ms);
  const seeing = see(watch_ms);
  const seen =
    by_ms === Infinity
      ? await seeing
      : await beforeDeadline(run, by_ms, (until) =>
          Promise.race([seeing, untilAborted(until).then(() => null)]),
        );
  const checks = seen ?? (watch_ms < WATCH_MS ? [] : [LATE]);
  if (checks.length > 0 && !signal.aborted) emit('fault.looked', { index: planned.index, checks });
}

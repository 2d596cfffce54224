// The faults of a run: injected on their schedule, proved to bite, and healed, on schedule too or
// at the end. After each heal it is looked whether the fence of the recovery still holds.
import type { PlannedFault } from '../../drill/fault/registry.ts';
import type { Fault, FaultContext } from '../../fault/fault.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { Harm } from '../../measure/service/harm.ts';
import type { Mistake } from '../../postgres/read/mistake.ts';
import { checkFence } from '../../recovery/fence.ts';
import type { System } from '../../topology/system.ts';
import { asBug, type RunContext } from '../frame/context.ts';
import { previewLoss } from './preview.ts';
import { untilAborted } from '../frame/within.ts';

/** A preview is taken so long before its fault, so that it does not put it off. */
const PREVIEW_MS = 100;

/** A fault that left something alive. */
interface Open {
  readonly planned: PlannedFault;
  readonly heal: () => Promise<void>;
  /** Aborts when it is healed. */
  readonly over: AbortController;
  /** Under way, or done; a heal that failed may be tried again. */
  healing: Promise<boolean> | null;
}

export class Faults {
  readonly #system: System;
  readonly #proofs: Promise<void>[] = [];
  /** Newest first. */
  readonly #open: Open[] = [];
  readonly #scheduled: Promise<void>[] = [];
  #disaster_ms: number | null = null;
  #fenced: string | null = null;
  #lastHealed_ms: number | null = null;
  #mistake: Mistake | null = null;
  #harm: Harm | null = null;

  constructor(system: System) {
    this.#system = system;
  }

  /** Injects each at its time, from now on; `from_ms` is the start of the fault phase. */
  async injectAll(
    run: RunContext,
    faults: readonly PlannedFault[],
    from_ms: number,
  ): Promise<void> {
    for (const fault of faults) {
      await run.clock.sleep(from_ms + fault.at_ms - run.clock.now() - PREVIEW_MS, run.signal);
      if (!fault.beforehand) await previewLoss(run, this.#system);
      await run.clock.sleep(from_ms + fault.at_ms - run.clock.now(), run.signal);
      await this.#inject(run, fault);
    }
  }

  /** When the disaster started, before the first call that injects it; null: not yet. */
  get disaster_ms(): number | null {
    return this.#disaster_ms;
  }

  /** Waits for the proofs that the faults bit. */
  async proved(): Promise<void> {
    await Promise.all(this.#proofs);
  }

  /** Aborts when the fault is healed; never for what cannot be. */
  over(index: number): AbortSignal {
    const open = this.#open.find(({ planned }) => planned.index === index);
    return open?.over.signal ?? new AbortController().signal;
  }

  /** From now on every heal is followed by a look at the fence around this region. */
  watchFence(lost: string): void {
    this.#fenced = lost;
  }

  /** What an operator did to data by mistake; null: nothing. */
  get mistake(): Mistake | null {
    return this.#mistake;
  }

  /** From when to when data was harmed, as far as it is known by now; null: it never was. */
  get harm(): Harm | null {
    return this.#harm;
  }

  /** What had been harmed was seen to be there again. */
  tellVerified(at_ms: number): void {
    if (this.#harm !== null) this.#harm = { ...this.#harm, verified_ms: at_ms };
  }

  /** When the last heal was done; null: there was none. */
  get lastHealed_ms(): number | null {
    return this.#lastHealed_ms;
  }

  /**
   * Heals what is still broken, newest first: at its time if that is to come, at once when the run
   * was stopped.
   */
  async healRest(run: RunContext, stopped: AbortSignal): Promise<void> {
    const pending = this.#scheduled.map((each) => each.catch(() => {}));
    await Promise.race([Promise.all(pending), untilAborted(stopped)]);
    const healed = this.#open.map((open) => () => this.#heal(run, open, 'end'));
    await oneAfterTheOther(healed);
  }

  /** Whether the fence holds; nothing where none was put up. */
  async checkFence({ plan, emit }: RunContext): Promise<void> {
    const lost = this.#fenced;
    if (lost === null) return;
    const context = { plan, system: this.#system, lost };
    try {
      emit('fence.checked', { checks: await checkFence(context) });
    } catch (error) {
      // Whoever runs the nodes does not answer: that leaves it open, and proves no open fence.
      const name = `the fence of ${lost} was looked at after the heal`;
      const checks = [{ name, ok: false, detail: reasonOf(error) }];
      emit('verification.checked', { checks });
    }
  }

  async #inject(run: RunContext, planned: PlannedFault): Promise<void> {
    const { plan, emit, clock, parts, scope } = run;
    const { index, kind, region, disaster } = planned;
    const fault = parts.faults.find((one) => one.kind === kind);
    if (fault === undefined) throw new Error(`no fault is called ${kind}`);
    const heals: (() => Promise<void>)[] = [];
    const healAll = () => oneAfterTheOther(heals.toReversed());
    const defer: FaultContext['defer'] = async (entry, heal) => {
      heals.push(await scope.deferHeal(entry, heal));
    };
    const own = { plan, fault: planned, system: this.#system, clock, defer };
    let context: FaultContext = { ...own, mistake: null };
    const started_ms = clock.now();
    if (disaster) this.#disaster_ms = started_ms;
    emit('fault.started', { index, kind, region, disaster }, started_ms);
    try {
      const { detail, mistake = null } = await fault.inject(context);
      emit('fault.injected', { index, detail });
      if (mistake !== null) {
        const { statement, orders, lsn, name, at_ms: harmed_ms } = mistake;
        emit('data.harmed', { statement, rows: orders.length, lsn, name }, harmed_ms);
        this.#mistake = mistake;
        this.#harm = { harmed_ms, verified_ms: null };
      }
      context = { ...own, mistake };
      if (heals.length > 0) this.#keep(run, planned, healAll);
    } catch (error) {
      await healAll().catch(() => {}); // the end tries once more; why it failed says more
      run.signal.throwIfAborted();
      const checks = [{ name: `injection of ${kind}`, ok: false, detail: reasonOf(error) }];
      emit('fault.proved', { index, ok: false, checks });
      return;
    }
    const proof = prove(fault, context, run);
    proof.catch((bug: unknown) => run.fail(asBug(bug)));
    this.#proofs.push(proof);
  }

  #keep(run: RunContext, planned: PlannedFault, heal: () => Promise<void>): void {
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
    this.#lastHealed_ms = clock.now();
    emit('fault.healed', { index, by });
    open.over.abort(new Error('the fault was healed'));
    await this.checkFence(run);
    return true;
  }
}

/** All of them, whatever becomes of one; then it rejects as the first that did. */
async function oneAfterTheOther(work: readonly (() => Promise<void>)[]): Promise<void> {
  const failed: unknown[] = [];
  for (const each of work) await each().catch((error: unknown) => failed.push(error));
  if (failed.length > 0) throw failed[0];
}

/** A run that was stopped meanwhile has healed it, or ended what it hit: that proves nothing. */
async function prove(
  fault: Fault,
  context: FaultContext,
  { emit, signal }: RunContext,
): Promise<void> {
  const { index, kind } = context.fault;
  const checks = await fault
    .prove(context)
    .catch((error: unknown) => [{ name: `proof of ${kind}`, ok: false, detail: reasonOf(error) }]);
  if (signal.aborted) return;
  const ok = checks.length > 0 && checks.every((check) => check.ok);
  emit('fault.proved', { index, ok, checks });
}

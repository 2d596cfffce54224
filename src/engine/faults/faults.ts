// The faults of a run: injected on their schedule, each with a preview of what it would lose, and
// proved to bite.
import { takesNodes, type PlannedFault } from '../../drill/fault/registry.ts';
import { looked, type AnyFault, type AnyFaultContext, type Bitten } from '../../fault/fault.ts';
import type { LookResult } from '../../evidence/event.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { Mistake } from '../../evidence/restore.ts';
import { labOf, type System } from '../../topology/system/system.ts';
import { allDone, oneAfterTheOther } from '../../base/all-done.ts';
import { showMetric, writeCondition } from '../../drill/condition.ts';
import { hasDisaster } from '../../drill/plan/clock.ts';
import { comingWith } from '../../drill/plan/disaster.ts';
import { beforeDeadline } from '../frame/before-deadline.ts';
import { asBug, type RunContext } from '../frame/context.ts';
import type { Vitals } from '../load/vitals.ts';
import { Elsewhere } from '../verification/read-elsewhere.ts';
import { OpenFaults } from './open-faults.ts';
import { previewLoss, type Stake } from './preview.ts';

/** A preview is taken so long before its fault, so that it does not put it off. */
const PREVIEW_MS = 100;

/** What faults ask of the recovery that goes on beside them. */
interface RecoveryBeside {
  /** What is killed and cut now is its doing. */
  readonly movesService: boolean;
  /** Whether what it shut out is still shut out, told to the journal. */
  checkFence(run: RunContext): Promise<void>;
}

export class Faults {
  /**
   * What is still to be healed. What an old primary alone holds is read before each heal; after it
   * the fence is looked at.
   */
  readonly open = new OpenFaults({
    before: async (run, stopped) => {
      await this.#elsewhere.read(run, stopped).catch((bug: unknown) => run.fail(asBug(bug)));
    },
    last: () => this.healing.abort(),
    after: async (run, index) => {
      this.#taking.delete(index);
      await this.#recovery.checkFence(run);
    },
  });
  /** When the disaster started, before the first call that injects it; null: not yet. */
  disaster_ms: number | null = null;
  /** Aborts when the end heals the last of all: no stop could make that come sooner. */
  readonly healing = new AbortController();
  /** When the first one of all started; Infinity: not yet. */
  began_ms = Infinity;
  /** When the first one started that was not there beforehand; Infinity: not yet. */
  hit_ms = Infinity;
  /** What an operator did to data by mistake; null: nothing. */
  mistake: Mistake | null = null;
  /** What the last preview said; null: there was none. */
  stake: Stake | null = null;
  readonly #system: System;
  readonly #recovery: RecoveryBeside;
  readonly #elsewhere: Elsewhere;
  readonly #proofs: Promise<boolean>[] = [];
  /** The faults that have a region taken away by now. */
  readonly #taking = new Set<number>();

  constructor(system: System, recovery: RecoveryBeside) {
    this.#system = system;
    this.#recovery = recovery;
    this.#elsewhere = new Elsewhere(system);
  }

  /** Injects each at its time after `from_ms`, or once its condition holds. */
  async injectAll(
    run: RunContext,
    faults: readonly PlannedFault[],
    from_ms: number,
    vitals: Pick<Vitals, 'until'>,
  ): Promise<void> {
    const waiting = faults.filter(({ when }) => when !== undefined);
    const timed = async () => {
      const rest = faults.filter(({ when }) => when === undefined);
      for (let first = rest[0]; first !== undefined; first = rest[0]) {
        const blow = comingWith(first, rest);
        rest.splice(0, blow.length);
        await this.#atTheirTime(run, blow, from_ms);
      }
    };
    const each = waiting.map((fault) => this.#onceItHolds(run, fault, from_ms, vitals));
    await allDone([timed(), ...each]);
  }

  /** One of them, or several that come at once. */
  async #atTheirTime(
    run: RunContext,
    faults: readonly PlannedFault[],
    from_ms: number,
  ): Promise<void> {
    const { clock, signal } = run;
    const { at_ms: after_ms, beforehand } = faults[0]!;
    const at_ms = from_ms + after_ms;
    if (!beforehand) await this.open.lookBefore(run, at_ms - PREVIEW_MS);
    await clock.sleep(at_ms - clock.now() - PREVIEW_MS, signal);
    if (!beforehand) this.stake = await previewLoss(run, this.#system);
    await clock.sleep(at_ms - clock.now(), signal);
    await allDone(faults.map((fault) => this.#inject(run, fault)));
  }

  /** A condition that never came leaves the fault out, which the journal says. */
  async #onceItHolds(
    run: RunContext,
    fault: PlannedFault,
    from_ms: number,
    vitals: Pick<Vitals, 'until'>,
  ): Promise<void> {
    const { index, when, wait_ms = 0 } = fault;
    if (when === undefined) return;
    const { clock, signal } = run;
    await clock.sleep(from_ms + fault.at_ms - clock.now(), signal);
    const waited = new AbortController();
    // Not waited for when the condition holds: the fault comes at once.
    const looking = this.open.lookUntil(run, AbortSignal.any([waited.signal, signal]));
    looking.catch((bug: unknown) => signal.aborted || run.fail(asBug(bug)));
    const value = await beforeDeadline(run, clock.now() + wait_ms, async (until) => {
      return await vitals.until(when, until);
    }).finally(() => waited.abort());
    const found = value === null ? null : showMetric(when.metric, value);
    run.emit('fault.awaited', { index, condition: writeCondition(when), found });
    if (value === null) return;
    this.stake = await previewLoss(run, this.#system);
    await this.#inject(run, fault);
  }

  /** Waits for the proofs; whether every fault so far has bitten. */
  async proved(): Promise<boolean> {
    return (await Promise.all(this.#proofs)).every((hasBitten) => hasBitten);
  }

  /** Whether the links are what the plan has them; nothing where it has none of them slow. */
  async lookAtLinks({ plan, emit }: RunContext): Promise<void> {
    const checks = Object.entries(plan.links).map(async ([link, { latency_ms }]) => {
      return await looked(`link ${link} takes ${latency_ms} ms each way`, async () => {
        const lost = await labOf(this.#system).link(link).lostDelay();
        return { ok: lost.length === 0, detail: `${lost.join(', ') || 'nothing'} is gone` };
      });
    });
    if (checks.length > 0) emit('links.looked', { checks: await Promise.all(checks) });
  }

  /**
   * Looks whether the fault is still there. What a recovery does at that moment is no word against
   * it: then a second look has the last word.
   */
  async #look(
    fault: AnyFault,
    own: Omit<AnyFaultContext, 'mistake'>,
    watch_ms: number,
  ): Promise<readonly LookResult[]> {
    const { index } = own.fault;
    const isAlone = () =>
      !this.#recovery.movesService && ![...this.#taking].some((other) => other !== index);
    const look = async () => {
      const context = { ...own, mistake: this.mistake, watch_ms, isAlone: isAlone() };
      return (await fault.look?.(context)) ?? [];
    };
    const checks = await look();
    const isDoubtful = !isAlone() && checks.some(({ ok }) => ok !== true);
    return isDoubtful ? await look() : checks;
  }

  async #inject(run: RunContext, planned: PlannedFault): Promise<void> {
    const { plan, emit, clock, parts, scope, signal } = run;
    const { index, kind, region, beforehand } = planned;
    // Without a disaster the clock starts at whichever comes first.
    const isFirst = !beforehand && this.disaster_ms === null;
    const disaster = hasDisaster(plan) ? planned.disaster : isFirst;
    const fault = parts.faults.find((one) => one.kind === kind);
    if (fault === undefined) throw new Error(`no fault is called ${kind}`);
    const heals: (() => Promise<readonly string[]>)[] = [];
    const healAll = async () => (await oneAfterTheOther(heals.toReversed())).flat();
    const defer: AnyFaultContext['defer'] = async (entry, heal) => {
      const system = this.#system.directory;
      heals.push(await scope.deferHeal({ ...entry, system }, heal));
    };
    const deferToEnd: AnyFaultContext['defer'] = async (entry, undo) => {
      const system = this.#system.directory;
      await scope.defer({ ...entry, system }, async () => void (await undo()));
    };
    const own = { plan, fault: planned, system: this.#system, clock, signal, defer, deferToEnd };
    let context: AnyFaultContext = { ...own, mistake: null };
    const started_ms = clock.now();
    if (takesNodes(planned)) this.#taking.add(index);
    this.began_ms = Math.min(this.began_ms, started_ms);
    if (!beforehand) this.hit_ms = Math.min(this.hit_ms, started_ms);
    if (disaster) this.disaster_ms = started_ms;
    emit('fault.started', { index, kind, region, disaster }, started_ms);
    try {
      const injected = await fault.inject(context);
      const { detail, mistake = null, life = null, isOver, bitten } = injected;
      if (isOver) await healAll().then(() => heals.splice(0));
      emit('fault.injected', { index, detail });
      if (bitten !== undefined) this.#tellBite(run, index, bitten);
      if (mistake !== null) {
        const { statement, orders, lsn, name, at_ms: harmed_ms } = mistake;
        emit('data.harmed', { statement, rows: orders.length, lsn, name }, harmed_ms);
        this.mistake = mistake;
      }
      context = { ...own, mistake, life };
      const look = (watch_ms: number) => this.#look(fault, own, watch_ms);
      this.open.add(run, { planned, heal: heals.length > 0 ? healAll : null, look });
    } catch (error) {
      await healAll().catch(() => {}); // the end tries once more; why it failed says more
      signal.throwIfAborted();
      const checks = [{ name: `injection of ${kind}`, ok: false, detail: reasonOf(error) }];
      emit('fault.proved', { index, ok: false, checks });
      this.#proofs.push(Promise.resolve(false));
      return;
    }
    const proof = prove(fault, context, run);
    proof.catch((bug: unknown) => run.fail(asBug(bug)));
    this.#proofs.push(proof);
  }

  /** Whether it bit is for its proof to say; this is when. */
  #tellBite(run: RunContext, index: number, bitten: Promise<Bitten | null>): void {
    const told = bitten.then((seen) => {
      if (seen === null) return true;
      const { not_yet_ms, asked_ms, answered_ms } = seen;
      run.emit('fault.seen', { index, not_yet_ms, asked_ms }, answered_ms);
      return true;
    });
    told.catch((bug: unknown) => run.fail(asBug(bug)));
    this.#proofs.push(told);
  }
}

/** A run that was stopped meanwhile has healed it, or ended what it hit: that proves nothing. */
async function prove(
  fault: AnyFault,
  context: AnyFaultContext,
  { emit, signal }: RunContext,
): Promise<boolean> {
  const { index, kind } = context.fault;
  const checks = await fault
    .prove(context)
    .catch((error: unknown) => [{ name: `proof of ${kind}`, ok: false, detail: reasonOf(error) }]);
  if (signal.aborted) return false;
  const ok = checks.length > 0 && checks.every((check) => check.ok);
  emit('fault.proved', { index, ok, checks });
  return ok;
}

// Carries out phases: the legal move, the events around it, the time it may take.
import assert from 'node:assert';
import { phaseBudgets } from '../../drill/plan/budget.ts';
import type { Phase } from '../../evidence/event.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import type { RunContext } from './context.ts';

const GRACE_MS = 5_000;

/** The phases of a run in their order; those that are `always` are never passed over. */
export type PhaseOrder = readonly { readonly phase: Phase; readonly always: boolean }[];

export class Stages {
  readonly #run: RunContext;
  readonly #order: PhaseOrder;
  readonly #budgets: Readonly<Record<Phase, number>>;
  #current: Phase | null = null;

  constructor(run: RunContext, order: PhaseOrder) {
    this.#run = run;
    this.#order = order;
    this.#budgets = phaseBudgets(run.plan);
  }

  /**
   * Runs `work` as the next phase, with a signal that aborts when the run is stopped or the phase's
   * time is over. Work that was stopped is waited for, so that nothing is created behind the back
   * of the clean-up.
   */
  async go<T>(phase: Phase, work: (run: RunContext) => Promise<T>): Promise<T> {
    const { emit, clock, signal } = this.#run;
    assertMove(this.#order, this.#current, phase);
    this.#current = phase;
    const at_most_ms = this.#budgets[phase];
    const began = clock.now();
    const budget = new AbortController();
    const isAlways = this.#order.find((each) => each.phase === phase)!.always;
    const stop = isAlways ? budget.signal : AbortSignal.any([signal, budget.signal]);
    stop.throwIfAborted();
    emit('phase.started', { phase, at_most_ms });
    const settled = new AbortController();
    clock.sleep(at_most_ms, settled.signal).then(
      () => budget.abort(tookTooLong(phase, at_most_ms)),
      () => {},
    );
    try {
      const working = work({ ...this.#run, signal: stop });
      return await Promise.race([working, this.#outlasted(stop, settled.signal)]);
    } finally {
      settled.abort();
      emit('phase.ended', { phase, ms: clock.now() - began });
    }
  }

  /**
   * Rejects some time after `stop` aborted: work that does not heed it cannot hold up the clean-up
   * for ever.
   */
  #outlasted(stop: AbortSignal, settled: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      const onAbort = async () => {
        const enough = AbortSignal.any([settled, this.#run.kill]);
        await this.#run.clock.sleep(GRACE_MS, enough).catch(() => {});
        reject(stop.reason as Error);
      };
      stop.addEventListener('abort', () => void onAbort(), { once: true, signal: settled });
    });
  }
}

/** A bug in drill where `to` may not follow `from`: it is the next one, or one that is `always`. */
export function assertMove(order: PhaseOrder, from: Phase | null, to: Phase): void {
  const rest = order.slice(order.findIndex(({ phase }) => phase === from) + 1);
  const passed = rest.slice(
    0,
    rest.findIndex(({ phase }) => phase === to),
  );
  const next = rest[passed.length];
  const isLegal =
    next?.phase === to &&
    passed.every(({ always }) => !always) &&
    (next.always || passed.length === 0);
  assert(isLegal, `a run may not go from ${from ?? 'the start'} to ${to}`);
}

function tookTooLong(phase: Phase, at_most_ms: number): EnvironmentError {
  return new EnvironmentError({
    what: `the phase "${phase}"`,
    expected: `to end within ${at_most_ms / 1_000} s`,
    found: 'that it was still going on',
    hint: 'look at the logs of the run; a slow or busy machine needs longer',
  });
}

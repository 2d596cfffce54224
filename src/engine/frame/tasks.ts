// A run as a list of tasks, one a phase: what each needs of what was made before it, what it makes,
// and which of them happen whatever becomes of the others; and how each is carried out, with the
// events around it and the time that it may take.
import { setMaxListeners } from 'node:events';
import { phaseBudgets } from '../../drill/plan/budget.ts';
import type { Phase } from '../../evidence/event.ts';
import { abortAfter } from '../../host/clock.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import type { RunContext } from './context.ts';
import { heldBefore } from './hold.ts';
import { reportFailure } from './failure.ts';

/** Work that does not heed the stop of its phase is waited for so long. */
const GRACE_MS = 5_000;

/** `F`: the facts of a run, by name; each is there from the end of the task that made it. */
export interface Task<F> {
  readonly phase: Phase;
  /** It happens however the others went, and a run that is stopped does not stop it. */
  readonly always: boolean;
  /** Without one of these the task is left out. */
  readonly needs: readonly (keyof F)[];
  /** What it is, in words, where somebody may hold the run before it. */
  readonly hold?: string;
  readonly work: (run: RunContext, facts: Partial<F>) => Promise<Partial<F>>;
}

/** The makers of tasks over the facts `F`. */
export function tasksOver<F>() {
  const task = <N extends keyof F>(
    phase: Phase,
    needs: readonly N[],
    work: (run: RunContext, facts: Pick<F, N>) => Promise<Partial<F>>,
  ): Task<F> => ({
    phase,
    always: false,
    needs,
    work: (run, facts) => work(run, facts as Pick<F, N>), // those that it needs are there
  });
  const always = (
    phase: Phase,
    work: (run: RunContext, facts: Partial<F>) => Promise<void>,
  ): Task<F> => ({
    phase,
    always: true,
    needs: [],
    work: async (run, facts) => {
      await work(run, facts);
      return {};
    },
  });
  return { task, always };
}

/** One after the other. One that fails is reported, and those that need it are left out. */
export async function carryOut<F>(run: RunContext, tasks: readonly Task<F>[]): Promise<Partial<F>> {
  const facts: Partial<F> = {};
  for (const task of tasks) {
    if (task.needs.some((need) => facts[need] === undefined)) continue;
    if (run.signal.aborted && !task.always) continue;
    try {
      if (task.hold !== undefined) await heldBefore(run, task.hold, run.signal);
      Object.assign(facts, await inPhase(run, task, (own) => task.work(own, facts)));
    } catch (error) {
      // That the run was stopped is reported once, when it is.
      if (!run.signal.aborted) reportFailure(run, error);
    }
  }
  return facts;
}

/**
 * Runs `work` with a signal that aborts when the run is stopped or the phase's time is over. Work
 * that was stopped is waited for, so that nothing is created behind the back of the clean-up.
 */
export async function inPhase<T>(
  run: RunContext,
  { phase, always }: Pick<Task<unknown>, 'phase' | 'always'>,
  work: (run: RunContext) => Promise<T>,
): Promise<T> {
  const { plan, emit, clock, signal } = run;
  const at_most_ms = phaseBudgets(plan)[phase];
  const began = clock.now();
  const settled = new AbortController();
  emit('phase.started', { phase, at_most_ms });
  const late = abortAfter(clock, at_most_ms, tookTooLong(phase, at_most_ms), settled.signal);
  const stop = always ? late : AbortSignal.any([signal, late]);
  setMaxListeners(0, stop); // one for each fault whose heal is to come
  try {
    const working = work({ ...run, signal: stop });
    return await Promise.race([working, outlasted(run, stop, settled.signal)]);
  } finally {
    settled.abort();
    emit('phase.ended', { phase, ms: clock.now() - began });
  }
}

/**
 * Rejects some time after `stop` aborted: work that does not heed it cannot hold up the clean-up
 * for ever.
 */
function outlasted(
  { clock, kill }: RunContext,
  stop: AbortSignal,
  settled: AbortSignal,
): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = async () => {
      await clock.sleep(GRACE_MS, AbortSignal.any([settled, kill])).catch(() => {});
      reject(stop.reason as Error);
    };
    stop.addEventListener('abort', () => void onAbort(), { once: true, signal: settled });
  });
}

function tookTooLong(phase: Phase, at_most_ms: number): EnvironmentError {
  return new EnvironmentError({
    what: `the phase "${phase}"`,
    expected: `to end within ${at_most_ms / 1_000} s`,
    found: 'that it was still going on',
    hint: 'look at the logs of the run; a slow or busy machine needs longer',
  });
}

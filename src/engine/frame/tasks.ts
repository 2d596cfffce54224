// A run as a list of tasks, one a phase: what each needs of what was made before it, what it makes,
// and which of them happen whatever becomes of the others.
import type { Phase } from '../../evidence/event.ts';
import type { RunContext } from './context.ts';
import { reportFailure } from './failure.ts';
import { Stages } from './stages.ts';

/** `F`: the facts of a run, by name; each is there from the end of the task that made it. */
export interface Task<F> {
  readonly phase: Phase;
  /** It happens however the others went, and a run that is stopped does not stop it. */
  readonly always: boolean;
  /** Without one of these the task is left out. */
  readonly needs: readonly (keyof F)[];
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
  const stages = new Stages(run, tasks);
  const facts: Partial<F> = {};
  for (const { phase, always, needs, work } of tasks) {
    if (needs.some((need) => facts[need] === undefined)) continue;
    if (run.signal.aborted && !always) continue;
    try {
      Object.assign(facts, await stages.go(phase, (own) => work(own, facts)));
    } catch (error) {
      // That the run was stopped is reported once, when it is.
      if (!run.signal.aborted) reportFailure(run, error);
    }
  }
  return facts;
}

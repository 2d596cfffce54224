// Several runs whose truth is known, side by side.
import { getPriority, setPriority } from 'node:os';
import { runTruth, type TruthRun, type TruthScenario } from './run.ts';

const FAVOURED = -5;

/** Why a run proves nothing when the machine, not the service, stood still for a moment. */
const UNEVEN = /The runner could not keep the schedule/;

/**
 * Runs scenarios at the same time. Those whose workload could not keep its schedule run once more:
 * the machine had other things to do, and the measurement must not have let them pass.
 */
export async function runTruths(
  scenarios: readonly TruthScenario[],
  signal?: AbortSignal,
): Promise<TruthRun[]> {
  const priority = getPriority();
  preferThisProcess(FAVOURED);
  try {
    const runs = await whole(scenarios.map((scenario) => runTruth(scenario, signal)));
    const again = runs.map(async (run, at) => {
      if (!isUneven(run)) return run;
      run.remove();
      return await runTruth(scenarios[at]!, signal);
    });
    return await whole(again);
  } finally {
    preferThisProcess(priority);
  }
}

/** All of them, or none that leaves files. */
async function whole(running: readonly Promise<TruthRun>[]): Promise<TruthRun[]> {
  const ended = await Promise.allSettled(running);
  const failed = ended.find((each) => each.status === 'rejected');
  const runs = ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (failed === undefined) return runs;
  for (const run of runs) run.remove();
  throw failed.reason;
}

/** Only the superuser may; for everybody else nothing changes. */
function preferThisProcess(priority: number): void {
  try {
    setPriority(priority);
  } catch {
    // an ordinary user
  }
}

/** Whether the machine, and not the service, stood still: then nothing was measured. */
export function isUneven(run: TruthRun): boolean {
  const { verdict, reasons } = run.assess();
  const doubts = reasons.filter((reason) => UNEVEN.test(reason));
  if (doubts.length > 0 && verdict === 'pass') {
    throw new Error(`it passed, although: ${doubts.join(' ')}`);
  }
  return doubts.length > 0;
}

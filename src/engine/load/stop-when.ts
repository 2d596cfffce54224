// The stop conditions of a drill file: from the first fault on each is held against what clients
// meet, and the first that holds ends the run, which heals and cleans up at once.
import { showMetric, writeCondition } from '../../drill/condition.ts';
import type { RunContext } from '../frame/context.ts';
import { stopRun } from './stop-run.ts';
import type { Vitals } from './vitals.ts';

export function stopWhen(run: RunContext, vitals: Vitals): void {
  const ends = (run.plan.stop_when ?? []).map(({ when, verdict }) => {
    return vitals.watch(when, (value) => {
      const condition = writeCondition(when);
      const found = `it was ${showMetric(when.metric, value)}`;
      stopRun(run, { condition, found, verdict });
      for (const end of ends) end();
    });
  });
}

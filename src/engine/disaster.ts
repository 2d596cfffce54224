// From the disaster to service that is back for good: detection, declaration, recovery.
import type { Emit } from '../evidence/event.ts';
import type { System } from '../topology/system.ts';
import { awaitService } from './await-service.ts';
import type { RunContext } from './context.ts';
import { declareDisaster } from './declare.ts';
import type { Faults } from './faults.ts';
import { within } from './within.ts';

/** Times on the run's clock. */
export interface Disaster {
  readonly disaster_ms: number;
  readonly steady: { readonly from_ms: number; readonly to_ms: number };
  readonly faults: Faults;
}

/**
 * Detection, declaration, the procedure's steps, and the wait for service. Returns when there is no
 * more to wait for; a step that failed or service that did not come back stands in the journal.
 */
export async function recover(
  run: RunContext,
  system: System,
  { disaster_ms, steady, faults }: Disaster,
): Promise<void> {
  const { plan, clock } = run;
  const { region: lost, index } = plan.faults.find((fault) => fault.disaster)!;
  const deadline_ms = disaster_ms + plan.recover.deadline_ms;
  const limits = { deadline_ms, healed: faults.over(index) };
  const isDeclared = await declareDisaster(run, system, lost, limits);
  const hasFailed = isDeclared && !(await runProcedure(run, system, { lost, deadline_ms, faults }));
  const settled_ms = clock.now();
  // After a failed step it is only looked whether service is there all the same.
  const until_ms = hasFailed ? settled_ms : deadline_ms;
  await awaitService(run, { steady, disaster_ms, settled_ms, deadline_ms: until_ms });
}

interface Recovered {
  readonly lost: string;
  readonly deadline_ms: number;
  readonly faults: Faults;
}

/** False when a step failed, or was not done by the deadline. */
async function runProcedure(
  run: RunContext,
  system: System,
  { lost, deadline_ms, faults }: Recovered,
): Promise<boolean> {
  const { plan, clock, signal, parts } = run;
  const procedure = parts.recoveries.find(({ name }) => name === plan.recover.with);
  if (procedure === undefined) throw new Error(`no recovery is called ${plan.recover.with}`);
  const takeover = plan.replication.to;
  const emit: Emit = (name, body, t) => {
    run.emit(name, body, t);
    if (name === 'fence.proved') faults.watchFence(lost);
  };
  const context = { run: run.place.id, plan, system, clock, emit, lost, takeover };
  emit('recovery.started', { with: procedure.name, steps: procedure.steps.map((s) => s.title) });
  for (const step of procedure.steps) {
    const began = clock.now();
    emit('step.started', { step: step.title });
    try {
      const isDone = await within(run, deadline_ms, async (until) => {
        await step.run({ ...context, signal: until });
        return true;
      });
      if (isDone === null) throw new Error('it was not done by the deadline');
    } catch (error) {
      signal.throwIfAborted();
      emit('step.failed', { step: step.title, reason: (error as Error).message });
      return false;
    }
    emit('step.ended', { step: step.title, ms: clock.now() - began });
  }
  emit('recovery.finished', {});
  return true;
}

// From the first fault to service that is back for good: faults on their schedule, detection,
// declaration, recovery.
import type { PlannedFault } from '../drill/plan.ts';
import type { Emit } from '../evidence/event.ts';
import type { Fault, FaultContext } from '../fault/fault.ts';
import type { System } from '../topology/system.ts';
import { awaitService } from './await-service.ts';
import type { RunContext } from './context.ts';
import { declareDisaster } from './declare.ts';
import { within } from './within.ts';

/** Undoes faults that left something alive, newest first. */
export type Heal = { readonly index: number; readonly heal: () => Promise<void> };

/** The faults that a run injects, and what it takes to heal them. */
export class Faults {
  readonly heals: Heal[] = [];
  readonly #system: System;
  readonly #proofs: Promise<void>[] = [];

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
      await run.clock.sleep(from_ms + fault.at_ms - run.clock.now(), run.signal);
      await this.#inject(run, fault);
    }
  }

  /** Waits for the proofs that the faults bit. */
  async proved(): Promise<void> {
    await Promise.all(this.#proofs);
  }

  async #inject(run: RunContext, planned: PlannedFault): Promise<void> {
    const { plan, emit, clock, parts } = run;
    const { index, kind, region, disaster } = planned;
    const fault = parts.faults.find((one) => one.kind === kind);
    if (fault === undefined) throw new Error(`no fault is called ${kind}`);
    const context = { run: run.place.id, plan, fault: planned, system: this.#system, clock };
    emit('fault.started', { index, kind, region, disaster }, clock.now());
    try {
      const { detail, heal } = await fault.inject(context);
      emit('fault.injected', { index, detail });
      if (heal !== null) this.heals.unshift({ index, heal });
    } catch (error) {
      run.signal.throwIfAborted();
      const checks = [
        { name: `injection of ${kind}`, ok: false, detail: (error as Error).message },
      ];
      emit('fault.proved', { index, ok: false, checks });
      return;
    }
    this.#proofs.push(prove(fault, context, emit));
  }
}

async function prove(fault: Fault, context: FaultContext, emit: Emit): Promise<void> {
  const { index, kind } = context.fault;
  const checks = await fault
    .prove(context)
    .catch((error: Error) => [{ name: `proof of ${kind}`, ok: false, detail: error.message }]);
  const ok = checks.length > 0 && checks.every((check) => check.ok);
  emit('fault.proved', { index, ok, checks });
}

/** Times on the run's clock. */
export interface DisasterTimes {
  readonly disaster_ms: number;
  readonly steady: { readonly from_ms: number; readonly to_ms: number };
}

/**
 * Detection, declaration, the procedure's steps, and the wait for service. Returns when there is no
 * more to wait for; a step that failed or service that did not come back stands in the journal.
 */
export async function recover(
  run: RunContext,
  system: System,
  { disaster_ms, steady }: DisasterTimes,
): Promise<void> {
  const { plan, clock } = run;
  const lost = plan.faults.find((fault) => fault.disaster)!.region;
  const deadline_ms = disaster_ms + plan.recover.deadline_ms;
  const isDeclared = await declareDisaster(run, system, lost, deadline_ms);
  const hasFailed = isDeclared && !(await runProcedure(run, system, { lost, deadline_ms }));
  const settled_ms = clock.now();
  // After a failed step it is only looked whether service is there all the same.
  const until_ms = hasFailed ? settled_ms : deadline_ms;
  await awaitService(run, { steady, disaster_ms, settled_ms, deadline_ms: until_ms });
}

/** False when a step failed, or was not done by the deadline. */
async function runProcedure(
  run: RunContext,
  system: System,
  { lost, deadline_ms }: { readonly lost: string; readonly deadline_ms: number },
): Promise<boolean> {
  const { plan, clock, emit, signal, parts } = run;
  const procedure = parts.recoveries.find(({ name }) => name === plan.recover.with);
  if (procedure === undefined) throw new Error(`no recovery is called ${plan.recover.with}`);
  const takeover = plan.replication.to;
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

// The faults on the operators: what people do wrong between the disaster and the recovery. Each
// comes to hold where people come to it, is told then, and is proved by what was seen of it.
import { labOf } from '../../topology/system/system.ts';
import type { OperatorKind, PlannedFault } from '../../drill/fault/registry.ts';
import { formatDuration } from '../../base/units.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { stepNamed } from '../../drill/recovery/registry.ts';
import type { CheckResult } from '../../evidence/event.ts';
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import type { AnyStep } from '../../recovery/procedure.ts';
import { failOverToLost, stillLost } from '../../recovery/wrong-region.ts';
import { beforeDeadline } from '../frame/before-deadline.ts';
import type { RunContext } from '../frame/context.ts';
import type { StepToCarryOut } from './run-steps.ts';

type OfOperators = PlannedFault<OperatorKind>;

type OfKind<K extends OperatorKind> = Extract<PlannedFault, { readonly kind: K }>;

function onOperators<K extends OperatorKind>({ faults }: Plan, kind: K): OfKind<K>[] {
  return faults.filter((fault): fault is OfKind<K> => fault.kind === kind);
}

/** From now on it holds. */
function tellBegin({ emit }: RunContext, { index, kind, region }: OfOperators, detail: string) {
  emit('fault.started', { index, kind, region, disaster: false });
  emit('fault.injected', { index, detail });
}

/** From now on it does not hold any more. */
function tellEnd({ emit }: RunContext, { index }: OfOperators, checks: CheckResult[]): void {
  emit('fault.proved', { index, ok: checks.every(({ ok }) => ok), checks });
  emit('fault.healed', { index, by: 'schedule', gone: [] });
}

/**
 * Holds back a declaration that has been decided. `seen`: since when the operators could know. It
 * rejects when `until` aborts first: then nobody declares it any more.
 */
export async function holdBack(run: RunContext, seen: Seen, until: AbortSignal): Promise<void> {
  const { clock, plan, signal } = run;
  const [fault] = onOperators(plan, 'delay-declaration');
  if (fault === undefined) return;
  const { by_ms } = fault;
  const late = formatDuration(by_ms);
  const decided = { what: 'the decision', at_ms: clock.now() };
  tellBegin(run, fault, `the declaration, decided by now, is held back for ${late}`);
  const isLate = await untilReached(clock, decided.at_ms + by_ms, until);
  signal.throwIfAborted();
  const checks = [decided, seen].map(({ what, at_ms }): CheckResult => {
    const ms = clock.now() - at_ms;
    const name = `nobody declares within ${late} after ${what}`;
    const found = isLate ? 'it was declared' : 'it was given up, still undeclared,';
    return { name, ok: !isLate || ms >= by_ms, detail: `${found} after ${formatDuration(ms)}` };
  });
  tellEnd(run, fault, checks);
  until.throwIfAborted();
}

export interface Seen {
  /** `detection`, or `the fault` where nobody detects it. */
  readonly what: string;
  readonly at_ms: number;
}

/** False where the signal aborts before: a timer alone can be early by a part of a millisecond. */
async function untilReached(
  clock: RunContext['clock'],
  at_ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    while (clock.now() < at_ms) await clock.sleep(at_ms - clock.now(), signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** The steps of the recovery as these operators carry them out. */
export interface StepsAsDone {
  readonly steps: readonly StepToCarryOut[];
  /** Call it when they have done what they did: what held until then is over. */
  readonly over: () => void;
}

export function asOperatorsDo(run: RunContext, lost: string, own: readonly AnyStep[]): StepsAsDone {
  const { plan } = run;
  const failing = onOperators(plan, 'half-done-runbook').map((fault) => {
    const { title } = stepNamed(plan.recover.with, fault.step)!;
    return failingAtFirst(
      run,
      fault,
      own.find((step) => step.title === title)!,
    );
  });
  const wrong = onOperators(plan, 'wrong-region').map((fault) => wrongFailover(run, fault, lost));
  const steps = own.map((step) => failing.find(({ title }) => title === step.title) ?? step);
  return {
    steps: [...wrong, ...steps],
    over: () => failing.forEach(({ over }) => over()),
  };
}

const AS_IF = {
  all: 'its work was done, and nobody heard that it ended (half-done-runbook)',
  nothing: 'it failed before it had begun (half-done-runbook)',
} as const;

const WILL_BE = {
  all: 'its work is to be done, and nobody to hear that it ended (half-done-runbook)',
  nothing: 'it is to fail before it has begun (half-done-runbook)',
} as const;

/** That its tries fail is seen by who carries them out; one that fails by itself is no such one. */
function failingAtFirst(
  run: RunContext,
  fault: PlannedFault<'half-done-runbook'>,
  step: AnyStep,
): StepToCarryOut & Pick<StepsAsDone, 'over'> {
  const { fails, does } = fault;
  const { title } = step;
  let [tries, failed, isTold, isMeant] = [0, 0, false, false];
  const over = () => {
    if (tries === 0 || isTold) return;
    isTold = true;
    const wanted = Math.min(tries, fails);
    const detail = `${failed} of its first ${wanted === 1 ? 'try' : `${wanted} tries`} failed so`;
    tellEnd(run, fault, [{ name: `"${title}" fails`, ok: failed === wanted, detail }]);
  };
  return {
    title,
    over,
    failed: () => void (failed += isMeant ? 1 : 0),
    run: async (context) => {
      if (tries === fails) over();
      tries += 1;
      isMeant = false;
      if (tries === 1) tellBegin(run, fault, `"${title}": ${WILL_BE[does]}`);
      if (tries > fails) return await step.run(context);
      if (does === 'all') await step.run(context);
      isMeant = true;
      const parts = { what: title, expected: 'word of its end', found: 'none' };
      throw new OperationFailed(parts, { words: AS_IF[does] });
    },
  };
}

/** The look at what came of it takes so long at most, and is no part of what it costs. */
const LOOK_MS = 400;

/** They stay at it until they notice, and however it went, the right recovery follows. */
function wrongFailover(
  run: RunContext,
  fault: PlannedFault<'wrong-region'>,
  lost: string,
): StepToCarryOut {
  const title = `fail over to ${lost}, which is lost`;
  const { clock } = run;
  return {
    title,
    onFailure: 'go-on',
    run: async (context) => {
      const { signal } = context;
      const system = labOf(context.system);
      const noticed_ms = clock.now() + fault.noticed_after_ms;
      tellBegin(run, fault, `the operators fail over to ${lost}, which is lost`);
      const enough_ms = noticed_ms - LOOK_MS;
      const reason = await beforeDeadline({ ...run, signal }, enough_ms, async (until) => {
        await failOverToLost({ ...context, system, signal: until });
        return { none: true };
      }).then(
        (done) => (done === null ? `${lost} had not come to serve until they noticed` : null),
        (error: unknown) => (signal.aborted ? 'it was given up' : reasonOf(error)),
      );
      run.signal.throwIfAborted();
      const looks = await stillLost({ ...context, system, lost });
      await untilReached(clock, noticed_ms, signal);
      run.signal.throwIfAborted();
      const found = reason ?? 'it was done';
      const failed = { name: `the failover to ${lost} fails`, ok: reason !== null, detail: found };
      tellEnd(run, fault, [failed, ...looks]);
      signal.throwIfAborted();
      const parts = { what: `the failover to ${lost}`, expected: 'it to serve', found };
      if (reason !== null) throw new OperationFailed(parts, { words: reason });
    },
  };
}

// What happens however the drill went: heal, verify where there is something to count, bring
// everything down or keep it on request.
import { isFailure } from '../host/operation-failed.ts';
import { healWatchMs } from '../drill/plan/plan.ts';
import type { KeptNode } from '../evidence/event.ts';
import { readEvidence } from '../evidence/run-files.ts';
import { assess } from '../verdict/assess.ts';
import type { Keep } from '../drill/file/settings.ts';
import { awaitService } from './recovery/await-service.ts';
import type { RunContext } from './frame/context.ts';
import { failBack } from './failback/fail-back.ts';
import { reportFailure } from './frame/failure.ts';
import type { Stages } from './frame/stages.ts';
import type { Progress } from './steps.ts';
import { verify } from './verification/verify.ts';

export interface CleanUpOptions {
  readonly keep: Keep;
  /** Aborts to stop waiting. */
  readonly kill: AbortSignal;
}

export async function cleanUp(
  run: RunContext,
  stages: Stages,
  progress: Progress,
  options: CleanUpOptions,
): Promise<void> {
  await tolerate(run, () => stages.go('heal', (phase) => heal(phase, progress, run.signal)));
  const { system, load } = progress;
  if (progress.isVerifiable && system !== null && load !== null) {
    await tolerate(run, () => stages.go('verify', (phase) => verify(phase, system, load)));
    if (run.plan.failback && progress.isRecovered && !run.signal.aborted) {
      await tolerate(run, () => stages.go('failback', (phase) => failBack(phase, system, load)));
    }
  }
  await tolerate(run, () =>
    stages.go('down', (phase) => bringDown(phase, progress, { ...options, stopped: run.signal })),
  );
}

/** A failure in one phase of the clean-up is reported and does not keep the next from happening. */
async function tolerate(run: RunContext, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // That the run was stopped is reported once, at its end.
    if (!run.signal.aborted) reportFailure(run, error);
  }
}

/**
 * Heals what was broken and is still alive, then watches until clients could have noticed: from the
 * last heal, whenever that was, and until service that it disturbed holds again. Whatever came back
 * must not have brought the fence down; nor may what was killed have come back by itself.
 */
async function heal(run: RunContext, progress: Progress, stopped: AbortSignal): Promise<void> {
  const { faults } = progress;
  if (faults === null) return;
  await faults.healRest(run, stopped);
  const healed_ms = faults.lastHealed_ms;
  if (stopped.aborted) return;
  if (healed_ms !== null) {
    const signal = AbortSignal.any([run.signal, stopped]);
    await watchAfter(healed_ms, { ...run, signal }, progress);
  }
  await faults.checkFence(run);
}

async function watchAfter(healed_ms: number, run: RunContext, { disaster, faults }: Progress) {
  const { clock, plan, signal } = run;
  await clock.sleep(healed_ms + healWatchMs(plan) - clock.now(), signal);
  if (disaster === null) return;
  const harm = faults?.harm ?? null;
  const times = { ...disaster, settled_ms: healed_ms, deadline_ms: healed_ms, harm };
  // Whether service is back was said when the recovery was over.
  await awaitService({ ...run, emit: () => {} }, times);
}

async function bringDown(
  run: RunContext,
  progress: Progress,
  { keep, kill, stopped }: CleanUpOptions & { readonly stopped: AbortSignal },
): Promise<void> {
  const { clock, emit, scope } = run;
  const began = clock.now();
  await progress.load?.close().catch(() => {}); // its undo says so again
  const kept = stopped.aborted ? [] : await keepOnRequest(run, progress, keep);
  const left: string[] = [];
  if (kept.length > 0) {
    emit('system.kept', { nodes: [...kept] });
    scope.abandon();
  } else left.push(...(await scope.close(kill)));
  emit('cleanup.ended', { clean: left.length === 0, left, ms: clock.now() - began });
}

/** What was left running; nothing where it was not asked for, or where it cannot be done. */
async function keepOnRequest(
  run: RunContext,
  { system }: Progress,
  keep: Keep,
): Promise<readonly KeptNode[]> {
  if (keep === 'never' || system === null) return [];
  const { place, emit } = run;
  try {
    const soFar = assess(readEvidence(place.directory), { soFar: true });
    if (keep === 'on-failure' && soFar.verdict === 'pass') return [];
    return await system.keep();
  } catch (error) {
    if (isFailure(error)) {
      emit('run.noted', { text: `the system cannot be kept: ${error.message}` });
    } else reportFailure(run, error); // and it goes down
    return [];
  }
}

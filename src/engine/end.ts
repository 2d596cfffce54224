// The end of a run. What was broken and is still alive is healed, and watched until clients could
// have noticed; then everything that the run made goes, or stays on request.
import type { Keep } from '../drill/file/settings.ts';
import { allDone } from '../base/all-done.ts';
import { healWatchMs, type Plan } from '../drill/plan/plan.ts';
import { partsOf } from '../drill/recovery/back.ts';
import type { KeptNode } from '../evidence/event.ts';
import { readEvidence } from '../evidence/run-files.ts';
import { isFailure } from '../host/operation-failed.ts';
import type { OwnSystem } from '../topology/system/own.ts';
import type { System } from '../topology/system/system.ts';
import { assess } from '../verdict/assess.ts';
import type { Faults } from './faults/faults.ts';
import type { RunContext } from './frame/context.ts';
import { reportFailure } from './frame/failure.ts';
import type { StandstillWatch } from './frame/standstill.ts';
import type { Load } from './load/load.ts';
import type { SteadyState } from './load/steady.ts';
import { awaitService } from './recovery/await-service.ts';
import type { Recovery } from './recovery/recovery.ts';
import { followAgain } from './verification/follow-again.ts';

const UNLOOKED =
  'nobody looked whether every server follows again: not all that was broken is undone';

/** What a run has come to when it heals. */
interface SoFar {
  readonly system?: System;
  readonly faults?: Faults;
  readonly recovery?: Recovery;
  readonly steady?: SteadyState;
  /** Since the disaster was injected. */
  readonly disaster_ms?: number;
  /** The lost region is to serve again. */
  readonly returns?: true;
}

/**
 * Heals, then watches: from the last heal, whenever that was, and until service that it disturbed
 * holds again. Whatever came back must not have brought the fence down; nor may what was killed
 * have come back by itself.
 */
export async function heal(run: RunContext, soFar: SoFar, stopped: AbortSignal): Promise<void> {
  const { faults, recovery, system, disaster_ms } = soFar;
  if (faults === undefined) return;
  try {
    await faults.open.healRest(run, stopped);
  } finally {
    faults.healing.abort();
  }
  await recovery?.undo(run);
  if (stopped.aborted) return;
  const own = system?.own ?? null;
  // Somebody's own is watched too where nothing was undone: none had to be, or none could be.
  const isOwnHit = own !== null && disaster_ms !== undefined;
  const since_ms = faults.open.lastHealed_ms ?? (isOwnHit ? run.clock.now() : null);
  if (since_ms !== null) {
    const watching = { ...run, signal: AbortSignal.any([run.signal, stopped]) };
    const looks = own === null ? [] : [lookAgain(watching, own, soFar)];
    await allDone([watchAfter(since_ms, watching, soFar), ...looks]);
  }
  await faults.lookAtLinks(run);
  await recovery?.checkFence(run);
}

/** Where steps of the way back make the lost region anew, it has to follow by their end. */
async function lookAgain(
  run: RunContext,
  own: OwnSystem,
  { faults, returns }: SoFar,
): Promise<void> {
  if (faults?.open.areUndone !== true) return run.emit('run.noted', { text: UNLOOKED });
  if (returns === undefined || !isRebuilt(run.plan)) await followAgain(run, own);
}

function isRebuilt({ recover: { back = [] } }: Plan): boolean {
  return partsOf(back).rebuild.length > 0;
}

async function watchAfter(healed_ms: number, run: RunContext, soFar: SoFar): Promise<void> {
  const { clock, plan, signal } = run;
  const { faults, recovery, steady, disaster_ms } = soFar;
  await clock.sleep(healed_ms + healWatchMs(plan) - clock.now(), signal);
  if (steady === undefined || disaster_ms === undefined) return;
  const harm = recovery?.harmBy(faults?.mistake ?? null) ?? null;
  const hit_ms = faults?.hit_ms ?? disaster_ms;
  const times = { disaster_ms, hit_ms, settled_ms: healed_ms, deadline_ms: healed_ms };
  const watch = { steady, ...times, hasFailed: false, harm };
  // Whether service is back was said when the recovery was over.
  await awaitService({ ...run, emit: () => {} }, watch);
}

interface Running {
  readonly system: System;
  readonly load: Load;
  readonly standstill: StandstillWatch;
}

export async function bringDown(
  run: RunContext,
  { system, load, standstill }: Partial<Running>,
  { keep, stopped }: { readonly keep: Keep; readonly stopped: AbortSignal },
): Promise<void> {
  const { clock, emit, scope } = run;
  const began_ms = clock.now();
  await standstill?.end();
  await load?.close().catch(() => {}); // its undo says so again
  const isKept = system !== undefined && keep !== 'never' && !stopped.aborted;
  const nodes = isKept ? await keepOnRequest(run, system, keep) : [];
  if (nodes.length === 0) return void (await endScope(run, began_ms));
  emit('system.kept', { nodes: [...nodes] });
  scope.abandon();
  emit('cleanup.ended', { clean: true, left: [], ms: clock.now() - began_ms });
}

/** Undoes all that the run has done to the machine; resolves to what is left, and says it. */
export async function endScope(
  { scope, emit, clock, kill }: RunContext,
  began_ms = clock.now(),
): Promise<readonly string[]> {
  const left = await scope.close(kill);
  emit('cleanup.ended', { clean: left.length === 0, left, ms: clock.now() - began_ms });
  return left;
}

/** What was left running; nothing where it was not asked for, or where it cannot be done. */
async function keepOnRequest(
  run: RunContext,
  system: System,
  keep: Keep,
): Promise<readonly KeptNode[]> {
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

// The end of a run. What was broken and is still alive is healed, and watched until clients could
// have noticed; then everything that the run made goes, or stays on request.
import type { Keep } from '../drill/file/settings.ts';
import { allDone } from '../base/all-done.ts';
import { followsAgainMs } from '../drill/plan/budget.ts';
import { healWatchMs, type Plan } from '../drill/plan/plan.ts';
import { partsOf } from '../drill/recovery/back.ts';
import type { CheckResult, KeptNode } from '../evidence/event.ts';
import { readEvidence } from '../evidence/run-files.ts';
import { isFailure } from '../host/operation-failed.ts';
import { until } from '../host/clock.ts';
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

const FOLLOW_EVERY_MS = 500;
const NOT_UNDONE =
  'nobody looked whether every server follows again: not all that was broken is undone';

/** What a run has come to when it heals. */
interface SoFar {
  readonly system?: System;
  readonly faults?: Faults;
  readonly recovery?: Recovery;
  readonly steady?: SteadyState;
  /** Since the disaster was injected. */
  readonly disaster_ms?: number;
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
  // What nothing has to undo mends itself, from the end of the recovery on.
  const mendsItself = own !== null && disaster_ms !== undefined;
  const mending_ms = faults.open.lastHealed_ms ?? (mendsItself ? run.clock.now() : null);
  if (mending_ms !== null) {
    const watching = { ...run, signal: AbortSignal.any([run.signal, stopped]) };
    const isUndone = faults.open.areUndone;
    if (own !== null && !isUndone) run.emit('run.noted', { text: NOT_UNDONE });
    await allDone([
      watchAfter(mending_ms, watching, soFar),
      followAgain(watching, isUndone ? own : null),
    ]);
  }
  await faults.lookAtLinks(run);
  await recovery?.checkFence(run);
}

/**
 * What was lost of somebody's own is protected again once it follows, whatever it answers. Where
 * steps of the way back make it anew, it has to follow by their end.
 */
async function followAgain(run: RunContext, own: OwnSystem | null): Promise<void> {
  const { plan, clock, signal, emit } = run;
  if (own === null || isRebuilt(plan)) return;
  const began_ms = clock.now();
  const regions = plan.regions.map(({ name }) => name);
  const deadline_ms = began_ms + followsAgainMs(plan);
  let checks: readonly CheckResult[] = [];
  await until({ clock, deadline_ms, every_ms: FOLLOW_EVERY_MS, signal }, async () => {
    checks = await own.follow(regions);
    return checks.every(({ ok }) => ok) ? true : null;
  });
  const ok = checks.every((check) => check.ok);
  emit('servers.followed', { ok, checks: [...checks], ms: clock.now() - began_ms });
}

function isRebuilt({ failback, recover: { back = [] } }: Plan): boolean {
  return failback && partsOf(back).rebuild.length > 0;
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

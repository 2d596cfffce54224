// The steps that several recoveries have in common.
import { OperationFailed } from '../host/operation-failed.ts';
import { allDone } from '../base/all-done.ts';
import { checkFence, putUpFence } from './fence.ts';
import type { RestoreTarget } from '../evidence/restore.ts';
import type { RecoveryContext, StepFacts } from './procedure.ts';
import type { CheckResult } from '../evidence/event.ts';
import { needed, ordersIn } from '../topology/system/region.ts';

/**
 * Put up and then proved by trying. A fence that is not proved is a failed step: promoting beside a
 * living primary would make two of them.
 */
export async function fence(context: RecoveryContext): Promise<StepFacts> {
  await putUpFence(context);
  const checks = await checkFence(context);
  const found = openAmong(checks);
  if (found === null) return { fenced: checks };
  const failed = { what: 'the fence', expected: 'every check of it to hold', found };
  throw new OperationFailed(failed, { words: `not fenced: ${found}` });
}

/** The checks that do not hold, in words; null where all do. */
export function openAmong(checks: readonly CheckResult[]): string | null {
  const open = checks.filter(({ ok }) => !ok);
  if (open.length === 0) return null;
  return open.map(({ name, detail }) => `${name}? ${detail}`).join('; ');
}

export async function promote(context: RecoveryContext): Promise<void> {
  const { system, takeover, emit, signal } = context;
  const stores = [...system.region(takeover).stores.values()];
  // Before the promotion: the configuration may have come from the old primary, and with its names
  // set the very first commit would wait for a standby that is dead.
  await allDone(stores.map(async (store) => await store.synchronous?.release()));
  await allDone(stores.map((store) => store.promote(emit, signal)));
}

export async function redirect(context: RecoveryContext): Promise<void> {
  const { system, takeover, emit, signal } = context;
  const region = system.region(takeover);
  const instances = await region.untilAppReady(signal);
  emit('app.ready', { region: takeover, instances });
  await system.gslb.serve([takeover], signal);
}

/** The region that was left follows the other one; clients wait for it again where they did. */
export async function makeFollow(
  context: RecoveryContext,
  began = context.clock.now(),
): Promise<void> {
  const { system, lost, takeover, plan, emit, clock, signal } = context;
  const rebuild = needed(system.region(lost).rebuild, 'rebuild', `region ${lost}`);
  const { how, checks } = await rebuild(signal);
  emit('verification.checked', { checks: [...checks] });
  if (plan.replication.mode === 'sync') {
    await ordersIn(system.region(takeover)).synchronous?.require(lost);
  }
  emit('region.protected', { region: lost, how, ms: clock.now() - began });
}

/** The app gets the size that the lost region's had, unless the file says otherwise. */
export async function scale({ system, takeover, plan }: RecoveryContext): Promise<void> {
  await system.region(takeover).scaleApp(plan.recover.instances);
}

/** The database of the recovery region comes from the repository; each part of it is told. */
export async function restoreFrom(context: RecoveryContext, target: RestoreTarget): Promise<void> {
  const { system, takeover, emit, signal } = context;
  const region = system.region(takeover);
  const restore = needed(region.restore, 'backups', takeover);
  const { timeline, ...restored } = await restore(target, signal);
  const { node } = ordersIn(region);
  emit('database.writable', { node, timeline });
  emit('database.restored', { node, ...restored, problems: [...restored.problems] });
}

/** Both regions go on alone until what parts them has healed. */
export async function catchUp({ system, signal }: RecoveryContext): Promise<void> {
  await needed(system.bidirectional, 'bidirectional', 'the system').catchUp(signal);
}

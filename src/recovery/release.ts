// release and cancel-sync-wait: while a synchronous standby is gone, commits wait for it no more,
// or each of their waits is cancelled. What is acknowledged then stands on the primary alone. Once
// the standby follows again commits wait for it again, and it is seen to have everything.
import type { ReleaseWay } from '../evidence/events/standby.ts';
import { OperationFailed } from '../host/operation-failed.ts';
import { confirmedWithinMs, untilStandbyHasAll } from '../topology/system/standby-has-all.ts';
import { ordersIn, wayTo, whileItLives } from '../topology/system/region.ts';
import type { RecoveryContext } from './procedure.ts';

export async function release(context: RecoveryContext): Promise<void> {
  const wait = wayTo(primaryOf(context), 'untilCommitsWait');
  await goOn(context, 'release', () => wait(false));
}

export async function cancel(context: RecoveryContext): Promise<void> {
  await goOn(context, 'cancel-sync-wait', async () => {});
}

export async function requireAgain(context: RecoveryContext): Promise<void> {
  const { plan, clock, emit, effects } = context;
  const { to: region } = plan.replication;
  const orders = primaryOf(context);
  await untilStandbyHasAll(orders, context);
  const began_ms = clock.now();
  const gone = await effects.undo();
  await wayTo(orders, 'untilCommitsWait')(true);
  emit('standby.required', { node: orders.node, region, ms: clock.now() - began_ms });
  if (gone.length > 0) {
    const expected = 'it to last until the standby followed';
    throw new OperationFailed({ what: gone.join(', '), expected, found: 'it over before' });
  }
  await untilStandbyHasAll(orders, context);
  emit('region.protected', { region, how: 'followed', ms: clock.now() - began_ms });
}

/** Resolves once a commit of drill's own, in a session of its own, was answered. */
async function goOn(
  context: RecoveryContext,
  by: ReleaseWay,
  untilInForce: () => Promise<void>,
): Promise<void> {
  const { system, plan, clock, emit, effects } = context;
  const orders = primaryOf(context);
  const effect = wayTo(orders, by === 'release' ? 'releaseCommits' : 'cancelSyncWaits')();
  await refuseWhereItFollows(context);
  const began_ms = clock.now();
  await effects.apply(whileItLives(system.region(plan.replication.from), orders, effect));
  await untilInForce();
  const now_ms = clock.now();
  const { warning } = await wayTo(orders, 'unprotected')();
  const detail = `a commit was answered ${warning === null ? '' : `with "${warning}"`}`.trim();
  emit('standby.released', { node: orders.node, by, ms: now_ms - began_ms, detail }, now_ms);
}

/** Nobody gives protection up for nothing: a standby that confirms what is written is not lost. */
async function refuseWhereItFollows(context: RecoveryContext): Promise<void> {
  const { plan, clock } = context;
  const { to } = plan.replication;
  const deadline_ms = clock.now() + confirmedWithinMs(plan);
  const confirms = await untilStandbyHasAll(primaryOf(context), { ...context, deadline_ms });
  if (confirms === null) return;
  const expected = 'it to be lost, so that commits wait for it';
  const found = 'it confirms what is written: there is nothing to release';
  throw new OperationFailed({ what: `the standby in ${to}`, expected, found });
}

function primaryOf({ system, plan }: RecoveryContext) {
  return ordersIn(system.region(plan.replication.from));
}

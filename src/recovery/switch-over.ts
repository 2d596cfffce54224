// switch-over: service moves to the other region on purpose, without loss. The primary ends in an
// orderly way, which it does only when its standby has everything; afterwards it follows the new
// one.
import { OperationFailed } from '../host/operation-failed.ts';
import type { CheckResult } from '../evidence/event.ts';
import { takesNoWrite } from './fence.ts';
import type { RecoveryContext, Runs, StepFacts } from './procedure.ts';
import { makeFollow, openAmong, promote, redirect, scale } from './steps.ts';
import { nodeOf, ordersIn } from '../topology/system/region.ts';

const LOOK_MS = 300;

/** `lost` is the region that service leaves, `takeover` where it goes to. */
export const switchOver: Runs<'switch-over'> = { scale, stop, promote, redirect, follow };

async function stop(context: RecoveryContext): Promise<StepFacts> {
  const { system, lost, takeover, emit } = context;
  const region = system.region(lost);
  const orders = ordersIn(region);
  await orders.log?.checkpoint(); // what is written now need not be written in the pause
  emit('switchover.started', { from: lost, to: takeover });
  await region.stopDatabase();
  const written = await takesNoWrite(orders);
  const node = nodeOf(region, orders);
  const look = await node.look(LOOK_MS);
  const checks: CheckResult[] = [
    written,
    { name: `${node.node} has ended`, ok: look.state === 'dead', detail: look.detail },
  ];
  const found = openAmong(checks);
  if (found === null) return { fenced: checks };
  const failed = { what: node.node, expected: 'it to have ended', found };
  throw new OperationFailed(failed, { words: `it still runs: ${found}` });
}

async function follow(context: RecoveryContext): Promise<void> {
  await makeFollow(context);
  context.emit('switchover.ended', {});
}

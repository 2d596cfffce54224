// promote-standby: fence the old primary and prove the fence, make the standby the primary, move
// the clients, then give the app the size that the lost region had.
import { checkFence, putUpFence } from './fence.ts';
import type { Procedure, RecoveryContext } from './procedure.ts';

export const promoteStandby: Procedure = {
  name: 'promote-standby',
  summary: 'fence the old primary, promote the standby, redirect the clients, scale the app',
  settings: {
    instances: 'app instances in the recovery region afterwards (default: as many as were lost)',
    deadline: 'service that is not back so long after the disaster counts as never recovered',
  },
  steps: [
    { title: 'fence the old primary', run: fence },
    { title: 'promote the standby', run: promote },
    { title: 'redirect the clients', run: redirect },
    { title: 'scale the app', run: scale },
  ],
};

/**
 * Put up and then proved by trying. A fence that is not proved is a failed step: promoting beside a
 * living primary would make two of them.
 */
async function fence(context: RecoveryContext): Promise<void> {
  await putUpFence(context);
  const checks = await checkFence(context);
  const open = checks.filter((check) => !check.ok);
  if (open.length > 0) {
    throw new Error(
      `not fenced: ${open.map(({ name, detail }) => `${name}? ${detail}`).join('; ')}`,
    );
  }
  context.emit('fence.proved', { checks });
}

async function promote({ system, takeover, emit, signal }: RecoveryContext): Promise<void> {
  const { database, carts } = system.region(takeover);
  // Before the promotion: the configuration may have come from the old primary, and with its names
  // set the very first commit would wait for a standby that is dead.
  await database.releaseSynchronousCommit();
  await Promise.all([database.promote(emit, signal), carts?.promote(emit, signal)]);
}

async function redirect(context: RecoveryContext): Promise<void> {
  const { system, takeover, plan, emit, signal } = context;
  await system.region(takeover).untilAppReady(signal);
  const { instances } = plan.regions.find(({ name }) => name === takeover)!.app;
  emit('app.ready', { region: takeover, instances });
  await system.gslb.serve([takeover], signal);
}

async function scale({ system, takeover, plan }: RecoveryContext): Promise<void> {
  await system.region(takeover).scaleApp(plan.recover.instances);
}

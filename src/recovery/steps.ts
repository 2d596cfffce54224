// Steps that several procedures have in common, and settings.
import { OperationFailed } from '../host/operation-failed.ts';
import { allDone } from '../base/all-done.ts';
import { checkFence, putUpFence } from './fence.ts';
import type { RestoreTarget } from '../postgres/restore/restore-target.ts';
import type { RecoveryContext, Step } from './procedure.ts';

/** What settings mean that several procedures have, for `drill list`. */
export const DEADLINE =
  'service that is not back so long after the disaster counts as never recovered';
export const STARTED =
  'app instances that are started in the recovery region (default: as many as were lost)';

/**
 * Put up and then proved by trying. A fence that is not proved is a failed step: promoting beside a
 * living primary would make two of them.
 */
export const fenceTheOldPrimary: Step = {
  title: 'fence the old primary',
  run: async (context) => {
    await putUpFence(context);
    const checks = await checkFence(context);
    const open = checks.filter((check) => !check.ok);
    if (open.length > 0) {
      const found = open.map(({ name, detail }) => `${name}? ${detail}`).join('; ');
      const failed = { what: 'the fence', expected: 'every check of it to hold', found };
      throw new OperationFailed(failed, { words: `not fenced: ${found}` });
    }
    return { fenced: checks };
  },
};

export async function promote(context: RecoveryContext): Promise<void> {
  const { system, takeover, emit, signal } = context;
  const { database, carts } = system.region(takeover);
  // Before the promotion: the configuration may have come from the old primary, and with its names
  // set the very first commit would wait for a standby that is dead.
  await database.releaseSynchronousCommit();
  const stores = carts === null ? [database] : [database, carts];
  await allDone(stores.map((store) => store.promote(emit, signal)));
}

export const redirectTheClients: Step = {
  title: 'redirect the clients',
  run: async (context) => {
    const { system, takeover, emit, signal } = context;
    const region = system.region(takeover);
    const instances = await region.untilAppReady(signal);
    emit('app.ready', { region: takeover, instances });
    await system.gslb.serve([takeover], signal);
  },
};

/** The region that was left follows the other one; clients wait for it again where they did. */
export async function makeFollow(
  context: RecoveryContext,
  began = context.clock.now(),
): Promise<void> {
  const { system, lost, takeover, plan, emit, clock, signal } = context;
  if (system.rebuildDatabase === null) throw new Error('this system was brought up by another run');
  const { how, checks } = await system.rebuildDatabase(lost, signal);
  emit('verification.checked', { checks: [...checks] });
  if (plan.replication.mode === 'sync') {
    await system.region(takeover).database.requireSynchronousCommit(lost);
  }
  emit('region.protected', { region: lost, how, ms: clock.now() - began });
}

/** To the size that the lost region had, unless the file says otherwise. */
export async function scaleApp({ system, takeover, plan }: RecoveryContext): Promise<void> {
  await system.region(takeover).scaleApp(plan.recover.instances);
}

export const startTheApp: Step = { title: 'start the app', run: scaleApp };

/** The database of the recovery region comes from the storage; each part of it is told. */
export async function restoreFrom(context: RecoveryContext, target: RestoreTarget): Promise<void> {
  const { system, takeover, emit, signal } = context;
  const region = system.region(takeover);
  const { timeline, ...restored } = await region.restoreDatabase(target, signal);
  emit('database.writable', { node: region.database.node, timeline });
  const { backup, copy_ms, verify_ms, replay_ms, replayed_to, log_end, problems } = restored;
  const parts = { copy_ms, verify_ms, replay_ms };
  const node = region.database.node;
  emit('database.restored', {
    node,
    backup,
    ...parts,
    replayed_to,
    log_end,
    problems: [...problems],
  });
}

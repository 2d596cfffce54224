// Steps that several procedures have in common, and settings.
import { OperationFailed } from '../host/operation-failed.ts';
import { allDone } from '../base/all-done.ts';
import { checkFence, putUpFence } from './fence.ts';
import type { RestoreTarget } from '../postgres/restore/restore-target.ts';
import type { RecoveryContext, Step } from './procedure.ts';
import { needed } from '../topology/system/ability.ts';
import { ordersIn } from '../topology/system/region.ts';

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
  const stores = [...system.region(takeover).stores.values()];
  // Before the promotion: the configuration may have come from the old primary, and with its names
  // set the very first commit would wait for a standby that is dead.
  await allDone(stores.map(async (store) => await store.synchronous?.release()));
  await allDone(stores.map((store) => store.promote(emit, signal)));
}

export const redirectTheClients: Step = {
  title: 'redirect the clients',
  run: async (context) => {
    const { system, takeover, emit, signal } = context;
    const region = system.region(takeover);
    const instances = await region.app.untilReady(signal);
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
  const rebuild = needed(system.region(lost).rebuild, 'rebuild', `region ${lost}`);
  const { how, checks } = await rebuild(signal);
  emit('verification.checked', { checks: [...checks] });
  if (plan.replication.mode === 'sync') {
    await ordersIn(system.region(takeover)).synchronous?.require(lost);
  }
  emit('region.protected', { region: lost, how, ms: clock.now() - began });
}

/** To the size that the lost region had, unless the file says otherwise. */
export async function scaleApp({ system, takeover, plan }: RecoveryContext): Promise<void> {
  await system.region(takeover).app.scale(plan.recover.instances);
}

export const startTheApp: Step = { title: 'start the app', run: scaleApp };

/** The database of the recovery region comes from the storage; each part of it is told. */
export async function restoreFrom(context: RecoveryContext, target: RestoreTarget): Promise<void> {
  const { system, takeover, emit, signal } = context;
  const region = system.region(takeover);
  const { timeline, ...restored } = await needed(
    region.restore,
    'backups',
    takeover,
  )(target, signal);
  const { node } = ordersIn(region);
  emit('database.writable', { node, timeline });
  const { backup, copy_ms, verify_ms, replay_ms, replayed_to, log_end, problems } = restored;
  const parts = { copy_ms, verify_ms, replay_ms };
  emit('database.restored', {
    node,
    backup,
    ...parts,
    replayed_to,
    log_end,
    problems: [...problems],
  });
}

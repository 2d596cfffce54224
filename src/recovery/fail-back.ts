// The way back after a recovery. The lost region becomes a standby of the one that serves, its app
// is started, and service moves there by a planned switch-over. A region that served beside another
// one comes back on its own disk, with what it had and the other one never got, or is made anew
// where that is gone; then both serve again.
import { replicationLink } from '../drill/plan/plan.ts';
import type { AnyStep, RecoveryContext, Step } from './procedure.ts';
import { makeFollow } from './steps.ts';
import { stepsOf } from './registry.ts';
import { needed, nodeOf, ordersIn } from '../topology/system/region.ts';

const LOOK_MS = 500;

/** `lost` is the region that was lost, `takeover` the one that serves. */
export const rebuildSteps: readonly Step[] = [
  { title: 'rebuild the lost region as a standby', run: rebuild },
  { title: 'start its app', run: startApp },
];

/** `lost` is the region that service leaves, which is the one that had taken over. */
export const returnSteps: readonly AnyStep[] = stepsOf('switch-over');

/** `lost` is the region that was lost, `takeover` the one that served alone. */
export function takeBackSteps(disks: 'kept' | 'destroyed'): readonly Step[] {
  return disks === 'kept'
    ? [
        {
          title: 'start the lost region on its own disk, and catch up',
          run: (context) => takeBack(context, 'returned'),
        },
      ]
    : [{ title: 'make the lost region anew', run: (context) => takeBack(context, 'cloned') }];
}

export const serveAgainSteps: readonly Step[] = [
  {
    title: 'start its app',
    run: async (context) => {
      await startApp(context);
      await context.system.region(context.lost).untilAppReady(context.signal);
    },
  },
  {
    title: 'send clients to both regions',
    run: async ({ system, lost, takeover, signal }) =>
      await system.gslb.serve([lost, takeover], signal),
  },
];

async function rebuild(context: RecoveryContext): Promise<void> {
  const { system, lost, emit, clock } = context;
  const began = clock.now();
  const region = system.region(lost);
  const node = nodeOf(region, ordersIn(region));
  if ((await node.look(LOOK_MS)).state !== 'dead') {
    // After a planned move it follows already.
    emit('region.protected', { region: lost, how: 'followed', ms: 0 });
    return;
  }
  await openLinks(context); // it comes back as nobody's primary
  await makeFollow(context, began);
}

async function takeBack(context: RecoveryContext, how: 'returned' | 'cloned'): Promise<void> {
  const { system, lost, emit, clock, signal } = context;
  const bidirectional = needed(system.bidirectional, 'bidirectional', 'the system');
  const began = clock.now();
  await openLinks(context); // its app does not run yet
  if (how === 'returned') {
    await bidirectional.bringBack(lost, signal);
    emit('region.returned', { region: lost, ms: clock.now() - began });
  } else await bidirectional.rebuild(lost, signal);
  await bidirectional.catchUp(signal);
  emit('region.protected', { region: lost, how, ms: clock.now() - began });
}

/** Opens again the links that shut the region out. */
async function openLinks({ system, lost, plan, emit }: RecoveryContext): Promise<void> {
  const edge = await system.region(lost).edge.restore();
  const replication = await system.link(replicationLink(plan.replication)).restore();
  emit('fence.lifted', { region: lost, gone: [...edge, ...replication] });
}

async function startApp({ system, lost, plan }: RecoveryContext): Promise<void> {
  const { instances } = plan.regions.find(({ name }) => name === lost)!.app;
  await system.region(lost).scaleApp(instances);
}

// The way back after a recovery: the lost region is rebuilt as a standby of the one that serves,
// its app is started, and service moves back to it by a planned switch-over.
import { replicationLink } from '../drill/plan/plan.ts';
import type { RecoveryContext, Step } from './procedure.ts';
import { makeFollow } from './steps.ts';
import { stepsOf } from './registry.ts';
import { nodeOf, ordersIn } from '../topology/system/region.ts';

const LOOK_MS = 500;

/** `lost` is the region that was lost, `takeover` the one that serves. */
export const rebuildSteps: readonly Step[] = [
  { title: 'rebuild the lost region as a standby', run: rebuild },
  { title: 'start its app', run: startApp },
];

/** `lost` is the region that service leaves, which is the one that had taken over. */
export const returnSteps: readonly Step[] = stepsOf('switch-over');

async function rebuild(context: RecoveryContext): Promise<void> {
  const { system, lost, plan, emit, clock } = context;
  const began = clock.now();
  const region = system.region(lost);
  const node = nodeOf(region, ordersIn(region));
  if ((await node.look(LOOK_MS)).state !== 'dead') {
    // After a planned move it follows already.
    emit('region.protected', { region: lost, how: 'followed', ms: 0 });
    return;
  }
  // What shut it out: it comes back as nobody's primary.
  await system.region(lost).edge.restore();
  await system.link(replicationLink(plan.replication)).restore();
  await makeFollow(context, began);
}

async function startApp({ system, lost, plan }: RecoveryContext): Promise<void> {
  const { instances } = plan.regions.find(({ name }) => name === lost)!.app;
  await system.region(lost).app.scale(instances);
}

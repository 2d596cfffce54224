// The way back of a region that served beside another one: on its own disk, with what it had and
// the other one never got; or made anew where its disk is gone. Then both serve again.
import { replicationLink } from '../drill/plan/plan.ts';
import type { RecoveryContext, Step } from './procedure.ts';
import { needed } from '../topology/system/ability.ts';

/** `lost` is the region that was lost, `takeover` the one that served alone. */
export function takeBackSteps(disks: 'kept' | 'destroyed'): readonly Step[] {
  return disks === 'kept'
    ? [{ title: 'start the lost region on its own disk, and catch up', run: comeBack }]
    : [{ title: 'make the lost region anew', run: rebuild }];
}

export const serveAgainSteps: readonly Step[] = [
  { title: 'start its app', run: startApp },
  { title: 'send clients to both regions', run: serveBoth },
];

async function comeBack(context: RecoveryContext): Promise<void> {
  const { system, lost, emit, clock, signal } = context;
  const bidirectional = needed(system.bidirectional, 'bidirectional', 'the system');
  const began = clock.now();
  await openLinks(context);
  await bidirectional.comeBack(lost, signal);
  emit('region.returned', { region: lost, ms: clock.now() - began });
  await bidirectional.catchUp(signal);
  emit('region.protected', { region: lost, how: 'returned', ms: clock.now() - began });
}

async function rebuild(context: RecoveryContext): Promise<void> {
  const { system, lost, emit, clock, signal } = context;
  const bidirectional = needed(system.bidirectional, 'bidirectional', 'the system');
  const began = clock.now();
  await openLinks(context);
  await bidirectional.rebuild(lost, signal);
  await bidirectional.catchUp(signal);
  emit('region.protected', { region: lost, how: 'cloned', ms: clock.now() - began });
}

/** The links that shut the region out open again; its app does not run yet. */
async function openLinks({ system, lost, plan }: RecoveryContext): Promise<void> {
  await system.region(lost).edge.restore();
  await system.link(replicationLink(plan.replication)).restore();
}

async function startApp({ system, lost, plan, signal }: RecoveryContext): Promise<void> {
  const { instances } = plan.regions.find(({ name }) => name === lost)!.app;
  const region = system.region(lost);
  await region.app.scale(instances);
  await region.app.untilReady(signal);
}

async function serveBoth({ system, lost, takeover, signal }: RecoveryContext): Promise<void> {
  await system.gslb.serve([lost, takeover], signal);
}

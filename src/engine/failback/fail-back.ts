// The failback of a run: the lost region is made whole and serves again while clients write, and
// what they wrote is counted once more.
import { healWatchMs } from '../../drill/plan/plan.ts';
import {
  rebuildSteps,
  returnSteps,
  serveAgainSteps,
  takeBackSteps,
} from '../../recovery/fail-back.ts';
import type { RunContext } from '../frame/context.ts';
import { compareRegions } from '../verification/convergence.ts';
import type { Load } from '../load/load.ts';
import { carryOut } from './carry-out.ts';
import { goBack } from './go-back.ts';
import { verifyFailback, verifyReturn } from '../verification/verify.ts';
import type { System } from '../../topology/system/system.ts';

/** Whatever cannot be done stands in the journal with its reason; nothing is thrown for it. */
export async function failBack(run: RunContext, system: System, load: Load): Promise<void> {
  if (!(await wayBack(run, system, load))) return;
  // Every client has asked DNS again, and a whole window of service has passed.
  await run.clock.sleep(healWatchMs(run.plan), run.signal);
  await verifyFailback(run, system, load);
}

function wayBack(run: RunContext, system: System, load: Load): Promise<boolean> {
  if (system.own !== null) return goBack(run, system, load);
  return system.bidirectional === null
    ? switchBack(run, system, load)
    : takeBack(run, system, load);
}

/** The lost region follows first; then service moves to it by a planned switch-over. */
async function switchBack(run: RunContext, system: System, load: Load): Promise<boolean> {
  const { plan, clock, signal } = run;
  const { from, to } = plan.replication;
  if (!(await carryOut(run, system, rebuildSteps, { lost: from, takeover: to }))) return false;
  await load.begin();
  await clock.sleep(healWatchMs(plan), signal);
  return await carryOut(run, system, returnSteps, { lost: to, takeover: from });
}

/** The lost region serves again beside the other one, once both hold the same. */
async function takeBack(run: RunContext, system: System, load: Load): Promise<boolean> {
  const { plan } = run;
  const { from, to } = plan.replication;
  const sides = { lost: from, takeover: to };
  const { disks } = plan.faults.find(({ disaster }) => disaster)!.effect;
  if (!(await carryOut(run, system, takeBackSteps(disks), sides))) return false;
  await compareRegions(run, system);
  if (disks === 'kept') await verifyReturn(run, system, load);
  await load.begin();
  return await carryOut(run, system, serveAgainSteps, sides);
}

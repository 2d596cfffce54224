// The way back of a system of somebody's own, by the steps of its drill file: the lost region
// follows again, and then service moves to it. What they come to, drill sees for itself.
import { regionOf } from '../../base/node-name.ts';
import { healWatchMs } from '../../drill/plan/plan.ts';
import { partsOf, type BackStep } from '../../drill/recovery/back.ts';
import type { ServerLook } from '../../evidence/events/server-look.ts';
import type { AnyStep } from '../../recovery/procedure.ts';
import { openAmong } from '../../recovery/steps.ts';
import type { OwnSystem } from '../../topology/system/own.ts';
import type { System } from '../../topology/system/system.ts';
import type { RunContext } from '../frame/context.ts';
import type { Load } from '../load/load.ts';
import { byHand } from '../recovery/by-hand.ts';
import { followAgain } from '../verification/follow-again.ts';
import { carryOut } from './carry-out.ts';
import { WayBackUndos } from './undos.ts';

const LOOK_EVERY_MS = 500;

/** False where a step failed: then what it and the steps before it did is undone. */
export async function goBack(
  run: RunContext,
  system: System,
  load: Pick<Load, 'begin'>,
): Promise<boolean> {
  const { plan, clock, signal } = run;
  const { from, to } = plan.replication;
  const own = system.own!;
  const undos = new WayBackUndos(run, system, own);
  const { rebuild, move } = partsOf(plan.recover.back ?? []);
  const step = (each: BackStep) => undos.before(each, byHand(run, each));
  const how = rebuild.length === 0 ? 'followed' : 'rebuilt';
  const first = [...rebuild.map(step), untilFollows(own, from, how, clock.now())];
  if (!(await carryOut(run, system, first, { lost: from, takeover: to }))) {
    return await hasFailed(run, own, undos);
  }
  await load.begin();
  await clock.sleep(healWatchMs(plan), signal);
  const steps = [...move.map(step), untilMoved(own, from), untilFollows(own, to, 'followed')];
  run.emit('switchover.started', { from: to, to: from });
  const isDone = await carryOut(run, system, steps, { lost: to, takeover: from });
  if (!isDone) return await hasFailed(run, own, undos);
  await undos.forget();
  return true;
}

/** Who still follows then, the way back has not seen. */
async function hasFailed(run: RunContext, own: OwnSystem, undos: WayBackUndos): Promise<false> {
  await undos.undo();
  await followAgain(run, own);
  return false;
}

/** What is written comes to every server. Why it did not yet is told once. */
function untilFollows(
  own: OwnSystem,
  region: string,
  how: 'followed' | 'rebuilt',
  since_ms?: number,
): AnyStep {
  return {
    title: `see that ${region} follows`,
    run: async ({ clock, emit, signal }) => {
      const began_ms = since_ms ?? clock.now();
      for (let isTold = false; ; isTold = true) {
        const open = primaryIn(region, own.picture()) ?? openAmong(await own.follow());
        signal.throwIfAborted();
        if (open === null) break;
        if (!isTold) emit('run.noted', { text: `${region} does not follow yet: ${open}` });
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
      emit('region.protected', { region, how, ms: clock.now() - began_ms });
    },
  };
}

/** A tool may have moved service by itself: nobody follows there then. */
function primaryIn(region: string, picture: readonly ServerLook[]): string | null {
  const primary = picture.find(
    ({ node, state }) => state === 'primary' && regionOf(node) === region,
  );
  return primary === undefined ? null : `${primary.node} is the primary itself`;
}

/** A server of the region takes writes, and none of another does. */
function untilMoved(own: OwnSystem, region: string): AnyStep {
  return {
    title: `see that the primary is in ${region}`,
    run: async ({ emit, signal }) => {
      await own.until((picture) => {
        const taking = picture.filter(({ state }) => state === 'primary');
        const isThere = taking.length > 0 && taking.every(({ node }) => regionOf(node) === region);
        return isThere ? true : null;
      }, signal);
      emit('switchover.ended', {});
    },
  };
}

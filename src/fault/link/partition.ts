// partition: a link goes silent, both ways or one, and nobody is told. Where it joins two regions
// that both serve, each of them goes on alone.
import type { CheckResult } from '../../evidence/event.ts';
import { SWALLOWING } from '../../link/toxics.ts';
import { ordersIn } from '../../topology/system/region.ts';
import { proveNothingCrosses, stillNothingCrosses, writeAcross } from '../replication-probe.ts';
import {
  apply,
  lookedAlone,
  PROBE_MS,
  proveSilent,
  stillSilent,
  type Fault,
  type FaultContext,
} from '../fault.ts';
import { heardNothing, isReplication, lookAtParts, onWay, proveParts } from './parts.ts';

const IS = 'is silent';

type Context = FaultContext<'partition'>;

export const partition: Fault<'partition'> = {
  kind: 'partition',
  inject: async (context) => {
    const { plan, fault, system } = context;
    const link = system.link(fault.link);
    await apply(context, link.disturb(onWay(plan, fault.from, SWALLOWING)));
    const which = fault.from === null ? 'both ways' : `for what comes from ${fault.from}`;
    return { detail: `link ${link.name} is silent ${which}` };
  },
  prove: async (context) => {
    const { fault, system } = context;
    if (!isReplication(context)) {
      return fault.from === null
        ? await Promise.all(proveSilent(system.link(fault.link), PROBE_MS))
        : await proveParts(context, IS, (part) => heardNothing(part, PROBE_MS));
    }
    if (losesOnlyConfirmations(context)) return [await unconfirmed(context, PROBE_MS)];
    const lasts_ms = fault.heal_after_ms ?? Infinity;
    return [await proveNothingCrosses(context, { watch_ms: PROBE_MS, lasts_ms })];
  },
  look: async (context) => {
    const { fault, system, watch_ms } = context;
    if (!isReplication(context)) {
      return fault.from === null
        ? await Promise.all(stillSilent(context, system.link(fault.link)))
        : await lookAtParts(context, IS, (part) => heardNothing(part, watch_ms));
    }
    if (!losesOnlyConfirmations(context)) return await stillNothingCrosses(context);
    return await lookedAlone(context, UNCONFIRMED, () => unconfirmed(context, watch_ms));
  },
};

/** Log goes on to a standby, and the primary does not hear of it. */
function losesOnlyConfirmations({ plan, fault, system }: Context): boolean {
  return fault.from === plan.replication.to && system.bidirectional === null;
}

const UNCONFIRMED = 'the primary hears nothing of its standby';

/** What was written before the watch has come to the standby, and is not confirmed after it. */
async function unconfirmed(context: Context, watch_ms: number): Promise<CheckResult> {
  const { plan, system, clock } = context;
  const primary = ordersIn(system.region(plan.replication.from));
  const { ms, detail } = await writeAcross(context, watch_ms);
  const written = await primary.log!.position();
  await clock.sleep(watch_ms);
  const now = await primary.log!.position();
  const state = await primary.replication();
  const isUnconfirmed = state === null || now - BigInt(Math.ceil(state.lag_bytes)) < written;
  const lag = state === null ? 'no standby is connected' : `${state.lag_bytes} bytes unconfirmed`;
  return { name: UNCONFIRMED, ok: ms !== null && isUnconfirmed, detail: `${detail}; ${lag}` };
}

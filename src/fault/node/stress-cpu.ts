// stress-cpu: one node gets little of the processor. Whether it does is measured by what it gets.
import { writePercent } from '../../base/units.ts';
import { apply, type Fault } from '../fault.ts';
import { nodeHit } from '../nodes.ts';

const WATCH_MS = 1_000;
/** Times the stated share: timers are not exact, and neither is a second of them. */
const BITES_TIMES = 1.5;

export const stressCpu: Fault<'stress-cpu'> = {
  kind: 'stress-cpu',
  inject: async (context) => {
    const { node, region, leaves } = context.fault;
    await apply(context, context.system.region(region).slow(node, leaves));
    return { detail: `${node} gets ${writePercent(leaves)} of a processor at most` };
  },
  // It is asked, or watched, how much of a processor it gets. That it lasts is for the heal to say:
  // what it undoes must be there as it was put.
  prove: async (context) => {
    const { node, leaves } = context.fault;
    const got = await nodeHit(context).processorShare(WATCH_MS);
    const words = writePercent(Math.round(1_000 * got) / 1_000);
    const detail = `${words} of a processor in ${WATCH_MS} ms`;
    return [{ name: `${node} gets little`, ok: got <= leaves * BITES_TIMES, detail }];
  },
};

// stress-cpu: one node gets little of the processor. Whether it does is measured by what it gets.
import { writePercent } from '../../base/units.ts';
import { apply, lookedAlone, type Fault, type FaultContext } from '../fault.ts';
import { nodeHit } from '../nodes.ts';

const WATCH_MS = 1_000;
/** Less time than some turns of the processor tells nothing of a share. */
const LOOK_LEAST_MS = 400;
/** Times the stated share: timers are not exact, and neither is a second of them. */
const BITES_TIMES = 1.5;

export const stressCpu: Fault<'stress-cpu'> = {
  kind: 'stress-cpu',
  inject: async (context) => {
    const { node, region, leaves } = context.fault;
    await apply(context, context.system.region(region).slow(node, leaves));
    return { detail: `${node} gets ${writePercent(leaves)} of a processor at most` };
  },
  // It is asked, or watched, how much of a processor it gets.
  prove: async (context) => {
    const { got, detail } = await shareOf(context, WATCH_MS);
    return [{ name: nameOf(context), ok: got <= context.fault.leaves * BITES_TIMES, detail }];
  },
  // In so short a time what is no more than half-way to all of it is little. A container would be
  // asked for longer than a look may take: its limit must be as it was put when it is healed.
  look: async (context) => {
    const { watch_ms, fault } = context;
    if (watch_ms < LOOK_LEAST_MS || nodeHit(context).pids().length === 0) return [];
    return await lookedAlone(context, nameOf(context), async () => {
      const { got, detail } = await shareOf(context, watch_ms);
      return { ok: got <= (1 + fault.leaves) / 2, detail };
    });
  },
};

type Context = FaultContext<'stress-cpu'>;

function nameOf({ fault }: Context): string {
  return `${fault.node} gets little`;
}

async function shareOf(context: Context, within_ms: number) {
  const got = await nodeHit(context).processorShare(within_ms);
  const words = writePercent(Math.round(1_000 * got) / 1_000);
  return { got, detail: `${words} of a processor in ${within_ms} ms` };
}

// app-slow: one app instance answers later. How much later is measured at its own port.
import { PASSED_SHARE } from '../../drill/fault/fault.ts';
import { apply, lookedAlone, type Fault, type FaultContext, type Seen } from '../fault.ts';
import { nodeHit } from '../nodes.ts';
import { askApp } from './ask.ts';

const TIMES = 5;
const SPARE_MS = 5_000;

export const appSlow: Fault<'app-slow'> = {
  kind: 'app-slow',
  inject: async (context) => {
    const { fault, system } = context;
    const { node, by_ms } = fault;
    await apply(context, system.disturbApp(nodeHit(context), { errors: 0, delay_ms: by_ms }));
    return { detail: `${node} answers ${by_ms} ms later` };
  },
  prove: async (context) => [{ name: nameOf(context), ...(await seen(context)) }],
  // For a delay that is longer than the look the heal alone tells whether it was there.
  look: async (context) => {
    if (context.fault.by_ms >= context.watch_ms) return [];
    return await lookedAlone(context, nameOf(context), () => seen(context));
  },
};

function nameOf({ fault }: FaultContext<'app-slow'>): string {
  return `${fault.node} answers late`;
}

/** Every answer comes, and none of them early. */
async function seen(context: FaultContext<'app-slow'>): Promise<Seen> {
  const { by_ms } = context.fault;
  const asked = await askApp(nodeHit(context), TIMES, by_ms + SPARE_MS);
  const isLate = asked.every(({ status, ms }) => status !== null && ms >= by_ms * PASSED_SHARE);
  const took = asked.map(({ status, ms }) => (status === null ? 'none' : Math.round(ms)));
  return { ok: isLate, detail: `answers after ${took.join(', ')} ms` };
}

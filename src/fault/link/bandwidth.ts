// bandwidth: each connection through a link carries so much a second and no more.
import { reasonOf } from '../../host/operation-failed.ts';
import { apply, type Fault, type FaultContext } from '../fault.ts';
import { lookAtParts, onWay, proveParts, watchMs, type Part } from './parts.ts';

const IS = 'is narrow';
/** For so long bytes are carried at the stated rate. */
const PROOF_MS = 400;
const CARRIED_MS = 10_000;
/** Of the stated rate: what is slower than the least is slow for another reason. */
const SHARES = { least: 0.5, most: 1.3 } as const;
const BYTES_OF_KB = 1_000;

export const bandwidth: Fault<'bandwidth'> = {
  kind: 'bandwidth',
  inject: async (context) => {
    const { plan, fault, system } = context;
    const attributes = { rate: Math.max(1, Math.round(fault.bytes_per_s / BYTES_OF_KB)) };
    const shape = { name: 'bandwidth', type: 'bandwidth', attributes };
    await apply(context, system.link(fault.link).disturb(onWay(plan, fault.from, shape)));
    return { detail: `link ${fault.link} carries ${fault.bytes_per_s} bytes a second` };
  },
  prove: async (context) => {
    const see = (part: Part) => narrow(part, context, watchMs(context, PROOF_MS), CARRIED_MS);
    return await proveParts(context, IS, async (part) => {
      return await see(part).catch((error: unknown) => ({ ok: false, detail: reasonOf(error) }));
    });
  },
  look: async (context) => {
    const { watch_ms } = context;
    // One that carries nothing by then could not be looked at: it is not wide for that.
    const see = (part: Part) => narrow(part, context, watch_ms * SHARES.least, watch_ms);
    return await lookAtParts(context, IS, see);
  },
};

async function narrow(
  part: Part,
  context: FaultContext<'bandwidth'>,
  for_ms: number,
  atMost_ms: number,
) {
  const { bytes_per_s, from } = context.fault;
  const wanted = Math.ceil((bytes_per_s * for_ms) / 1_000);
  const isAsked = from === null || part.region === from;
  const load = isAsked ? { up: 0, down: wanted } : { up: wanted, down: 0 };
  const { bytes, ms } = await part.carry(part.proxy, load, atMost_ms);
  const found = (1_000 * bytes) / ms;
  const { least, most } = SHARES;
  const ok = found >= least * bytes_per_s && found <= most * bytes_per_s;
  return { ok, detail: `${bytes} bytes in ${Math.round(ms)} ms, ${Math.round(found)} a second` };
}

// limit-data: each connection through a link is closed once it has carried so much.
import { reasonOf } from '../../host/operation-failed.ts';
import { exchangeWords } from '../../host/probe.ts';
import { apply, type Fault, type FaultContext } from '../fault.ts';
import { askPart, lookAtParts, onWay, proveParts, type Part } from './parts.ts';

const IS = 'closes after so much';
const CARRIED_MS = 5_000;
/** What a login and the head of a request need besides what is carried. */
const HEAD_BYTES = 16_000;

export const limitData: Fault<'limit-data'> = {
  kind: 'limit-data',
  inject: async (context) => {
    const { plan, fault, system } = context;
    const shape = { name: 'limit', type: 'limit_data', attributes: { bytes: fault.bytes } };
    await apply(context, system.link(fault.link).disturb(onWay(plan, fault.from, shape)));
    return { detail: `link ${fault.link} closes each connection after ${fault.bytes} bytes` };
  },
  prove: async (context) => {
    return await proveParts(context, IS, (part) => limited(part, context, CARRIED_MS));
  },
  look: async (context) => {
    const each_ms = context.watch_ms / 2;
    return await lookAtParts(context, IS, async (part) => {
      const from_ms = context.clock.now();
      const seen = await limited(part, context, each_ms);
      // What took that long ended for want of time, and not at the limit.
      return context.clock.now() - from_ms < each_ms ? seen : null;
    });
  },
};

/** More is lost, and less arrives: a question alone, where there is no room for it besides. */
async function limited(part: Part, { fault }: FaultContext<'limit-data'>, each_ms: number) {
  const isAsked = fault.from === null || part.region === fault.from;
  const carried = async (bytes: number) => {
    const load = isAsked ? { up: 0, down: bytes } : { up: bytes, down: 0 };
    return await part.carry(part.proxy, load, each_ms).then(() => null, reasonOf);
  };
  const more = await carried(fault.bytes);
  if (more === null) return { ok: false, detail: `${fault.bytes} bytes and more were carried` };
  const less = fault.bytes - HEAD_BYTES;
  const failed = less > 0 ? await carried(less) : await unanswered(part, each_ms);
  return failed === null
    ? { ok: true, detail: `of more: ${more}; ${Math.max(0, less)} bytes were carried` }
    : { ok: false, detail: `of ${Math.max(0, less)} bytes: ${failed}` };
}

/** Null: it answers. */
async function unanswered(part: Part, atMost_ms: number): Promise<string | null> {
  const seen = await askPart(part, { atMost_ms, enough_bytes: 1 });
  return seen.first_ms === null ? exchangeWords(seen) : null;
}

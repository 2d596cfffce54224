// refuse: nobody gets through a link, and everybody is told at once.
import { exchangeWords } from '../../host/probe.ts';
import { apply, PROBE_MS, type Fault } from '../fault.ts';
import { askPart, lookAtParts, proveParts, type Part } from './parts.ts';

const IS = 'refuses';

export const refuse: Fault<'refuse'> = {
  kind: 'refuse',
  inject: async (context) => {
    const link = context.system.link(context.fault.link);
    await apply(context, link.refuse());
    return { detail: `link ${link.name} refuses connections` };
  },
  prove: async (context) => {
    return await proveParts(context, IS, async (part) => {
      const { ok, detail } = await refused(part, PROBE_MS);
      return { ok: ok === true, detail };
    });
  },
  look: async (context) => {
    return await lookAtParts(context, IS, async (part) => {
      const { ok, detail } = await refused(part, context.watch_ms);
      return ok === null ? null : { ok, detail };
    });
  },
};

/**
 * What stands before a container takes each connection, and hangs up where that one refuses. Null:
 * nobody has answered or hung up by then.
 */
async function refused(part: Part, atMost_ms: number) {
  const seen = await askPart(part, { atMost_ms });
  const ok = seen.bytes > 0 ? false : seen.end !== 'open' || null;
  return { ok, detail: exchangeWords(seen) };
}

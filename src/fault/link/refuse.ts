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
  prove: async (context) => await proveParts(context, IS, refused),
  look: async (context) => await lookAtParts(context, IS, refused),
};

/** What stands before a container takes each connection, and hangs up where that one refuses. */
async function refused(part: Part) {
  const seen = await askPart(part, { atMost_ms: PROBE_MS });
  return { ok: seen.end !== 'open' && seen.bytes === 0, detail: exchangeWords(seen) };
}

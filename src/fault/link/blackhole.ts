// blackhole: whoever connects through a link waits for ever; what was connected is closed.
import { exchangeWords } from '../../link/exchange.ts';
import { BLACKHOLE } from '../../link/toxics.ts';
import { apply, type Fault } from '../fault.ts';
import { ANSWER_MS, askPart, lookAtParts, proveParts, watchMs, type Part } from './parts.ts';

const IS = 'swallows';

export const blackhole: Fault<'blackhole'> = {
  kind: 'blackhole',
  inject: async (context) => {
    const link = context.system.link(context.fault.link);
    const refusal = link.refuse();
    await apply(context, refusal);
    await apply(context, link.disturb(BLACKHOLE));
    await refusal.undo();
    return { detail: `link ${link.name} swallows what is said on new connections` };
  },
  prove: async (context) => {
    return await proveParts(context, IS, (part) => swallowed(part, watchMs(context, ANSWER_MS)));
  },
  look: async (context) =>
    await lookAtParts(context, IS, (part) => swallowed(part, context.watch_ms)),
};

async function swallowed(part: Part, atMost_ms: number) {
  const seen = await askPart(part, { atMost_ms });
  return { ok: seen.end === 'open' && seen.bytes === 0, detail: exchangeWords(seen) };
}

// slow-close: a link carries everything, but the end of a connection comes late.
import { exchange, exchangeWords } from '../../link/exchange.ts';
import { bothWays } from '../../link/toxics.ts';
import { apply, type Fault } from '../fault.ts';
import { ANSWER_MS, lookAtParts, proveParts, watchMs, type Part } from './parts.ts';

const IS = 'closes late';
/** A share of the stated time: timers are not exact. */
const EARLIEST_SHARE = 0.9;

export const slowClose: Fault<'slow-close'> = {
  kind: 'slow-close',
  inject: async (context) => {
    const { link: name, delay_ms } = context.fault;
    const attributes = { delay: Math.round(delay_ms) };
    const toxics = bothWays({ name: 'close', type: 'slow_close', attributes });
    await apply(context, context.system.link(name).disturb(toxics));
    return { detail: `link ${name} ends closed connections ${delay_ms} ms later` };
  },
  prove: async (context) => {
    const { delay_ms } = context.fault;
    const atMost_ms = watchMs(context, delay_ms + ANSWER_MS);
    return await proveParts(context, IS, (part) => closedLate(part, delay_ms, atMost_ms));
  },
  look: async (context) => {
    const { delay_ms } = context.fault;
    return await lookAtParts(context, IS, (part) => closedLate(part, delay_ms, context.watch_ms));
  },
};

/** The other side hangs up at once; what comes of that is counted from its last word. */
async function closedLate({ proxy, last }: Part, delay_ms: number, atMost_ms: number) {
  const seen = await exchange(proxy, last, { atMost_ms });
  const waited_ms = seen.end_ms - (seen.last_ms ?? 0);
  const isLate = seen.end === 'open' || waited_ms >= EARLIEST_SHARE * delay_ms;
  return { ok: isLate && seen.end !== 'refused', detail: exchangeWords(seen) };
}

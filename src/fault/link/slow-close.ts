// slow-close: a link carries everything, but the end of a connection comes late.
import { PASSED_SHARE } from '../../drill/fault/fault.ts';
import type { PlannedFault } from '../../drill/fault/registry.ts';
import { exchange, exchangeWords } from '../../host/probe.ts';
import { bothWays } from '../../link/toxics.ts';
import { apply, PROBE_MS, type Fault } from '../fault.ts';
import { seenAtParts, type Part } from './parts.ts';

export const slowClose: Fault<'slow-close'> = {
  kind: 'slow-close',
  inject: async (context) => {
    const { link: name, delay_ms } = context.fault;
    const attributes = { delay: Math.round(delay_ms) };
    const toxics = bothWays({ name: 'close', type: 'slow_close', attributes });
    await apply(context, context.system.link(name).disturb(toxics));
    return { detail: `link ${name} ends closed connections ${delay_ms} ms later` };
  },
  ...seenAtParts('closes late', ({ delay_ms }: Own) => delay_ms + PROBE_MS, closedLate),
};

type Own = PlannedFault<'slow-close'>;

/** The other side hangs up at once; what comes of that is counted from its last word. */
async function closedLate({ proxy, last }: Part, atMost_ms: number, { delay_ms }: Own) {
  const seen = await exchange(proxy, last, { atMost_ms });
  const waited_ms = seen.end_ms - (seen.last_ms ?? 0);
  const isLate = seen.end === 'open' || waited_ms >= PASSED_SHARE * delay_ms;
  return { ok: isLate && seen.end !== 'refused', detail: exchangeWords(seen) };
}

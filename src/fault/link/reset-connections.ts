// reset-connections: each connection through a link is reset so long after its first word.
import { PASSED_SHARE } from '../../drill/fault/fault.ts';
import type { PlannedFault } from '../../drill/fault/registry.ts';
import { exchangeWords } from '../../host/probe.ts';
import { bothWays } from '../../link/toxics.ts';
import { apply, PROBE_MS, type Fault } from '../fault.ts';
import { askPart, seenAtParts, type Part } from './parts.ts';

export const resetConnections: Fault<'reset-connections'> = {
  kind: 'reset-connections',
  inject: async (context) => {
    const { link: name, after_ms } = context.fault;
    const attributes = { timeout: Math.round(after_ms) };
    const toxics = bothWays({ name: 'reset', type: 'reset_peer', attributes });
    await apply(context, context.system.link(name).disturb(toxics));
    return { detail: `link ${name} resets connections` };
  },
  ...seenAtParts('resets', ({ after_ms }: Own) => after_ms + PROBE_MS, reset),
};

type Own = PlannedFault<'reset-connections'>;

/** Nothing is heard before the reset; where nobody can wait for that, until nobody waits. */
async function reset(part: Part, atMost_ms: number, { after_ms }: Own) {
  const seen = await askPart(part, { atMost_ms });
  const isDue = atMost_ms > after_ms + PROBE_MS / 2;
  const isEnded = seen.end === 'reset' || seen.end === 'closed';
  const isLate = seen.end_ms >= PASSED_SHARE * Math.min(after_ms, atMost_ms);
  const ok = seen.bytes === 0 && isLate && (isEnded || (seen.end === 'open' && !isDue));
  return { ok, detail: exchangeWords(seen) };
}

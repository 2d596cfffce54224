// flaky: some connections through a link are reset and the others are as ever, by chance.
import { onRequests } from '../../link/toxics.ts';
import { apply, PROBE_MS, type Fault } from '../fault.ts';
import { isShareOf, tryMany } from '../tries.ts';
import { askPart, lookAtParts, proveParts, type Part } from './parts.ts';

const IS = 'is flaky';
/** Of so many tries chance lacks one that is reset, or one that is not, once in a million. */
const ENOUGH = 14;
const TRIES_LEAST = 100;
/** So many standard deviations from the stated share are no chance. */
const DEVIATIONS = 6;

export const flaky: Fault<'flaky'> = {
  kind: 'flaky',
  inject: async (context) => {
    const { link: name, share } = context.fault;
    // On one of the two ways: on both, each would have its own dice.
    const shape = { name: 'flaky', type: 'reset_peer', attributes: { timeout: 0 } };
    const toxics = onRequests({ ...shape, toxicity: share });
    await apply(context, context.system.link(name).disturb(toxics));
    return { detail: `link ${name} resets ${Math.round(100 * share)} % of its connections` };
  },
  prove: async (context) => {
    const { share } = context.fault;
    return await proveParts(context, IS, async (part) => {
      return judge(share, await countReset(part, triesFor(share), Infinity));
    });
  },
  look: async (context) => {
    const { share } = context.fault;
    return await lookAtParts(context, IS, async (part) => {
      const half_ms = context.watch_ms / 2; // the last is tried by then, and has as long
      const count = await countReset(part, triesFor(share), half_ms, half_ms);
      const isTold = count.tries >= triesFor(share) || isBoth(count);
      return isTold ? judge(share, count) : null;
    });
  },
};

interface Count {
  readonly reset: number;
  readonly tries: number;
}

/** So many that chance shows a link that resets none, or all, once in a million times. */
function triesFor(share: number): number {
  const each = (chance: number) => Math.ceil(-ENOUGH / Math.log(1 - chance));
  return Math.max(TRIES_LEAST, each(share), each(1 - share));
}

/** As many as there is time for. */
async function countReset(
  part: Part,
  most: number,
  within_ms: number,
  atMost_ms = PROBE_MS,
): Promise<Count> {
  const seen = await tryMany(most, within_ms, () => askPart(part, { atMost_ms, enough_bytes: 1 }));
  // What is open still, and said nothing, is neither.
  const over = seen.filter(({ end, bytes }) => bytes > 0 || end !== 'open');
  return { reset: over.filter(({ bytes }) => bytes === 0).length, tries: over.length };
}

function isBoth({ reset, tries }: Count): boolean {
  return reset > 0 && reset < tries;
}

/** Whether so many are that share, but for chance. */
function judge(share: number, count: Count): { ok: boolean; detail: string } {
  const { reset, tries } = count;
  const isLikely = isShareOf(reset, tries, { share, deviations: DEVIATIONS });
  const detail = `${reset} of ${tries} connections heard nothing`;
  return { ok: isBoth(count) && isLikely, detail };
}

// latency: a link takes longer than it should, such as the one that replication crosses. What was
// written meanwhile is on its way, and lost with the region that sent it.
import type { CheckResult } from '../../evidence/event.ts';
import { PASSED_SHARE } from '../../drill/fault/fault.ts';
import { delayOf } from '../../drill/plan/plan.ts';
import { hostNow } from '../../host/clock.ts';
import { exchangeWords } from '../../host/probe.ts';
import { delayShape } from '../../link/toxics.ts';
import { stillNothingCrosses, writeAcross } from '../replication-probe.ts';
import { apply, stillSilent, type Fault, type FaultContext } from '../fault.ts';
import {
  askPart,
  heardNothing,
  isReplication,
  lookAtParts,
  onWay,
  proveParts,
  watchMs,
} from './parts.ts';

const SPARE_MS = 5_000;
/** The time from a commit to its answer, at which the clock of the proof starts. */
const COMMIT_MS = 5;
/** A part is asked so often, for so long, where it answers late each time. */
const TIMES = 3;
const ASKED_FOR_MS = 1_000;

/** A look at a round trip that is late once only leaves as much to spare as where it is twice. */
const ONE_WAY_SHARE = 0.5;

type Context = FaultContext<'latency'>;

export const latency: Fault<'latency'> = {
  kind: 'latency',
  inject: async (context) => {
    const { plan, fault, system } = context;
    const { link: name, latency_ms, jitter_ms, from } = fault;
    // The delay that the link has anyway is a toxic of its own, and comes on top.
    const more_ms = Math.max(0, latency_ms - delayOf(plan, name).latency_ms);
    const toxics = onWay(plan, from, delayShape(more_ms, jitter_ms));
    await apply(context, system.link(name).disturb(toxics));
    const which = from === null ? 'each way' : `for what comes from ${from}`;
    return { detail: `link ${name} takes ${latency_ms} ms ${which}` };
  },
  prove: async (context) =>
    crossesLate(context) ? [await proveReplication(context)] : await proveRoundTrip(context),
  // For less than its delay a slow link is silent. That says of a long delay only that it is longer
  // than the look; that it is the delay that was set, all the time, the heal says, which finds the
  // toxics as they were put there, and on an edge link every operation in the ledger.
  look: async (context) => {
    const { system, fault } = context;
    const spared = fault.from === null || crossesLate(context) ? 1 : ONE_WAY_SHARE;
    const longest_ms = spared * leastMs(context) - COMMIT_MS;
    const brief = { ...context, watch_ms: Math.min(context.watch_ms, longest_ms) };
    if (longest_ms <= 0) return [];
    if (crossesLate(context)) return await stillNothingCrosses(brief, 'slow');
    // What a standby says comes late, and nobody asks it anything.
    if (isReplication(context)) return [];
    if (fault.from === null) {
      return await Promise.all(stillSilent(brief, system.link(fault.link), 'slow'));
    }
    // The end of a connection comes at once: on one way only a question is asked that leaves it.
    return await lookAtParts(brief, 'is slow', (part) => heardNothing(part, brief.watch_ms));
  },
};

/** The least that one way takes. */
function leastMs({ fault: { latency_ms, jitter_ms } }: Context): number {
  return (latency_ms - jitter_ms) * PASSED_SHARE;
}

/** Whether what is written is late in the other region. */
function crossesLate(context: Context): boolean {
  const { plan, fault } = context;
  return isReplication(context) && fault.from !== plan.replication.to;
}

/** How long a write takes to come to the other region. */
async function proveReplication(context: Context): Promise<CheckResult> {
  const { link: name, latency_ms } = context.fault;
  const { ms, detail } = await writeAcross(context, latency_ms + SPARE_MS);
  const isLate = ms !== null && ms >= leastMs(context) - COMMIT_MS;
  const said = `${detail}, ${latency_ms} ms are the link's delay`;
  return { name: `link ${name} is slow`, ok: isLate, detail: said };
}

/**
 * A question through each of its proxies, and how long it takes to hear anything. It is asked again
 * where there is time for that: on a busy machine one answer may be late by itself.
 */
async function proveRoundTrip(context: Context): Promise<CheckResult[]> {
  const { latency_ms, from } = context.fault;
  const ways = from === null ? 2 : 1;
  const atMost_ms = ways * latency_ms * 2 + SPARE_MS;
  const over_ms = hostNow() + watchMs(context, ASKED_FOR_MS);
  return await proveParts(context, 'is slow', async (part) => {
    const took: number[] = [];
    for (;;) {
      const seen = await askPart(part, { atMost_ms, enough_bytes: 1 });
      if (seen.first_ms === null) return { ok: false, detail: exchangeWords(seen) };
      took.push(Math.round(seen.first_ms));
      const ok = seen.first_ms >= ways * leastMs(context);
      const isOver = took.length >= TIMES || hostNow() + seen.first_ms > over_ms;
      if (isOver || !ok) return { ok, detail: `${took.join(', ')} ms` };
    }
  });
}

// latency: a link takes longer than it should, such as the one that replication crosses. What was
// written meanwhile is on its way, and lost with the region that sent it.
import type { CheckResult } from '../evidence/event.ts';
import { delayOf, replicationLink } from '../drill/plan/plan.ts';
import { probe } from '../host/probe.ts';
import { delayToxics } from '../link/toxics.ts';
import { stillNothingCrosses, writeAcross } from './replication-probe.ts';
import { apply, stillSilent, type Fault, type FaultContext } from './fault.ts';

const SPARE_MS = 5_000;
/** A share of the stated delay: timers are not exact. */
const BITES_SHARE = 0.9;
/** The time from a commit to its answer, at which the clock of the proof starts. */
const ANSWER_MS = 5;

export const latency: Fault<'latency'> = {
  kind: 'latency',
  inject: async (context) => {
    const { plan, fault, system } = context;
    const { link: name, latency_ms } = fault;
    // The delay that the link has anyway is a toxic of its own, and comes on top.
    const more_ms = Math.max(0, latency_ms - delayOf(plan, name).latency_ms);
    await apply(context, system.link(name).disturb(delayToxics(more_ms, 0)));
    return { detail: `link ${name} takes ${latency_ms} ms each way` };
  },
  prove: async (context) =>
    context.fault.link === replicationLink(context.plan.replication)
      ? [await proveReplication(context)]
      : await proveEdge(context),
  // For less than its delay a slow link is silent. That says of a long delay only that it is longer
  // than the look; that it is the delay that was set, all the time, the heal says, which finds the
  // toxics as they were put there, and on an edge link every operation in the ledger.
  look: async (context) => {
    const { plan, fault, system } = context;
    const longest_ms = fault.latency_ms * BITES_SHARE - ANSWER_MS;
    const brief = { ...context, watch_ms: Math.min(context.watch_ms, longest_ms) };
    if (longest_ms <= 0) return [];
    return fault.link === replicationLink(plan.replication)
      ? await stillNothingCrosses(brief, 'slow')
      : await Promise.all(stillSilent(brief, system.link(fault.link), 'slow'));
  },
};

/** How long a write takes to come to the other region. */
async function proveReplication(context: FaultContext<'latency'>): Promise<CheckResult> {
  const { link: name, latency_ms } = context.fault;
  const { ms, detail } = await writeAcross(context, latency_ms + SPARE_MS);
  const isLate = ms === null || ms >= latency_ms * BITES_SHARE - ANSWER_MS;
  const said = `${detail}, ${latency_ms} ms are the link's delay`;
  return { name: `link ${name} is slow`, ok: isLate, detail: said };
}

/** A question through each of its proxies, and how long it takes to hear anything. */
async function proveEdge({ fault, system }: FaultContext<'latency'>): Promise<CheckResult[]> {
  const { link: name, latency_ms } = fault;
  return await Promise.all(
    system.link(name).proxies.map(async (proxy): Promise<CheckResult> => {
      const heard = await probe(proxy.host, proxy.port, 2 * latency_ms + SPARE_MS);
      const detail = `${heard.detail} after ${Math.round(heard.ms)} ms`;
      const isLate = heard.ms >= latency_ms * BITES_SHARE;
      return { name: `link ${proxy.name} is slow`, ok: isLate && !heard.isSilent, detail };
    }),
  );
}

// slow-link: a link takes longer than it should, such as the one that replication crosses. What was
// written meanwhile is on its way, and lost with the region that sent it.
import type { CheckResult } from '../evidence/event.ts';
import { replicationLink } from '../drill/plan.ts';
import { hearFrom } from '../host/hear-from.ts';
import type { Fault, FaultContext, Injected } from './fault.ts';

const WRITE_MS = 2_000;
const SPARE_MS = 5_000;
const POLL_MS = 5;
/** Of the stated delay; its timers are not exact. */
const BITES_SHARE = 0.9;

export const slowLink: Fault = {
  kind: 'slow-link',
  summary: 'a link has a longer delay, each way: replication falls behind',
  settings: {
    link: 'the link (default: the one between the regions)',
    latency: 'its delay, each way (default: 2s)',
    at: 'when, after the steady state, or beforehand: it is slow already in the steady state',
    heal_after: 'it ends after so long; by default after the recovery',
  },
  inject,
  prove,
};

async function inject({ plan, fault, system }: FaultContext): Promise<Injected> {
  const { name, latency_ms } = fault.link!;
  const link = system.link(name);
  const before = plan.links[name] ?? { latency_ms: 0, jitter_ms: 0 };
  await link.delay(latency_ms, 0);
  const heal = () => link.delay(before.latency_ms, before.jitter_ms);
  return { detail: `link ${name} takes ${latency_ms} ms each way`, heal };
}

async function prove(context: FaultContext): Promise<CheckResult[]> {
  const { plan, fault } = context;
  return fault.link!.name === replicationLink(plan.replication)
    ? [await proveReplication(context)]
    : await proveEdge(context);
}

/** How long a write takes to come to the other region. */
async function proveReplication({ plan, fault, system, clock }: FaultContext) {
  const { name: link, latency_ms } = fault.link!;
  const { from, to } = plan.replication;
  const [primary, standby] = [system.region(from).database, system.region(to).database];
  const began = clock.now();
  await primary.tryWrite(WRITE_MS);
  const written = await primary.position();
  const until = began + latency_ms + SPARE_MS;
  while ((await standby.position()) < written && clock.now() < until) await clock.sleep(POLL_MS);
  const ms = Math.round(clock.now() - began);
  const detail = `a write came to ${to} after ${ms} ms, ${latency_ms} ms are the link's delay`;
  return { name: `link ${link} is slow`, ok: ms >= latency_ms * BITES_SHARE, detail };
}

/** A question through each of its proxies, and how long it takes to hear anything. */
async function proveEdge({ fault, system }: FaultContext): Promise<CheckResult[]> {
  const { name, latency_ms } = fault.link!;
  return await Promise.all(
    system.link(name).proxies.map(async (proxy): Promise<CheckResult> => {
      const heard = await hearFrom(proxy.host, proxy.port, 2 * latency_ms + SPARE_MS);
      const detail = `${heard.detail} after ${Math.round(heard.ms)} ms`;
      return {
        name: `link ${proxy.name} is slow`,
        ok: heard.ms >= latency_ms * BITES_SHARE,
        detail,
      };
    }),
  );
}

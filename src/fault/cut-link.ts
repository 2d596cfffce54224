// cut-link: a link goes silent both ways, and nobody is told. Where it joins two regions that both
// serve, each of them goes on alone.
import type { CheckResult } from '../evidence/event.ts';
import { replicationLink } from '../drill/plan.ts';
import { hearFrom } from '../host/hear-from.ts';
import { writeAcross } from './replication-probe.ts';
import { orUndo, type Fault, type FaultContext, type Injected } from './fault.ts';

const PROBE_MS = 500;
/** Of the time that a link is silent for. */
const WATCHED_SHARE = 0.75;

export const cutLink: Fault = {
  kind: 'cut-link',
  summary: 'a link goes silent both ways; what it joined goes on alone',
  settings: {
    link: 'the link (default: the one between the regions)',
    at: 'when, after the steady state, or beforehand: it is silent already in the steady state',
    heal_after: 'it is there again after so long; by default after the recovery',
  },
  inject,
  prove,
};

async function inject({ fault, system }: FaultContext): Promise<Injected> {
  const link = system.link(fault.link!.name);
  await orUndo(
    () => link.swallow(),
    () => link.release(),
  );
  return { detail: `link ${link.name} is silent both ways`, heal: () => link.release() };
}

async function prove(context: FaultContext): Promise<CheckResult[]> {
  const { plan, fault, system } = context;
  const { name } = fault.link!;
  if (name === replicationLink(plan.replication)) return [await proveReplication(context)];
  return await Promise.all(
    system.link(name).proxies.map(async (proxy): Promise<CheckResult> => {
      const { isSilent, detail } = await hearFrom(proxy.host, proxy.port, PROBE_MS);
      return { name: `link ${proxy.name} is silent`, ok: isSilent, detail };
    }),
  );
}

/** What is written in one region now must not come to the other, not even late. */
async function proveReplication(context: FaultContext): Promise<CheckResult> {
  const { plan, fault } = context;
  const { name } = fault.link!;
  const { latency_ms, jitter_ms } = plan.links[name] ?? { latency_ms: 0, jitter_ms: 0 };
  const lasts_ms = (fault.heal_after_ms ?? Infinity) * WATCHED_SHARE;
  const watch_ms = Math.min(PROBE_MS + latency_ms + jitter_ms, lasts_ms);
  const { ms, detail } = await writeAcross(context, watch_ms);
  return { name: `link ${name} is silent`, ok: ms === null, detail };
}

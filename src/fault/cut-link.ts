// cut-link: a link goes silent both ways, and nobody is told. Where it joins two regions that both
// serve, each of them goes on alone.
import type { CheckResult } from '../evidence/event.ts';
import { replicationLink } from '../drill/plan.ts';
import { hearFrom } from '../host/hear-from.ts';
import type { Fault, FaultContext, Injected } from './fault.ts';

const PROBE_MS = 500;
const WRITE_MS = 1_000;

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
  await link.swallow();
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

/** What is written in one region now must not come to the other. */
async function proveReplication({ plan, fault, system, clock }: FaultContext) {
  const { from } = plan.replication;
  const { database } = system.region(from);
  await database.tryWrite(WRITE_MS);
  const before = await behind(system, from);
  await database.tryWrite(WRITE_MS);
  await clock.sleep(PROBE_MS);
  const after = await behind(system, from);
  const grows = before !== null && after !== null && after > before;
  const detail = `${before ?? '?'} bytes behind, ${after ?? '?'} half a second later`;
  return { name: `link ${fault.link!.name} is silent`, ok: grows, detail };
}

/** How much of the region's log is nowhere else. */
async function behind(system: FaultContext['system'], region: string): Promise<number | null> {
  if (system.twoWay !== null) return (await system.twoWay.exposure(region)).bytes;
  return (await system.region(region).database.replication())?.lag_bytes ?? null;
}

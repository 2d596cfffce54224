// cut-link: a link goes silent both ways, and nobody is told. Where it joins two regions that both
// serve, each of them goes on alone.
import type { CheckResult } from '../evidence/event.ts';
import { replicationLink } from '../drill/plan/plan.ts';
import { probe } from '../host/probe.ts';
import { BLACKHOLE } from '../link/toxics.ts';
import { proveNothingCrosses } from './replication-probe.ts';
import { apply, type Fault, type FaultContext, type Injected } from './fault.ts';

const PROBE_MS = 500;

export const cutLink: Fault<'cut-link'> = {
  kind: 'cut-link',
  inject,
  prove,
};

async function inject(context: FaultContext<'cut-link'>): Promise<Injected> {
  const { fault, system } = context;
  const link = system.link(fault.link);
  await apply(context, link.disturb(BLACKHOLE));
  return { detail: `link ${link.name} is silent both ways` };
}

async function prove(context: FaultContext<'cut-link'>): Promise<CheckResult[]> {
  const { plan, fault, system } = context;
  const { link: name } = fault;
  if (name === replicationLink(plan.replication)) {
    const lasts_ms = fault.heal_after_ms ?? Infinity;
    return [await proveNothingCrosses(context, { watch_ms: PROBE_MS, lasts_ms })];
  }
  return await Promise.all(
    system.link(name).proxies.map(async (proxy): Promise<CheckResult> => {
      const { isSilent, detail } = await probe(proxy.host, proxy.port, PROBE_MS);
      return { name: `link ${proxy.name} is silent`, ok: isSilent, detail };
    }),
  );
}

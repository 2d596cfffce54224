// partition: a link goes silent both ways, and nobody is told. Where it joins two regions that both
// serve, each of them goes on alone.
import { replicationLink } from '../drill/plan/plan.ts';
import { BLACKHOLE } from '../link/toxics.ts';
import { proveNothingCrosses, stillNothingCrosses } from './replication-probe.ts';
import { apply, proveSilent, stillSilent, type Fault } from './fault.ts';

const PROBE_MS = 500;

export const partition: Fault<'partition'> = {
  kind: 'partition',
  inject: async (context) => {
    const link = context.system.link(context.fault.link);
    await apply(context, link.disturb(BLACKHOLE));
    return { detail: `link ${link.name} is silent both ways` };
  },
  prove: async (context) => {
    const { plan, fault, system } = context;
    if (fault.link !== replicationLink(plan.replication)) {
      return await Promise.all(proveSilent(system.link(fault.link), PROBE_MS));
    }
    const lasts_ms = fault.heal_after_ms ?? Infinity;
    return [await proveNothingCrosses(context, { watch_ms: PROBE_MS, lasts_ms })];
  },
  look: async (context) => {
    const { plan, fault, system } = context;
    return fault.link === replicationLink(plan.replication)
      ? await stillNothingCrosses(context)
      : await Promise.all(stillSilent(context, system.link(fault.link)));
  },
};

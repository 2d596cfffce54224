// The network of a region goes silent while its processes live: how, the proof of it, and the later
// look. `lose-network` loses a part of it, `lose-region` all.
import type { NetworkPart } from '../drill/fault/lose-network.ts';
import type { FaultKind } from '../drill/fault/registry.ts';
import { replicationLink } from '../drill/plan/plan.ts';
import type { CheckResult, LookResult } from '../evidence/event.ts';
import { BLACKHOLE } from '../link/toxics.ts';
import type { LabRegion, NodeLook } from '../topology/system/region.ts';
import { apply, proveSilent, stillSilent, type FaultContext, type LookContext } from './fault.ts';
import { lastsMs, looksAt, silenceMs, stillAre } from './nodes.ts';
import { proveNothingCrosses, stillNothingCrosses } from './replication-probe.ts';

/** How a region is lost, which resolves to what was done; the proof of it; and the later look. */
export interface Way<K extends FaultKind = FaultKind> {
  readonly lose: (context: FaultContext<K>) => Promise<string>;
  readonly prove: (context: FaultContext<K>) => Promise<CheckResult[]>;
  readonly look: (context: LookContext<K>) => Promise<LookResult[]>;
}

export const NETWORK: Readonly<Record<NetworkPart, Way>> = {
  both: {
    lose: async (context) => {
      const region = regionHit(context);
      await apply(context, region.isolate());
      return `the network of ${region.name} is silent; ${nodesOf(region)} live`;
    },
    prove: async (context) => {
      const [silence, crossing] = await Promise.all([
        proveSilence(context, 'running'),
        proveUncrossed(context),
      ]);
      return [...silence, ...crossing];
    },
    look: async (context) => {
      const crossing = stillNothingCrosses(context);
      return [...(await stillLost(context, 'running')), ...(await crossing)];
    },
  },
  clients: {
    lose: async (context) => {
      const { name, edge } = regionHit(context);
      await apply(context, edge.disturb(BLACKHOLE));
      return `link ${edge.name} is silent; ${name} and the other region hear each other`;
    },
    prove: async (context) => {
      // Without an app no client has a way there that could be silent: its nodes prove nothing.
      if (regionHit(context).edge.proxies.length === 0) return [];
      return await proveSilence(context, 'running');
    },
    look: async (context) => await stillLost(context, 'running'),
  },
  replication: {
    lose: async (context) => {
      const { plan, system } = context;
      const link = system.link(replicationLink(plan.replication));
      await apply(context, link.disturb(BLACKHOLE));
      return `link ${link.name} is silent; clients hear ${context.fault.region}`;
    },
    prove: proveUncrossed,
    look: async (context) => await stillNothingCrosses(context),
  },
};

export function regionHit({ fault, system }: FaultContext): LabRegion {
  return system.region(fault.region);
}

export function nodesOf(region: LabRegion): string {
  return region
    .nodes()
    .map(({ node }) => node)
    .join(', ');
}

/**
 * The processes are as they should be, and whoever speaks to one of them through the edge link
 * hears nothing: no answer, and no word that there will be none.
 */
export async function proveSilence(
  context: FaultContext,
  state: NodeLook['state'],
): Promise<CheckResult[]> {
  const region = regionHit(context);
  const probe_ms = silenceMs(context);
  return await Promise.all([
    ...looksAt(region.nodes(), state, probe_ms),
    ...proveSilent(region.edge, probe_ms),
  ]);
}

/** A fence may have cut its links too. */
export async function stillLost(
  context: LookContext,
  wanted: NodeLook['state'],
): Promise<LookResult[]> {
  const region = regionHit(context);
  const nodes = stillAre(context, region.nodes(), wanted);
  return await Promise.all([...nodes, ...stillSilent(context, region.edge)]);
}

async function proveUncrossed(context: FaultContext): Promise<CheckResult[]> {
  const limits = { watch_ms: silenceMs(context), lasts_ms: lastsMs(context) };
  return [await proveNothingCrosses(context, limits)];
}

// lose-region: a whole region is lost at once. Its power goes (kill), its network goes silent while
// its processes live (partition), or all of it stands still (freeze). What lives comes back when
// the fault is healed; what was killed does not.
import type { LossWay } from '../drill/fault/lose-region.ts';
import { replicationLink } from '../drill/plan/plan.ts';
import type { CheckResult, LookResult } from '../evidence/event.ts';
import { proveNothingCrosses, stillNothingCrosses } from './replication-probe.ts';
import {
  apply,
  proveSilent,
  stillSilent,
  type Fault,
  type FaultContext,
  type LookContext,
} from './fault.ts';
import { lastsMs, looksAt, silenceMs, stillAre } from './nodes.ts';
import { needed, type NodeLook, type Region } from '../topology/system/region.ts';

const PROBE_MS = 500;

export const loseRegion: Fault<'lose-region'> = {
  kind: 'lose-region',
  inject: async (context) => ({ detail: await WAYS[context.fault.how].lose(context) }),
  prove: async (context) => await WAYS[context.fault.how].prove(context),
  look: async (context) => await WAYS[context.fault.how].look(context),
};

type Context = FaultContext<'lose-region'>;

/** How a region is lost, which resolves to what was done; the proof of it; and the later look. */
interface Way {
  readonly lose: (context: Context) => Promise<string>;
  readonly prove: (context: Context) => Promise<CheckResult[]>;
  readonly look: (context: LookContext<'lose-region'>) => Promise<LookResult[]>;
}

const WAYS: Readonly<Record<LossWay, Way>> = {
  // What is dead stays so, whatever a recovery does elsewhere.
  kill: { lose: kill, prove: proveKill, look: proveKill },
  partition: {
    lose: async (context) => {
      const region = lostRegion(context);
      await apply(context, region.isolate());
      return `the network of ${region.name} is silent; ${nodesOf(region)} live`;
    },
    prove: provePartition,
    look: async (context) => {
      const crossing = stillNothingCrosses(context);
      return [...(await stillLost(context, 'running')), ...(await crossing)];
    },
  },
  freeze: {
    lose: async (context) => {
      const region = lostRegion(context);
      await apply(context, region.freeze());
      return `${nodesOf(region)} stand still; links up`;
    },
    prove: async (context) => await proveSilence(context, 'frozen'),
    look: async (context) => await stillLost(context, 'frozen'),
  },
};

function lostRegion({ fault, system }: Context): Region {
  return system.region(fault.region);
}

async function kill({ plan, fault, system }: Context): Promise<string> {
  const region = system.region(fault.region);
  // The links first, by some milliseconds: what is still on its way to the standby is lost with
  // them, as it is in the buffers of a region without power. The other way round every byte in
  // flight would arrive while the kill takes place. Replication before the clients: the proxy
  // server takes them one after the other, and what clients no longer wait for would still arrive.
  const replication = system.link(replicationLink(plan.replication));
  await Promise.all([replication.sever(), region.edge.sever()]);
  await region.kill();
  const isDestroyed = fault.disks === 'destroyed';
  if (isDestroyed) await needed(region.destroyDisks, 'destroy-disks', region.name)();
  const disks = isDestroyed ? ', disks destroyed' : '';
  return `killed ${nodesOf(region)}; links down${disks}`;
}

function nodesOf(region: Region): string {
  const names = region.nodes().map(({ node }) => node);
  return names.join(', ');
}

/**
 * The processes are gone, nothing of the run is behind their ports any more, nor behind any proxy
 * of the region's edge link.
 */
async function proveKill({ fault, system }: Context): Promise<CheckResult[]> {
  const region = system.region(fault.region);
  const proxies = region.edge.proxies.map(async (proxy): Promise<CheckResult> => {
    const { listens, detail } = await system.mayListen(proxy, PROBE_MS);
    return { name: `link ${proxy.name} is down`, ok: !listens, detail };
  });
  return await Promise.all([...looksAt(region.nodes(), 'dead', PROBE_MS), ...proxies]);
}

/**
 * The processes are as they should be, and whoever speaks to one of them through the edge link
 * hears nothing: no answer, and no word that there will be none.
 */
async function proveSilence(context: Context, state: NodeLook['state']): Promise<CheckResult[]> {
  const region = lostRegion(context);
  const probe_ms = silenceMs(context);
  return await Promise.all([
    ...looksAt(region.nodes(), state, probe_ms),
    ...proveSilent(region.edge, probe_ms),
  ]);
}

/** Clients hear nothing of the region, and neither does the other region. */
async function provePartition(context: Context): Promise<CheckResult[]> {
  const limits = { watch_ms: silenceMs(context), lasts_ms: lastsMs(context) };
  const [silence, replication] = await Promise.all([
    proveSilence(context, 'running'),
    proveNothingCrosses(context, limits),
  ]);
  return [...silence, replication];
}

/** A fence may have cut its links too. */
async function stillLost(
  context: LookContext<'lose-region'>,
  wanted: NodeLook['state'],
): Promise<LookResult[]> {
  const region = lostRegion(context);
  const nodes = stillAre(context, region.nodes(), wanted);
  return await Promise.all([...nodes, ...stillSilent(context, region.edge)]);
}

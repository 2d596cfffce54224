// lose-region: a whole region is lost at once. Its power goes (kill), its network goes silent while
// its processes live (partition), or all of it stands still (freeze). What lives comes back when
// the fault is healed; what was killed does not.
import type { LossWay } from '../drill/fault/lose-region.ts';
import { replicationLink } from '../drill/plan/plan.ts';
import type { CheckResult } from '../evidence/event.ts';
import { apply, PROBE_MS, type Fault, type FaultContext } from './fault.ts';
import { looksAt } from './nodes.ts';
import { NETWORK, nodesOf, proveSilence, regionHit, stillLost, type Way } from './network.ts';
import { needed } from '../topology/system/region.ts';

export const loseRegion: Fault<'lose-region'> = {
  kind: 'lose-region',
  inject: async (context) => ({ detail: await WAYS[context.fault.how].lose(context) }),
  prove: async (context) => await WAYS[context.fault.how].prove(context),
  look: async (context) => await WAYS[context.fault.how].look(context),
};

type Context = FaultContext<'lose-region'>;

const WAYS: Readonly<Record<LossWay, Way<'lose-region'>>> = {
  // What is dead stays so, whatever a recovery does elsewhere.
  kill: { lose: kill, prove: proveKill, look: proveKill },
  partition: NETWORK.both,
  freeze: {
    lose: async (context) => {
      const region = regionHit(context);
      await apply(context, region.freeze());
      return `${nodesOf(region)} stand still; links up`;
    },
    prove: async (context) => await proveSilence(context, 'frozen'),
    look: async (context) => await stillLost(context, 'frozen'),
  },
};

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

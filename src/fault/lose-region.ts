// lose-region: a whole region is lost at once. Its power goes (kill), its network goes silent while
// its processes live (partition), or all of it stands still (freeze). What lives comes back when
// the fault is healed; what was killed does not.
import type { LossWay } from '../drill/fault/lose-region.ts';
import type { PlannedFault } from '../drill/fault/registry.ts';
import { replicationLink, type Plan } from '../drill/plan/plan.ts';
import type { CheckResult } from '../evidence/event.ts';
import { probe } from '../host/probe.ts';
import type { NodeLook } from '../topology/system/node.ts';
import type { Region } from '../topology/system/region.ts';
import { proveNothingCrosses } from './replication-probe.ts';
import { apply, type Fault, type FaultContext, type Injected } from './fault.ts';
import { needed } from '../topology/system/ability.ts';

const PROBE_MS = 500;
/** A part answers much sooner than this; less would prove nothing of its silence. */
const SILENCE_LEAST_MS = 50;
/** A look at a node takes twice its time at most, and the machine may be busy. */
const SPARE = 4;

export const loseRegion: Fault<'lose-region'> = {
  kind: 'lose-region',
  inject: (context) => WAYS[context.fault.how].inject(context),
  prove: (context) => WAYS[context.fault.how].prove(context),
};

const WAYS: Readonly<Record<LossWay, Pick<Fault<'lose-region'>, 'inject' | 'prove'>>> = {
  kill: { inject: kill, prove: proveKill },
  partition: { inject: partition, prove: provePartition },
  freeze: { inject: freeze, prove: (context) => proveSilence(context, 'frozen') },
};

async function kill({ plan, fault, system }: FaultContext<'lose-region'>): Promise<Injected> {
  const region = system.region(fault.region);
  // The links first, by some milliseconds: what is still on its way to the standby is lost with
  // them, as it is in the buffers of a region without power. The other way round every byte in
  // flight would arrive while the kill takes place. Replication before the clients: the proxy
  // server takes them one after the other, and what clients no longer wait for would still arrive.
  const replication = system.link(replicationLink(plan.replication));
  await Promise.all([replication.sever(), region.edge.sever()]);
  await region.power.kill();
  const isDestroyed = fault.disks === 'destroyed';
  if (isDestroyed) await needed(region.disks, 'destroy-disks', region.name).destroy();
  const disks = isDestroyed ? ', disks destroyed' : '';
  return { detail: `killed ${nodesOf(region)}; links down${disks}` };
}

async function partition(context: FaultContext<'lose-region'>): Promise<Injected> {
  const { fault, system } = context;
  const region = system.region(fault.region);
  await apply(context, needed(region.network, 'isolate', region.name).isolate());
  return { detail: `the network of ${fault.region} is silent; ${nodesOf(region)} live` };
}

async function freeze(context: FaultContext<'lose-region'>): Promise<Injected> {
  const region = context.system.region(context.fault.region);
  await apply(context, needed(region.suspend, 'freeze', region.name).freeze());
  return { detail: `${nodesOf(region)} stand still; links up` };
}

function nodesOf(region: Region): string {
  return region
    .nodes()
    .map(({ node }) => node)
    .join(', ');
}

/**
 * The processes are gone, nothing of the run is behind their ports any more, nor behind any proxy
 * of the region's edge link.
 */
async function proveKill({ fault, system }: FaultContext<'lose-region'>): Promise<CheckResult[]> {
  const region = system.region(fault.region);
  const proxies = region.edge.proxies.map(async (proxy): Promise<CheckResult> => {
    const { listens, detail } = await system.mayListen(proxy, PROBE_MS);
    return { name: `link ${proxy.name} is down`, ok: !listens, detail };
  });
  return await Promise.all([...looksAt(region, 'dead', PROBE_MS), ...proxies]);
}

/**
 * The processes are as they should be, and whoever speaks to one of them through the edge link
 * hears nothing: no answer, and no word that there will be none.
 */
async function proveSilence(
  { plan, fault, system }: FaultContext<'lose-region'>,
  state: NodeLook['state'],
): Promise<CheckResult[]> {
  const region = system.region(fault.region);
  const probe_ms = silenceMs(plan, fault);
  const proxies = region.edge.proxies.map(async ({ name, host, port }): Promise<CheckResult> => {
    const { isSilent, detail } = await probe(host, port, probe_ms);
    return { name: `link ${name} is silent`, ok: isSilent, detail };
  });
  return await Promise.all([...looksAt(region, state, probe_ms), ...proxies]);
}

/** Clients hear nothing of the region, and neither does the other region. */
async function provePartition(context: FaultContext<'lose-region'>): Promise<CheckResult[]> {
  const { plan, fault } = context;
  const limits = { watch_ms: silenceMs(plan, fault), lasts_ms: lastsMs(plan, fault) };
  const [silence, replication] = await Promise.all([
    proveSilence(context, 'running'),
    proveNothingCrosses(context, limits),
  ]);
  return [...silence, replication];
}

/** The silence must be seen before it is over, and before a recovery kills what is looked at. */
function silenceMs(plan: Plan, fault: PlannedFault): number {
  return Math.max(SILENCE_LEAST_MS, Math.min(PROBE_MS, lastsMs(plan, fault) / SPARE));
}

/** A recovery begins then: a standby that was promoted tells nothing of what came to it. */
function lastsMs({ gslb }: Plan, { heal_after_ms }: PlannedFault): number {
  const detected_ms = (gslb.failures - 1) * gslb.every_ms + gslb.timeout_ms;
  return Math.min(detected_ms, heal_after_ms ?? Infinity);
}

function looksAt(region: Region, wanted: NodeLook['state'], ms: number): Promise<CheckResult>[] {
  return region.nodes().map(async (node): Promise<CheckResult> => {
    const { state, detail } = await node.look(ms);
    return { name: `${node.node} is ${wanted}`, ok: state === wanted, detail };
  });
}

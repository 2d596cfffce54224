// lose-region: every process of a region dies at once and its links go down, as in a power cut. The
// region does not come back during the run.
import { replicationLink } from '../drill/plan.ts';
import type { CheckResult } from '../evidence/event.ts';
import { mayListen } from '../host/http.ts';
import type { Fault, FaultContext, Injected } from './fault.ts';

const PROBE_MS = 500;

export const loseRegion: Fault = {
  kind: 'lose-region',
  summary: 'SIGKILL to every process of a region at once, and its links down',
  settings: {
    region: 'the region that is lost',
    at: 'when, after the steady state: a duration, or a range such as 1s..4s drawn from the seed',
  },
  inject,
  prove,
};

async function inject({ plan, fault, system }: FaultContext): Promise<Injected> {
  const region = system.region(fault.region);
  const nodes = region.nodes().map((node) => node.node);
  // The links first, by some milliseconds: what is still on its way to the standby is lost with
  // them, as it is in the buffers of a region without power. The other way round every byte in
  // flight would arrive while the kill takes place. Replication before the clients: the proxy
  // server takes them one after the other, and what clients no longer wait for would still arrive.
  const replication = system.link(replicationLink(plan.replication));
  await Promise.all([replication.cut(), region.edge.cut()]);
  await region.kill();
  return { detail: `killed ${nodes.join(', ')}; links down`, heal: null };
}

/**
 * The processes are gone, nothing of the run is behind their ports any more, nor behind any proxy
 * of the region's edge link.
 */
async function prove({ run, fault, system }: FaultContext): Promise<CheckResult[]> {
  const region = system.region(fault.region);
  const nodes = region.nodes().map(async (node): Promise<CheckResult> => {
    const alive = node.pids();
    const { listens, detail } = await mayListen(node, run, PROBE_MS);
    return {
      name: `${node.node} is dead`,
      ok: alive.length === 0 && !listens,
      detail: `${alive.length} processes, port ${node.port} ${detail}`,
    };
  });
  const proxies = region.edge.proxies.map(async (proxy): Promise<CheckResult> => {
    const { listens, detail } = await mayListen(proxy, run, PROBE_MS);
    return { name: `link ${proxy.name} is down`, ok: !listens, detail };
  });
  return await Promise.all([...nodes, ...proxies]);
}

// The fence around a lost region: what shuts it out, and how it is seen to hold. A region that was
// only cut off, or that stands still, is alive: it must be dead before another takes over.
import { allDone } from '../base/all-done.ts';
import { replicationLink, type Plan } from '../drill/plan/plan.ts';
import type { CheckResult, Emit } from '../evidence/event.ts';
import { areStopped } from '../host/process/processes.ts';
import type { NodeState } from '../topology/system/region.ts';
import type { Store } from '../topology/system/store.ts';
import type { Lab } from '../topology/system/system.ts';

const WRITE_PROBE_MS = 300;
const CONNECT_PROBE_MS = 300;
const LOOK_MS = 300;

interface Fenced {
  readonly plan: Plan;
  readonly system: Lab;
  /** The name of the region that must take no write any more. */
  readonly lost: string;
}

interface PutUp extends Fenced {
  readonly emit: Emit;
}

/**
 * By ways that need nothing of the region itself: its links at the proxy server, its processes at
 * whoever runs them. What still lived is told: nobody sees it afterwards, and it tells whether the
 * fault had lasted until then.
 */
export async function putUpFence({ plan, system, lost, emit }: PutUp): Promise<void> {
  const region = system.region(lost);
  const [running, frozen]: [string[], string[]] = [[], []];
  for (const each of region.nodes()) {
    const pids = each.pids();
    if (pids.length > 0) (areStopped(pids) ? frozen : running).push(each.node);
  }
  if (running.length + frozen.length > 0) emit('fence.found', { region: lost, running, frozen });
  const replication = system.link(replicationLink(plan.replication));
  await allDone([region.edge.sever(), replication.sever(), region.kill()]);
}

/**
 * Tried from outside: a write on each store, a connection through each proxy that leads there, and
 * whether anything of it lives. A server that merely refuses writes is not fenced: it can be told
 * to take them again.
 */
export async function checkFence({ plan, system, lost }: Fenced): Promise<CheckResult[]> {
  const region = system.region(lost);
  const replication = system.link(replicationLink(plan.replication));
  const proxies = [...region.edge.proxies, ...replication.proxies];
  return await Promise.all([
    ...[...region.stores.values()].map(takesNoWrite),
    ...region.nodes().map(isDead),
    ...proxies.map(async (proxy): Promise<CheckResult> => {
      const { listens, detail } = await system.mayListen(proxy, CONNECT_PROBE_MS);
      return { name: `link ${proxy.name} is down`, ok: !listens, detail };
    }),
  ]);
}

export async function takesNoWrite(store: Store): Promise<CheckResult> {
  const { accepted, detail } = await store.tryWrite(WRITE_PROBE_MS);
  return { name: `${store.node} takes no write`, ok: !accepted, detail };
}

async function isDead(node: NodeState): Promise<CheckResult> {
  const { state, detail } = await node.look(LOOK_MS);
  return { name: `${node.node} is dead`, ok: state === 'dead', detail: `${state}: ${detail}` };
}

// Works with a system of processes that another runner brought up and left running: nothing is
// started, everything is looked at first, and it stays up afterwards.
import { join } from 'node:path';
import { replicationLink, storesOf as planStores } from '../../drill/plan/plan.ts';
import { mayListen } from '../../host/http.ts';
import { isStillThere } from '../../host/process/other-process.ts';
import { markedEnvironment } from '../../host/process/processes.ts';
import { attachLinks } from '../../link/attach.ts';
import type { Links } from '../../link/links.ts';
import { adoptServer } from '../../postgres/server/launcher.ts';
import { DATABASE } from '../../postgres/server/template.ts';
import { emptyOrders } from '../../postgres/server/empty.ts';
import { locateRedis } from '../../redis/binaries.ts';
import { emptyCarts } from '../../redis/empty.ts';
import { adoptServer as adoptRedis } from '../../redis/launcher.ts';
import { openCarts } from '../assembled/carts.ts';
import { adminAddress, openDatabase } from '../assembled/database.ts';
import { describeSystem } from '../assembled/description.ts';
import { attachGslb } from '../assembled/gslb.ts';
import type { RunningGslb } from '../assembled/gslb.ts';
import type { KeptPlace, Variables } from '../runtime.ts';
import { ordersIn, regionIn } from '../system/region.ts';
import type { RunPlace, System, UpContext } from '../system/system.ts';
import {
  type Emptied,
  emptyStores,
  notIntact,
  orNotIntact,
  requireIntact,
} from '../assembled/intact.ts';
import { openDead } from './database.ts';
import type { EmbeddedParts, KeptApp, KeptServer } from './keep.ts';
import { watchOther, type NodeContext } from './nodes.ts';
import { openDeadCarts, type CartsKit } from './redis-servers.ts';
import { EmbeddedRegion } from './region.ts';
import { usageOfRegions } from './usage.ts';

interface ReuseOptions extends KeptPlace {
  /** What `keep` wrote. */
  readonly embedded: EmbeddedParts;
  readonly environment: Variables;
}

export async function reuse(
  place: KeptPlace,
  context: UpContext,
  environment: Variables,
): Promise<System> {
  const options = { ...place, embedded: place.kept.parts as EmbeddedParts, environment };
  return await orNotIntact(() => attach(context, options), context, options);
}

/** What is attached to, seen from the run that attaches. */
interface Attached {
  /** The run's own clock, journal and plan, in the place of the system. */
  readonly context: UpContext;
  readonly options: ReuseOptions;
  readonly nodes: NodeContext;
  readonly links: Links;
  readonly regions: ReadonlyMap<string, EmbeddedRegion>;
  readonly gslb: RunningGslb;
}

async function attach(own: UpContext, options: ReuseOptions): Promise<System> {
  const { kept, directory, environment, embedded } = options;
  const { id: run, scratch } = own.place;
  const ending = new AbortController();
  const closers: (() => Promise<void>)[] = [];
  await own.defer({ undo: 'processes', run, directory: scratch }, async () => {
    ending.abort();
    await Promise.all(closers.map((close) => close()));
  });
  requireProcesses(options, own);
  const logs = join(directory, 'logs');
  const place: RunPlace = { id: kept.run, directory, logs, scratch: embedded.scratch };
  const context: UpContext = { ...own, place };
  const marked = markedEnvironment(environment, kept.run);
  const nodes: NodeContext = { environment: marked, logs, clock: own.clock, emit: own.emit };
  const { links, problems } = await attachLinks(embedded.proxy.url, knownLinks(options, own));
  if (problems.length > 0) throw notIntact(options, own, problems);
  const { host, port, control } = embedded.gslb;
  const { origin_ms } = embedded;
  for (const part of ['gslb', 'proxy'] as const) {
    watchOther(nodes, part, embedded[part], ending.signal);
  }
  const known = { control, address: { host, port }, origin_ms };
  const gslb = await attachGslb(known, own, options, closers);
  const regions = new Map<string, EmbeddedRegion>();
  const attached: Attached = { context, options, nodes, links, regions, gslb };
  const carts = cartsOf(attached);
  for (const { name } of own.plan.regions) {
    const region = attachRegion(attached, carts, name, ending.signal);
    regions.set(name, region);
    closers.push(() => region.letGo());
  }
  const region = (name: string) => regions.get(name)!;
  await requireIntact({ region, gslb }, own, options);
  const rows = await emptyStores(storesOf(attached), own, options);
  own.emit('stores.emptied', { rows });
  return systemOf(attached);
}

/** Every process of the system, each region's by region; those that are gone are told together. */
function requireProcesses(options: ReuseOptions, { plan, place }: UpContext): void {
  const stores = planStores(plan).length;
  const { servers, apps, carts, gslb, proxy } = options.embedded;
  const problems: string[] = [];
  for (const { name, app } of plan.regions) {
    const known = [...servers, ...(carts?.servers ?? []), ...apps].filter(
      ({ region }) => region === name,
    );
    const gone = known.filter((process) => !isStillThere(process)).map(({ node }) => node);
    const isShort = known.length < stores + app.instances;
    if (known.length === 0 || gone.length === known.length) problems.push(`region ${name} is gone`);
    else if (gone.length > 0) problems.push(`${gone.join(', ')} of region ${name} gone`);
    else if (isShort) problems.push(`region ${name} was not whole when it was left running`);
  }
  for (const one of [gslb, proxy]) if (!isStillThere(one)) problems.push(`${one.node} is gone`);
  if (problems.length > 0) throw notIntact(options, { place }, problems);
}

function knownLinks({ embedded }: ReuseOptions, { plan }: UpContext) {
  return embedded.links.map((link) => ({ ...link, delay: plan.links[link.name] ?? null }));
}

/** Null where the system has no Redis. */
function cartsOf({ context, options, nodes: { environment } }: Attached): CartsKit | null {
  const { carts } = options.embedded;
  const planned = context.plan.redis;
  if (carts === null || planned === null) return null;
  const { password } = carts;
  const binaries = locateRedis(environment);
  return { context, environment, binaries, password, planned, nodes: [] };
}

/** What clients wrote before this run. */
function storesOf({ context, options, regions }: Attached): Emptied[] {
  const { from } = context.plan.replication;
  const { embedded } = options;
  const active = regionIn(regions, from);
  const carts = active.stores.get('carts');
  const address = adminAddress(serverOf(options, from), embedded.admin);
  const stores: Emptied[] = [{ store: ordersIn(active), empty: () => emptyOrders(address) }];
  const server = embedded.carts?.servers.find(({ region }) => region === from);
  if (carts === undefined || server === undefined) return stores;
  const redis = { host: server.host, port: server.port, password: embedded.carts!.password };
  return [...stores, { store: carts, empty: () => emptyCarts(redis) }];
}

function attachRegion(
  attached: Attached,
  carts: CartsKit | null,
  name: string,
  ending: AbortSignal,
): EmbeddedRegion {
  const { context, options, nodes, links, gslb } = attached;
  const { plan, clock, emit } = context;
  const { embedded } = options;
  const server = serverOf(options, name);
  const { node: title, data, logFile } = server;
  const { bin } = embedded.postgres;
  const region = new EmbeddedRegion({
    name,
    context,
    nodes,
    capacity_per_s: plan.regions.find((each) => each.name === name)!.app.capacity_per_s,
    workload: { ...embedded.workload, database: DATABASE },
    replication: () => links.get(replicationLink(plan.replication)),
    deadDisk: {
      open: async (store) => {
        if (store === 'carts') return carts && (await openDeadCarts(carts, name));
        const { environment } = nodes;
        return openDead({ title, bin, data, environment, logFile, clock }, embedded.admin);
      },
    },
    isKept: true,
    abilities: {},
  });
  region.attachEdge(links.get(`clients-${name}`));
  const watched = watchOther({ clock, emit }, title, server, ending);
  const adopted = adoptServer({ ...server, title, clock }, watched.ended);
  const { from, to } = plan.replication;
  const database = openDatabase({
    ...{ server: adopted, admin: embedded.admin, workloadUser: embedded.workload.user, clock },
    peer: name === from ? to : from,
  });
  region.attachDatabase(adopted, watched, database);
  if (carts !== null) attachCarts(region, attached, ending);
  for (const app of appsOf(options, name)) {
    const { host, port } = app;
    region.apps.adopt(watchOther({ clock, emit }, app.node, app, ending), { host, port });
  }
  region.apps.onInstance = (endpoint) => gslb.addEndpoint(endpoint);
  return region;
}

function attachCarts(region: EmbeddedRegion, attached: Attached, ending: AbortSignal): void {
  const { clock, emit } = attached.context;
  const { password, servers } = attached.options.embedded.carts!;
  const found = servers.find((each) => each.region === region.name)!;
  const watched = watchOther({ clock, emit }, found.node, found, ending);
  const { pid, port, node: title } = found;
  const server = adoptRedis({ title, password, clock, pid, port }, watched.ended);
  region.attachCarts({ server, watched, carts: openCarts(server, clock) });
}

function serverOf({ embedded }: ReuseOptions, name: string): KeptServer {
  return embedded.servers.find(({ region }) => region === name)!; // `requireProcesses` saw it
}

function appsOf({ embedded }: ReuseOptions, name: string): KeptApp[] {
  return embedded.apps.filter(({ region }) => region === name);
}

function systemOf(attached: Attached): System {
  const { context, options, links, regions, gslb } = attached;
  const { kept, embedded } = options;
  const all = [...regions.values()];
  return {
    description: describeSystem(context.plan, {
      ...{ runtime: 'embedded', postgres: embedded.postgres.version, proxy: links, gslb },
      regions: all,
      reachable: all.flatMap((region) => region.nodes()),
    }),
    gslb,
    region: (name) => regionIn(regions, name),
    link: (name) => links.get(name),
    mark: kept.run,
    directory: options.directory,
    mayListen: (proxy, timeout_ms) => mayListen(proxy, kept.run, timeout_ms),
    workloadDatabase: { ...embedded.workload, database: DATABASE },
    usage: () => {
      const { from } = context.plan.replication;
      const directories = new Map(embedded.servers.map(({ node, data }) => [node, data]));
      return usageOfRegions({
        regions: all,
        from,
        directories,
        storage: null,
        bidirectional: null,
      });
    },
    backups: null,
    bidirectional: null,
    keep: () => Promise.resolve([...kept.nodes]),
  };
}

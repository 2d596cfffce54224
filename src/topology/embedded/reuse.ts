// Works with a system of processes that another runner brought up and left running: nothing is
// started, everything is looked at first, and it stays up afterwards.
import { join } from 'node:path';
import { replicationLink, storesOf as planStores, type Plan } from '../../drill/plan/plan.ts';
import type { Clock } from '../../host/clock.ts';
import { mayListen } from '../../host/http.ts';
import { processEnvironment } from '../../host/process/environment.ts';
import {
  findRunProcesses,
  isStillThere,
  killTrees,
  liveTree,
  untilGone,
} from '../../host/process/processes.ts';
import { attachLinks } from '../../link/adopt.ts';
import type { Links } from '../../link/links.ts';
import { locatePostgres } from '../../postgres/server/binaries.ts';
import { databaseIdentity } from '../../postgres/server/identity.ts';
import { adoptServer } from '../../postgres/server/launcher.ts';
import { locateRedis } from '../../redis/binaries.ts';
import { adoptServer as adoptRedis } from '../../redis/launcher.ts';
import { openDatabase } from '../assembled/database.ts';
import { startEnded } from '../assembled/start-ended.ts';
import { goneFrom, makeReady, notIntact, takeUp } from '../assembled/intact.ts';
import { UNLED } from '../assembled/protection.ts';
import { AssembledRegion } from '../assembled/region.ts';
import { systemOf } from '../assembled/system.ts';
import type { EndedNode, KeptPlace, Variables } from '../runtime.ts';
import type { RunPlace, Lab, UpContext } from '../system/system.ts';
import { ProcessDriver, type ProcessRegion } from './driver.ts';
import { gslbNode } from './freeze.ts';
import { keepAgain, type EmbeddedParts } from './keep.ts';
import {
  endProgram,
  nodeAt,
  usageOfNodes,
  watch,
  watchOther,
  type Processes,
} from './processes.ts';
import { joinCarts, openDeadCarts, startDeadCarts, type CartsKit } from './redis-servers.ts';
import { openDead, startDeadServer } from './dead-servers.ts';

const GONE_MS = 5_000;

interface ReuseOptions extends KeptPlace {
  /** The parts that `keep` wrote. */
  readonly embedded: EmbeddedParts;
  readonly environment: Variables;
}

export async function reuse(
  place: KeptPlace,
  context: UpContext,
  environment: Variables,
): Promise<Lab> {
  const options = { ...place, embedded: place.kept.parts as EmbeddedParts, environment };
  return await takeUp(context, options, (ends) => attach(context, options, ends));
}

async function attach(
  own: UpContext,
  options: ReuseOptions,
  ends: Processes['ends'],
): Promise<Lab> {
  const { kept, embedded } = options;
  const { plan } = own;
  requireProcesses(options, own);
  const { place, processes, links, problems, regions, ending } = await attachAll(
    own,
    options,
    ends,
  );
  if (problems.length > 0) throw notIntact(options, own, problems);
  const { host, port, control } = embedded.gslb;
  const { origin_ms } = embedded;
  watchOther(processes, 'proxy', embedded.proxy, ending);
  const watched = watchOther(processes, 'gslb', embedded.gslb, ending);
  const address = { host, port };
  const node = gslbNode(watched, address, kept.run);
  const known = { control, address, origin_ms, node };
  const gslb = await makeReady({ regions, gslb: known }, own, options, ends);
  const directories = new Map(embedded.servers.map(({ node, data }) => [node, data]));
  const all = [...regions.values()];
  return systemOf({
    runtime: 'embedded',
    version: embedded.postgres.version,
    settings: {},
    plan,
    made: place,
    links,
    gslb,
    regions,
    hasDirectApps: true,
    directAt: (at) => Promise.resolve(at),
    protection: UNLED,
    workload: embedded.workload,
    mayListen: (proxy, timeout_ms) => mayListen(proxy, kept.run, timeout_ms),
    usage: () =>
      usageOfNodes(
        all.flatMap((each) => each.all),
        directories,
      ),
    keep: () => Promise.resolve([...kept.nodes]),
  });
}

/** Its regions and links as they are, whole or not. */
async function attachAll(
  own: UpContext,
  { kept, directory, environment, embedded, plan }: ReuseOptions,
  ends: Processes['ends'],
) {
  const { clock, emit } = own;
  const stopped = new AbortController();
  const ending = stopped.signal;
  ends.push(() => stopped.abort());
  const logs = join(directory, 'logs');
  const place: RunPlace = { id: kept.run, directory, logs, scratch: embedded.scratch };
  const marked = processEnvironment(environment, kept.run);
  const processes: Processes = {
    environment: marked,
    logs,
    clock,
    emit,
    run: kept.run,
    started: [],
    ends,
  };
  const known = knownLinks(embedded, own.plan);
  const { links, problems } = await attachLinks(embedded.proxy.url, known);
  const regions = new Map<string, ProcessRegion>();
  const context = { ...own, place };
  const attached = { context, embedded, processes, links, regions, own: environment };
  for (const { name } of plan.regions) attachRegion(attached, name, ending);
  return { place, processes, links, problems, regions, ending };
}

/** For whoever cleans up after a runner: a node that it had ended. */
export async function startAgain(
  taken: KeptPlace,
  ended: EndedNode,
  environment: Variables,
  clock: Clock,
): Promise<void> {
  const embedded = taken.kept.parts as EmbeddedParts;
  const { origin_ms } = embedded;
  await endUnknown(taken.kept.run, embedded, clock);
  await startEnded({ ...taken, origin_ms }, ended, clock, async (own, ends) => {
    return (await attachAll(own, { ...taken, embedded, environment }, ends)).regions;
  });
}

/** What a killed runner was starting again: of the system, and not yet in what `keep` wrote. */
async function endUnknown(run: string, embedded: EmbeddedParts, clock: Clock): Promise<void> {
  const { servers, apps, carts, gslb, proxy, scratch } = embedded;
  const known = [...servers, ...apps, ...(carts?.servers ?? []), gslb, proxy];
  const trees = new Set(known.filter(isStillThere).flatMap(({ pid }) => liveTree(pid)));
  const unknown = findRunProcesses(run, scratch).filter((pid) => !trees.has(pid));
  await untilGone(killTrees(unknown), clock, GONE_MS);
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
    const told = goneFrom(name, known.length, gone);
    problems.push(...told);
    if (told.length > 0 || !isShort) continue;
    problems.push(`region ${name} was not whole when it was left running`);
  }
  for (const one of [gslb, proxy]) if (!isStillThere(one)) problems.push(`${one.node} is gone`);
  if (problems.length > 0) throw notIntact(options, { place }, problems);
}

function knownLinks(embedded: EmbeddedParts, plan: Plan) {
  return embedded.links.map((link) => ({ ...link, delay: plan.links[link.name] ?? null }));
}

/** A system that is up, seen from the run that takes it up. */
interface Attached {
  /** The run's own clock, journal and plan, in the place of the system. */
  readonly context: UpContext;
  readonly embedded: EmbeddedParts;
  readonly processes: Processes;
  readonly links: Links;
  readonly regions: Map<string, ProcessRegion>;
  /** The environment of the run that takes it up, by which it finds programs. */
  readonly own: Variables;
}

function attachRegion(attached: Attached, name: string, ending: AbortSignal): void {
  const { context, embedded, processes, links, regions } = attached;
  const { plan, clock, signal } = context;
  const { environment, run } = processes;
  const found = embedded.servers.find(({ region }) => region === name)!;
  const { node: title, data, logFile } = found;
  const dead = async () => {
    const { bin } = await locatePostgres(attached.own, databaseIdentity());
    return { bin, data, logFile, environment };
  };
  const carts = cartsOf(attached);
  const edge = links.get(`clients-${name}`);
  const replication = links.get(replicationLink(plan.replication));
  const driver = new ProcessDriver({
    name,
    context,
    processes,
    edge,
    workload: embedded.workload,
    idle: [],
    startServer: async (store, asked, stop) => {
      if (store === 'carts') return await startDeadCarts(carts!, asked, replication, stop);
      const server = await startDeadServer({ ...(await dead()), context }, asked, stop);
      const watched = watch(title, server.pid, server.ended, context.emit);
      return nodeAt(watched, server, run, server);
    },
    onStarted: (node) => keepAgain(context.place.directory, node),
  });
  const peer = () => [...regions.values()].find((each) => each.name !== name)!;
  const region = new AssembledRegion({
    name,
    edge,
    replication,
    clock,
    signal,
    peer,
    driver,
    openDead: async (store) => {
      if (store === 'carts') return carts && (await openDeadCarts(carts, name));
      return await openDead({ ...(await dead()), title, clock }, embedded.admin);
    },
  });
  regions.set(name, region);
  const watched = watchOther(processes, title, found, ending);
  const server = adoptServer({ ...found, title, clock }, watched.ended);
  const store = openDatabase({
    server,
    admin: embedded.admin,
    workload: embedded.workload,
    clock,
    plan,
    region: name,
  });
  region.joinDatabase({ node: nodeAt(watched, server, run, server), store });
  joinKeptCarts(attached, region, ending);
  const apps = embedded.apps.filter((each) => each.region === name);
  region.instances = apps.map((app) => {
    const at = { host: app.host, port: app.port };
    const seen = watchOther(processes, app.node, app, ending);
    const stop = () => endProgram(seen, clock);
    return { node: nodeAt(seen, at, run, { stop }), at };
  });
  // What this runner has open; instances that it starts go on without it.
  processes.ends.push(async () => {
    for (const node of region.all) node.release();
    await region.close();
  });
}

function joinKeptCarts(
  { context, embedded, processes }: Attached,
  region: ProcessRegion,
  ending: AbortSignal,
): void {
  if (embedded.carts === null) return;
  const { clock } = context;
  const { password, servers } = embedded.carts;
  const { pid, port, node, ...redis } = servers.find((each) => each.region === region.name)!;
  const seen = watchOther(processes, node, { pid, ...redis }, ending);
  const server = adoptRedis({ title: node, password, clock, pid, port }, seen.ended);
  joinCarts(region, seen, server, processes);
}

/** Null where the system has no Redis. */
function cartsOf({ context, embedded, processes }: Attached): CartsKit | null {
  const { carts } = embedded;
  const planned = context.plan.redis;
  if (carts === null || planned === null) return null;
  const binaries = locateRedis(processes.environment);
  return { context, processes, binaries, password: carts.password, planned };
}

// Works with a system of processes that another runner brought up and left running: nothing is
// started, everything is looked at first, and it stays up afterwards.
import { join } from 'node:path';
import { replicationLink, storesOf as planStores } from '../../drill/plan/plan.ts';
import { mayListen } from '../../host/http.ts';
import { processEnvironment } from '../../host/process/environment.ts';
import { isStillThere } from '../../host/process/processes.ts';
import { attachLinks } from '../../link/adopt.ts';
import type { Links } from '../../link/links.ts';
import { locatePostgres } from '../../postgres/server/binaries.ts';
import { databaseIdentity } from '../../postgres/server/identity.ts';
import { adoptServer } from '../../postgres/server/launcher.ts';
import { locateRedis } from '../../redis/binaries.ts';
import { adoptServer as adoptRedis } from '../../redis/launcher.ts';
import { openDatabase } from '../assembled/database.ts';
import { goneFrom, makeReady, notIntact, takeUp } from '../assembled/intact.ts';
import { UNLED } from '../assembled/protection.ts';
import { AssembledRegion } from '../assembled/region.ts';
import { systemOf } from '../assembled/system.ts';
import type { KeptPlace, Variables } from '../runtime.ts';
import type { RunPlace, System, UpContext } from '../system/system.ts';
import { ProcessDriver, type ProcessRegion } from './driver.ts';
import type { EmbeddedParts } from './keep.ts';
import { nodeAt, usageOfNodes, watchOther, type Processes } from './processes.ts';
import { joinCarts, openDeadCarts, type CartsKit } from './redis-servers.ts';
import { openDead } from './servers.ts';

interface ReuseOptions extends KeptPlace {
  /** The parts that `keep` wrote. */
  readonly embedded: EmbeddedParts;
  readonly environment: Variables;
}

export async function reuse(
  place: KeptPlace,
  context: UpContext,
  environment: Variables,
): Promise<System> {
  const options = { ...place, embedded: place.kept.parts as EmbeddedParts, environment };
  return await takeUp(context, options, (ends) => attach(context, options, ends));
}

async function attach(
  own: UpContext,
  options: ReuseOptions,
  ends: Processes['ends'],
): Promise<System> {
  const { kept, directory, environment, embedded } = options;
  const { clock, emit, plan } = own;
  const ending = new AbortController();
  ends.push(() => ending.abort());
  requireProcesses(options, own);
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
  const { links, problems } = await attachLinks(embedded.proxy.url, knownLinks(options, own));
  if (problems.length > 0) throw notIntact(options, own, problems);
  const { host, port, control } = embedded.gslb;
  const { origin_ms } = embedded;
  for (const part of ['gslb', 'proxy'] as const) {
    watchOther(processes, part, embedded[part], ending.signal);
  }
  const known = { control, address: { host, port }, origin_ms };
  const regions = new Map<string, ProcessRegion>();
  const attached = {
    context: { ...own, place },
    embedded,
    processes,
    links,
    regions,
    own: environment,
  };
  for (const { name } of plan.regions) attachRegion(attached, name, ending.signal);
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

function knownLinks({ embedded }: ReuseOptions, { plan }: UpContext) {
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

/** `requireProcesses` saw all of its parts. */
function attachRegion(attached: Attached, name: string, ending: AbortSignal): void {
  const { context, embedded, processes, links, regions } = attached;
  const { plan, clock, signal } = context;
  const { environment, run } = processes;
  const found = embedded.servers.find(({ region }) => region === name)!;
  const { node: title, data, logFile } = found;
  const carts = cartsOf(attached);
  const edge = links.get(`clients-${name}`);
  const driver = new ProcessDriver({
    name,
    context,
    processes,
    edge,
    workload: embedded.workload,
    idle: [],
    isKept: true,
  });
  const replication = links.get(replicationLink(plan.replication));
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
      const { bin } = await locatePostgres(attached.own, databaseIdentity());
      return await openDead({ title, bin, data, environment, logFile, clock }, embedded.admin);
    },
  });
  regions.set(name, region);
  const watched = watchOther(processes, title, found, ending);
  const server = adoptServer({ ...found, title, clock }, watched.ended);
  const store = openDatabase({
    server,
    admin: embedded.admin,
    workloadUser: embedded.workload.user,
    clock,
    plan,
    region: name,
  });
  region.joinDatabase({ node: nodeAt(watched, server, run, server), store });
  if (embedded.carts !== null) {
    const { password, servers } = embedded.carts;
    const { pid, port, node, ...redis } = servers.find((each) => each.region === name)!;
    const seen = watchOther(processes, node, { pid, ...redis }, ending);
    joinCarts(
      region,
      seen,
      adoptRedis({ title: node, password, clock, pid, port }, seen.ended),
      processes,
    );
  }
  const apps = embedded.apps.filter((each) => each.region === name);
  region.instances = apps.map((app) => {
    const at = { host: app.host, port: app.port };
    return { node: nodeAt(watchOther(processes, app.node, app, ending), at, run), at };
  });
  // What this runner has open; instances that it starts go on without it.
  processes.ends.push(async () => {
    for (const { node } of region.instances) node.release();
    await region.close();
  });
}

/** Null where the system has no Redis. */
function cartsOf({ context, embedded, processes }: Attached): CartsKit | null {
  const { carts } = embedded;
  const planned = context.plan.redis;
  if (carts === null || planned === null) return null;
  const binaries = locateRedis(processes.environment);
  return { context, processes, binaries, password: carts.password, planned };
}

// The embedded runtime: two regions of real PostgreSQL and app processes on loopback, joined by
// proxied links.
import { join } from 'node:path';
import { allDone } from '../../base/all-done.ts';
import { replicationLink, type Plan } from '../../drill/plan/plan.ts';
import { STRATEGY_FACTS } from '../../drill/plan/strategies.ts';
import type { GslbEndpoint } from '../../gslb/protocol.ts';
import { findProgram } from '../../host/files.ts';
import { removeMarkedDirectory } from '../../host/tree/marked-directory.ts';
import { linesAtEnd, partFailure } from '../../host/machine/last-words.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { Address } from '../../host/ports.ts';
import {
  killTrees,
  postgresBelow,
  untilGone,
  type ProcessEnvironment,
} from '../../host/process/processes.ts';
import { describeExit } from '../../host/process/detached.ts';
import { startLinks, type StartedLinks } from '../../link/start.ts';
import { locatePostgres } from '../../postgres/server/binaries.ts';
import { databaseIdentity } from '../../postgres/server/identity.ts';
import { gslbOver, gslbSettings, RegionWatch, untilServing } from '../assembled/gslb.ts';
import { protect, type Protection } from '../assembled/protection.ts';
import type { Lab, UpContext } from '../system/system.ts';
import { APP_MODULE, appNode } from './driver.ts';
import { gslbNode } from './freeze.ts';
import { endAll, spawnNode, type Processes } from './processes.ts';
import { bringUpCarts, prepareCarts } from './redis-servers.ts';
import { pairDriver } from './replication.ts';
import {
  copyTemplate,
  joinServer,
  kitAgain,
  makeScratch,
  prepareServers,
  siteOf,
  startPrimary,
  type ServerKit,
} from './servers.ts';
import { prepareArchiving, spawnRepository, startRepository } from './repository.ts';
import { deferScrub } from './undo.ts';
import { assemble, regionsOf, type Ground, type Programs } from './system.ts';

export const GSLB_MODULE = new URL('../../gslb/main.ts', import.meta.url);
const GONE_MS = 2_000;

/** A place that serves one run after another. */
export interface HeldPlace {
  /** What was found when it was taken. */
  readonly kit: ServerKit;
  /** A program that may be running already and knows nothing of any run yet. */
  readonly spawn: typeof spawnNode;
  /** Lays a copy of the template where the site is. */
  readonly copy: typeof copyTemplate;
  /** Has the processes of this run end with it. */
  readonly deferEnd: (end: () => Promise<void>) => Promise<void>;
}

/**
 * `environment` is for the programs of the run, with its mark; `held` is the place, where that was
 * there before the run and stays after it.
 */
export async function bringUp(
  context: UpContext,
  environment: ProcessEnvironment,
  held: HeldPlace | null = null,
): Promise<Lab> {
  const ground = await prepare(context, environment, held);
  const { kit, carts, copies, programs } = ground;
  const { plan } = context;
  const { from, to } = plan.replication;
  const linked = startRunLinks(kit);
  const link = linked.then(({ links }) => links.create(replicationLink(plan.replication)));
  const assembled = Promise.all([linked, link]).then(([running]) => regionsOf(ground, running));
  const archiving = prepareArchiving(kit, programs.repository, link);
  const started = Promise.all([copies.get(from), archiving]).then(
    async ([, { settings }]) => await startPrimary(kit, kit.sites.get(from)!, settings),
  );
  const primary = Promise.all([assembled, started]).then(([regions, server]) =>
    joinServer(kit, regions.get(from)!, server),
  );
  const protectedBy = Promise.all([assembled, link, archiving, primary, copies.get(to)]).then(
    async ([regions, replication, archive]): Promise<Protection> => {
      const { store } = regions.get(from)!.database;
      return await protect(context, regions, {
        ...pairDriver(kit, replication, regions),
        startRepository: () =>
          startRepository(kit, programs.repository!, archive, replication, store),
      });
    },
  );
  const cartsUp = Promise.all([assembled, link]).then(async ([regions, replication]) => {
    if (carts !== null) await bringUpCarts(carts, regions, replication);
  });
  const endpointsOf = async ({ name, app }: Plan['regions'][number]): Promise<GslbEndpoint[]> => {
    const [regions] = await Promise.all([assembled, cartsUp, name === to ? protectedBy : primary]);
    if (!copies.has(name)) return [];
    const region = regions.get(name)!;
    const numbers = Array.from({ length: app.instances }, (_, i) => i + 1);
    const [database, apps] = await Promise.all([
      region.exposeDatabase(),
      region.startApps(numbers),
    ]);
    return [database, ...apps];
  };
  const endpoints = new Map(plan.regions.map((region) => [region.name, endpointsOf(region)]));
  const begun = startGslb(context, programs, endpoints);
  // All of it ends before a failure goes on: nothing may start after the clean-up began.
  const all = [linked, assembled, archiving, primary, protectedBy, cartsUp, ...copies.values()];
  await Promise.allSettled([...endpoints.values(), begun, ...all]);
  await Promise.all(all);
  const running = await linked;
  const [gslb] = await Promise.all([begun, delayLinks(plan, running)]);
  return assemble(ground, running, await assembled, gslb, await protectedBy);
}

/**
 * It begins once those who serve are there, and is told of the others as they come: a standby takes
 * a while to follow.
 */
async function startGslb(
  context: UpContext,
  { gslb: node, watch }: Programs,
  endpoints: ReadonlyMap<string, Promise<GslbEndpoint[]>>,
): Promise<ReturnType<typeof gslbOver>> {
  const { clock, signal } = context;
  const settings = gslbSettings(context);
  const { serving } = settings;
  const known = await Promise.all(serving.map((name) => endpoints.get(name)!));
  const address = (await node.begin({ ...settings, endpoints: known.flat() })) as Address;
  const gslb = gslbOver({
    channel: node.program,
    address,
    watch,
    clock,
    node: gslbNode(node, address, context.place.id),
  });
  const others = [...endpoints].filter(([name]) => !serving.includes(name));
  await allDone([
    untilServing(gslb, serving, clock, signal),
    ...others.map(async ([, added]) => {
      for (const endpoint of await added) await gslb.addEndpoint(endpoint);
    }),
  ]);
  return gslb;
}

/**
 * Registers every undo, then starts what needs a while and no one else to be there: the copies of
 * the template, and the programs. The copies come first: a process that is started while programs
 * load waits for a processor, and so does whoever starts it.
 */
async function prepare(
  context: UpContext,
  environment: ProcessEnvironment,
  held: HeldPlace | null,
): Promise<Ground> {
  const { plan } = context;
  const processes = processesOf(context, environment);
  const carts = prepareCarts(context, processes);
  const sites = new Map(plan.regions.map(({ name }) => [name, siteOf(context, name)]));
  const end = () => endProcesses(context, processes);
  await held?.deferEnd(end);
  const kit =
    held === null
      ? await takePlace(context, processes, sites, end)
      : kitAgain(held.kit, { context, processes, sites });
  const { copy, spawn } = held ?? { copy: copyTemplate, spawn: spawnNode };
  const copies = new Map(
    [...sites.values()]
      .filter(({ region }) => hasDatabase(plan, region))
      .map((site) => [site.region, copy(kit, site)]),
  );
  return { kit, carts, copies, programs: spawnPrograms(kit, spawn) };
}

export function processesOf(
  { place, clock, emit }: UpContext,
  environment: ProcessEnvironment,
): Processes {
  const { id: run, logs } = place;
  return { environment, logs, clock, emit, run, started: [], ends: [] };
}

async function endProcesses({ place, clock }: UpContext, processes: Processes): Promise<void> {
  const killed = await endAll(processes);
  const servers = killTrees(postgresBelow(place.scratch));
  const alive = await untilGone([...killed, ...servers], clock, GONE_MS);
  if (alive.length > 0) throw new Error(`processes ${alive.join(', ')} survived SIGKILL`);
}

/**
 * Makes the scratch directory and finds what all servers share. Every undo is registered before:
 * what is at `sites` goes with the place, and `end` ends its processes.
 */
export async function takePlace(
  context: UpContext,
  processes: Processes,
  sites: ServerKit['sites'],
  end: () => Promise<void>,
): Promise<ServerKit> {
  const { place, emit, defer } = context;
  const { id: run, scratch } = place;
  const identity = databaseIdentity();
  const binaries = await locatePostgres(processes.environment, identity);
  await defer({ undo: 'directory', path: scratch }, async () => {
    removeMarkedDirectory(scratch, run);
  });
  makeScratch(context, identity);
  for (const { data } of sites.values()) await deferScrub(context, { data, bin: binaries.bin });
  const own = { undo: 'processes', run, directory: scratch } as const;
  await defer(own, end);
  const prepared = { context, processes, sites, binaries, identity };
  return await prepareServers(prepared, async ({ what, directory, damage }) => {
    const why = damage === null ? 'first run' : `the cached template is damaged (${damage})`;
    emit('run.noted', { text: `${why}: preparing ${what}` });
    await defer({ undo: 'directory', path: directory }, async () => {
      removeMarkedDirectory(directory, run);
    });
    await deferScrub(context, { data: join(directory, 'data'), bin: binaries.bin });
    // Again, so that whoever undoes a killed run ends initdb before its directory goes.
    await defer(own, async () => {});
  });
}

function spawnPrograms(kit: ServerKit, spawn: typeof spawnNode): Programs {
  const { context, processes } = kit;
  const apps = new Map(
    context.plan.regions.map(({ name, app }) => {
      const nodes = Array.from({ length: app.instances }, (_, i) => appNode(name, i + 1));
      return [name, nodes.map((node) => spawn(processes, node, APP_MODULE))];
    }),
  );
  const watch = new RegionWatch(context.emit);
  const gslb = spawn(processes, 'gslb', GSLB_MODULE, (name, body) => watch.take(name, body));
  return { apps, gslb, watch, repository: spawnRepository(kit) };
}

function hasDatabase({ strategy, replication }: Plan, region: string): boolean {
  return region === replication.from || STRATEGY_FACTS[strategy].database !== 'none';
}

/**
 * Starts the proxy server, on which the links are made: one to each region for clients, one between
 * the databases.
 */
async function startRunLinks({ context, processes }: ServerKit): Promise<StartedLinks> {
  const { place, plan, signal, emit, clock } = context;
  const { environment } = processes;
  const begun = clock.now();
  const logFile = join(place.logs, 'proxy.log');
  const running = await startLinks({
    environment,
    logFile,
    toxiproxyServer: findProgram('toxiproxy-server', environment['PATH']),
    seed: plan.seed,
    clock,
    signal,
    onExit: (exit) => {
      emit('node.ended', { node: 'proxy', reason: describeExit(exit), expected: false });
    },
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    const found = reasonOf(error);
    const hint = `read its log: ${logFile}`;
    const log = linesAtEnd(logFile);
    const asked = { what: 'the proxy server', expected: 'it to start and to answer' };
    throw partFailure({ ...asked, found, hint, log }, error);
  });
  processes.ends.push(() => running.stop());
  emit('node.started', { node: 'proxy', pid: running.pid, ms: clock.now() - begun });
  return running;
}

/** Distances begin to count when the system stands: bringing it up over them takes longer only. */
async function delayLinks({ links: delays }: Plan, { links }: StartedLinks): Promise<void> {
  for (const [name, { latency_ms, jitter_ms }] of Object.entries(delays)) {
    await links.get(name).delay(latency_ms, jitter_ms);
  }
}

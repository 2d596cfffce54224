// The embedded runtime: two regions of real PostgreSQL and app processes on loopback, joined by
// proxied links.
import { join } from 'node:path';
import { replicationLink } from '../../drill/plan.ts';
import type { GslbEndpoint } from '../../gslb/protocol.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { findProgram } from '../../host/find-program.ts';
import { removeTree, tailOf } from '../../host/files.ts';
import { killTrees, markedEnvironment, postgresBelow, untilGone } from '../../host/processes.ts';
import { describeExit } from '../../host/program.ts';
import type { Link } from '../../link/links.ts';
import { startLinks } from '../../link/start.ts';
import { locatePostgres } from '../../postgres/binaries.ts';
import { databaseIdentity } from '../../postgres/identity.ts';
import type { Server } from '../../postgres/launcher.ts';
import { untilStreaming } from '../../postgres/primary.ts';
import { DATABASE } from '../../postgres/template.ts';
import type { Runtime, System, UpContext } from '../system.ts';
import { adminAddress, openDatabase, openDead } from './database.ts';
import { describeSystem } from './description.ts';
import { spawnGslb, type RunningGslb } from './gslb.ts';
import { keepSystem } from './keep.ts';
import { watch, type NodeContext } from './nodes.ts';
import { EmbeddedRegion } from './region.ts';
import {
  copyTemplate,
  makeScratch,
  prepareServers,
  siteOf,
  startPrimary,
  startStandby,
  type ServerKit,
  type Site,
} from './servers.ts';
import { scrubDatabase } from './undo.ts';

const STREAMING_AT_MOST_MS = 15_000;
const GONE_MS = 2_000;
const SHOWN_LINES = 10;

type RunningLinks = Awaited<ReturnType<typeof startLinks>>;
export type Environment = Record<string, string>;

export interface EmbeddedOptions {
  /** The runner's own; programs of the run get it, marked and without PostgreSQL's variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function embeddedRuntime(options: EmbeddedOptions): Runtime {
  return {
    kind: 'embedded',
    up: (context) => bringUp(context, markedEnvironment(options.environment, context.place.id)),
  };
}

/** What exists of a system while it comes up, and how all of it ends. */
interface Parts {
  readonly context: UpContext;
  readonly environment: Environment;
  readonly kit: ServerKit;
  readonly sites: ReadonlyMap<string, Site>;
  readonly regions: ReadonlyMap<string, EmbeddedRegion>;
  readonly gslb: ReturnType<typeof spawnGslb>;
  links: RunningLinks | null;
}

async function bringUp(context: UpContext, environment: Environment): Promise<System> {
  const parts = await prepare(context, environment);
  const { plan, signal } = context;
  const { from, to } = plan.replication;
  const copies = new Map(
    [...parts.sites.values()].map((site) => [site.region, copyTemplate(parts.kit, site)]),
  );
  const linked = startRunLinks(parts);
  const primary = copies.get(from)!.then(() => startServerOf(parts, from, to, null));
  const streaming = (async () => {
    const [{ links }, server] = await Promise.all([linked, primary, copies.get(to)]);
    const name = replicationLink(plan.replication);
    const upstream = { host: server.host, port: server.port };
    const proxy = await links.get(name).addProxy(`${name}.postgres`, upstream);
    await startServerOf(parts, to, from, proxy);
    const address = adminAddress(server, parts.kit.credentials.admin);
    const isSync = plan.replication.mode === 'sync';
    await untilStreaming(address, to, isSync, context.clock, STREAMING_AT_MOST_MS, signal);
  })();
  const endpoints = [...parts.regions.values()].map(async (region): Promise<GslbEndpoint[]> => {
    await Promise.all([linked, region.name === to ? streaming : primary]);
    const [database, ...apps] = await Promise.all([
      region.exposeDatabase(),
      region.startInstances(),
    ]);
    return [database, ...apps.flat()];
  });
  // All of it ends before a failure goes on: nothing may start after the clean-up began.
  await Promise.allSettled([...endpoints, streaming, primary, linked, ...copies.values()]);
  await Promise.all([linked, primary, streaming, ...copies.values()]);
  const known = await Promise.all(endpoints);
  const gslb = await parts.gslb.begin(
    { ...gslbSettings(context), endpoints: known.flat() },
    signal,
  );
  for (const region of parts.regions.values()) {
    region.onInstance = (endpoint) => gslb.addEndpoint(endpoint);
  }
  return systemOf(parts, gslb);
}

/**
 * Registers every undo, then starts the programs, which need a while to be ready and no one else to
 * be there.
 */
async function prepare(context: UpContext, environment: Environment): Promise<Parts> {
  const { plan, place, clock, emit, defer } = context;
  const identity = databaseIdentity();
  const binaries = await locatePostgres(environment, identity);
  const sites = new Map(plan.regions.map(({ name }) => [name, siteOf(context, name)]));
  const nodes: NodeContext = { environment, logs: place.logs, clock, emit };
  const started: { parts: Parts | null } = { parts: null };
  await defer({ undo: 'directory', path: place.scratch }, async () => removeTree(place.scratch));
  makeScratch(context, identity);
  for (const { data } of sites.values()) {
    await defer({ undo: 'database', data, bin: binaries.bin, uid: identity.uid }, async () => {
      const left = await scrubDatabase(data, binaries.bin, clock);
      if (left.length > 0) throw new Error(left.join('; '));
    });
  }
  const processes = { undo: 'processes', run: place.id, directory: place.scratch } as const;
  await defer(processes, () => endParts(started.parts, context));
  const kit = await prepareServers(context, environment, binaries, identity, async (directory) => {
    const text = `first run: preparing PostgreSQL ${binaries.version} (some seconds, once)`;
    emit('run.noted', { text });
    await defer({ undo: 'directory', path: directory }, async () => removeTree(directory));
    // Again, so that whoever undoes a killed run ends initdb before its directory goes.
    await defer(processes, async () => {});
  });
  const regions = new Map(
    plan.regions.map(({ name, app }) => {
      const region = new EmbeddedRegion({
        name,
        context,
        nodes,
        capacity_per_s: app.capacity_per_s,
        workload: { ...kit.credentials.workload, database: DATABASE },
        openDead: () => {
          const site = sites.get(name)!;
          const { node: title, data, logFile } = site;
          const dead = { title, bin: binaries.bin, data, environment, logFile, clock };
          return openDead(dead, kit.credentials.admin);
        },
      });
      region.spawnInstances(app.instances);
      return [name, region] as const;
    }),
  );
  const gslb = spawnGslb(nodes);
  started.parts = { context, environment, kit, sites, regions, gslb, links: null };
  return started.parts;
}

/**
 * Starts the proxy server and makes the links: one to each region for clients, one between the
 * databases.
 */
async function startRunLinks(parts: Parts): Promise<RunningLinks> {
  const { context, environment, regions } = parts;
  const { place, plan, signal, emit, clock } = context;
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
  }).catch((error: Error) => {
    signal.throwIfAborted();
    throw new EnvironmentError(
      {
        what: 'the proxy server',
        expected: 'it to start and to answer',
        found: error.message,
        hint: `read its log: ${logFile}`,
        log: tailOf(logFile, SHOWN_LINES),
      },
      { cause: error },
    );
  });
  parts.links = running;
  emit('node.started', { node: 'proxy', pid: running.pid, ms: clock.now() - begun });
  const create = async (name: string): Promise<Link> => {
    const link = running.links.create(name);
    const delay = plan.links[name];
    if (delay !== undefined) await link.delay(delay.latency_ms, delay.jitter_ms);
    return link;
  };
  await create(replicationLink(plan.replication));
  for (const region of regions.values()) region.attachEdge(await create(`clients-${region.name}`));
  return running;
}

/** Starts the region's server: the primary, or a standby of the one behind `upstream`. */
async function startServerOf(
  parts: Parts,
  name: string,
  peer: string,
  upstream: { readonly host: string; readonly port: number } | null,
): Promise<Server> {
  const { context, kit, sites, regions } = parts;
  const site = sites.get(name)!;
  const server =
    upstream === null
      ? await startPrimary(context, kit, site)
      : await startStandby(context, kit, site, upstream);
  const { admin, workload } = kit.credentials;
  const { clock, emit } = context;
  const watched = watch(site.node, server.pid, server.ended, emit);
  const database = openDatabase({ server, admin, workloadUser: workload.user, peer, clock });
  regions.get(name)!.attachDatabase(server, watched, database);
  return server;
}

function gslbSettings({ plan, place, origin_ms }: UpContext) {
  const serving = plan.regions.filter(({ role }) => role === 'active').map(({ name }) => name);
  return { origin_ms, run: place.id, ...plan.gslb, serving };
}

async function endParts(parts: Parts | null, { place, clock }: UpContext): Promise<void> {
  if (parts !== null) {
    const regions = [...parts.regions.values()];
    const programs = [parts.gslb.node, ...regions.flatMap((region) => region.expectEnd())];
    parts.gslb.node.expectEnd();
    const roots = programs.filter(({ node }) => !node.endsWith('/postgres'));
    killTrees(roots.flatMap((node) => (node.isAlive() ? [node.pid] : [])));
    await Promise.allSettled([
      ...regions.map((region) => region.abandonDatabase()),
      parts.links?.stop(),
    ]);
  }
  const killed = killTrees(postgresBelow(place.scratch));
  const alive = await untilGone(killed, clock, GONE_MS);
  if (alive.length > 0) throw new Error(`processes ${alive.join(', ')} survived SIGKILL`);
}

function systemOf(parts: Parts, gslb: RunningGslb): System {
  const { context, environment, kit, regions } = parts;
  const running = parts.links!;
  const { links } = running;
  return {
    description: describeSystem(context.plan, {
      postgres: kit.binaries.version,
      proxy: links,
      gslb,
      regions: [...regions.values()],
    }),
    gslb,
    region: (name) => {
      const region = regions.get(name);
      if (region === undefined) throw new Error(`there is no region ${name}`);
      return region;
    },
    link: (name) => links.get(name),
    workloadDatabase: { ...kit.credentials.workload, database: DATABASE },
    environment,
    keep: () =>
      keepSystem({
        directory: context.place.directory,
        admin: kit.credentials.admin,
        regions: [...regions.values()],
        gslb,
        links: running,
      }),
  };
}

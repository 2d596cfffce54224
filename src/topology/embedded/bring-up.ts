// The embedded runtime: two regions of real PostgreSQL and app processes on loopback, joined by
// proxied links.
import { reasonOf } from '../../host/operation-failed.ts';
import { join } from 'node:path';
import { replicationLink, type Plan } from '../../drill/plan/plan.ts';
import { STRATEGY_FACTS } from '../../drill/plan/strategies.ts';
import type { GslbEndpoint } from '../../gslb/protocol.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { findProgram } from '../../host/find-program.ts';
import { removeTree, tailOf } from '../../host/files.ts';
import { mayListen } from '../../host/http.ts';
import { killTrees, postgresBelow, untilGone } from '../../host/process/processes.ts';
import { describeExit } from '../../host/program/program.ts';
import { startLinks } from '../../link/start.ts';
import { locatePostgres } from '../../postgres/server/binaries.ts';
import { databaseIdentity } from '../../postgres/server/identity.ts';
import type { Server } from '../../postgres/server/launcher.ts';
import { DATABASE } from '../../postgres/server/template.ts';
import { regionIn } from '../system/region.ts';
import type { System, UpContext } from '../system/system.ts';
import { openDead } from './database.ts';
import { updateRuleOf } from '../assembled/database.ts';
import { describeSystem } from '../assembled/description.ts';
import { gslbSettings } from '../assembled/gslb.ts';
import { spawnGslb, type EmbeddedGslb } from './gslb.ts';
import type { Environment, Parts, RunningLinks } from './parts.ts';
import { protect } from './protection.ts';
import { attach, destroyDisk, rebuildServer, startServerOf } from './replication.ts';
import { restoreServer, spawnStorage } from './storage.ts';
import { keepSystem } from './keep.ts';
import type { NodeContext } from './nodes.ts';
import { bringUpCarts, destroyCarts, openDeadCarts, prepareCarts } from './redis-servers.ts';
import { EmbeddedRegion, type RegionParts } from './region.ts';
import { copyTemplate, makeScratch, prepareServers, siteOf } from './servers.ts';
import { scrubDatabase } from './undo.ts';
import { usageOfRegions } from './usage.ts';

const GONE_MS = 2_000;
const SHOWN_LINES = 10;

/** `environment` is for the programs of the run, with its mark. */
export async function bringUp(context: UpContext, environment: Environment): Promise<System> {
  const { parts, copies } = await prepare(context, environment);
  const { plan, signal } = context;
  const { from, to } = plan.replication;
  const linked = startRunLinks(parts);
  const isArchiving = plan.backup?.wal === 'archive'; // by a proxy of the link
  const primary = Promise.all([copies.get(from), isArchiving ? linked : null]).then(() =>
    startServerOf(parts, from, to, null),
  );
  const protectedBy = protect(parts, { linked, primary, copied: copies.get(to) });
  const carts = linked.then(({ links }) => bringUpCarts(parts.carts, parts.regions, links));
  const endpoints = [...parts.regions.values()].map(async (region): Promise<GslbEndpoint[]> => {
    await Promise.all([linked, carts, region.name === to ? protectedBy : primary]);
    if (!copies.has(region.name)) return [];
    const [database, ...apps] = await Promise.all([
      region.exposeDatabase(),
      region.apps.startIdle(),
    ]);
    return [database, ...apps.flat()];
  });
  // All of it ends before a failure goes on: nothing may start after the clean-up began.
  const all = [linked, primary, protectedBy, carts, ...copies.values()];
  await Promise.allSettled([...endpoints, ...all]);
  await Promise.all(all);
  const known = await Promise.all(endpoints);
  const settings = { ...gslbSettings(context), endpoints: known.flat() };
  const [gslb] = await Promise.all([parts.gslb.begin(settings, signal), delayLinks(parts)]);
  for (const region of parts.regions.values()) {
    region.apps.onInstance = (endpoint) => gslb.addEndpoint(endpoint);
  }
  return systemOf(parts, gslb);
}

interface Prepared {
  readonly parts: Parts;
  /** The regions that have a database from the beginning; each resolves once its copy is there. */
  readonly copies: ReadonlyMap<string, Promise<void>>;
}

/**
 * Registers every undo, then starts what needs a while and no one else to be there: the copies of
 * the template, and the programs. The copies come first: a process that is started while programs
 * load waits for a processor, and so does whoever starts it.
 */
async function prepare(context: UpContext, environment: Environment): Promise<Prepared> {
  const { plan, place, clock, emit, defer } = context;
  const identity = databaseIdentity();
  const binaries = await locatePostgres(environment, identity);
  const carts = prepareCarts(context, environment);
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
  const copies = new Map(
    [...sites.values()]
      .filter(({ region }) => hasDatabase(plan, region))
      .map((site) => [site.region, copyTemplate(kit, site)]),
  );
  const regions = new Map(
    plan.regions.map(({ name, app }) => {
      const region = new EmbeddedRegion({
        name,
        context,
        nodes,
        capacity_per_s: app.capacity_per_s,
        workload: { ...kit.credentials.workload, database: DATABASE },
        replication: () => started.parts!.links!.links.get(replicationLink(plan.replication)),
        abilities: abilitiesOf(() => started.parts!, name, context.signal),
        deadDisk: {
          open: async (store) => {
            if (store === 'carts') return carts && (await openDeadCarts(carts, name));
            const site = sites.get(name)!;
            const { node: title, data, logFile } = site;
            const dead = { title, bin: binaries.bin, data, environment, logFile, clock };
            return await openDead(dead, kit.credentials.admin, updateRuleOf(plan));
          },
        },
      });
      region.apps.spawn(app.instances);
      return [name, region] as const;
    }),
  );
  const gslb = spawnGslb(nodes);
  const storage = spawnStorage(context, nodes);
  const alone = { storage, storageListens: null, bidirectional: null, links: null };
  started.parts = { context, environment, kit, carts, sites, regions, gslb, ...alone };
  return { parts: started.parts, copies };
}

/** What can be done to a region by whoever made its servers, once all parts are there. */
function abilitiesOf(
  parts: () => Parts,
  name: string,
  stop: AbortSignal,
): RegionParts['abilities'] {
  return {
    disks: {
      destroy: async () => {
        const { carts } = parts();
        await destroyDisk(parts(), name);
        if (carts !== null) destroyCarts(carts, name);
      },
    },
    rebuild: (signal = stop) => rebuildServer(parts(), name, signal),
    restore: (target, signal = stop) => {
      const { from } = parts().context.plan.replication;
      const restored = (server: Server) => attach(parts(), name, from, server);
      return restoreServer(parts(), name, target, restored, signal);
    },
  };
}

function hasDatabase({ strategy, replication }: Plan, region: string): boolean {
  return region === replication.from || STRATEGY_FACTS[strategy].database !== 'none';
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
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new EnvironmentError(
      {
        what: 'the proxy server',
        expected: 'it to start and to answer',
        found: reasonOf(error),
        hint: `read its log: ${logFile}`,
        log: tailOf(logFile, SHOWN_LINES),
      },
      { cause: error },
    );
  });
  parts.links = running;
  emit('node.started', { node: 'proxy', pid: running.pid, ms: clock.now() - begun });
  running.links.create(replicationLink(plan.replication));
  for (const region of regions.values()) {
    region.attachEdge(running.links.create(`clients-${region.name}`));
  }
  return running;
}

/** Distances begin to count when the system stands: bringing it up over them takes longer only. */
async function delayLinks({ context, links }: Parts): Promise<void> {
  for (const [name, { latency_ms, jitter_ms }] of Object.entries(context.plan.links)) {
    await links!.links.get(name).delay(latency_ms, jitter_ms);
  }
}

async function endParts(parts: Parts | null, { place, clock }: UpContext): Promise<void> {
  if (parts !== null) {
    const regions = [...parts.regions.values()];
    const programs = [parts.gslb.node, ...regions.flatMap((region) => region.expectEnd())];
    parts.gslb.node.expectEnd();
    const storage = parts.storage === null ? [] : [parts.storage.node];
    for (const node of storage) node.expectEnd();
    const roots = [...programs, ...storage].filter(({ node }) => !node.endsWith('/postgres'));
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

async function usageOfParts({ context, sites, regions, storage, bidirectional }: Parts) {
  const { from } = context.plan.replication;
  const directories = new Map([...sites.values()].map(({ node, data }) => [node, data]));
  const kept = storage?.storage ?? null;
  if (storage !== null) directories.set(storage.node.node, storage.directory);
  return await usageOfRegions({
    ...{ regions: [...regions.values()], from, directories, bidirectional },
    storage: kept === null ? null : { node: storage!.node, storage: kept },
  });
}

function systemOf(parts: Parts, gslb: EmbeddedGslb): System {
  const { context, kit, regions } = parts;
  const running = parts.links!;
  const { links } = running;
  return {
    description: describeSystem(context.plan, {
      runtime: 'embedded',
      postgres: kit.binaries.version,
      proxy: links,
      gslb,
      regions: [...regions.values()],
      reachable: [...regions.values()].flatMap((region) => region.nodes()),
      settings: parts.carts === null ? {} : { 'redis version': parts.carts.binaries.version },
    }),
    gslb,
    region: (name) => regionIn(regions, name),
    link: (name) => links.get(name),
    mark: context.place.id,
    directory: context.place.directory,
    mayListen: (proxy, timeout_ms) => mayListen(proxy, context.place.id, timeout_ms),
    workloadDatabase: { ...kit.credentials.workload, database: DATABASE },
    usage: () => usageOfParts(parts),
    backups: parts.storage?.storage ?? null,
    bidirectional: parts.bidirectional,
    keep: () =>
      keepSystem({
        place: context.place,
        origin_ms: context.origin_ms,
        postgres: { version: kit.binaries.version, bin: kit.binaries.bin },
        admin: kit.credentials.admin,
        workload: kit.credentials.workload,
        sites: parts.sites,
        regions: [...regions.values()],
        gslb,
        carts: parts.carts,
        replication: links.get(replicationLink(context.plan.replication)),
        links: running,
      }),
  };
}

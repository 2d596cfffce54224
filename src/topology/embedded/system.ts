// A system of processes, put together: its regions with all that can be done to them, and the whole
// as the engine sees it.
import { replicationLink } from '../../drill/plan/plan.ts';
import { mayListen } from '../../host/http.ts';
import type { StartedLinks } from '../../link/start.ts';
import type { gslbOver, RegionWatch } from '../assembled/gslb.ts';
import type { Protection } from '../assembled/protection.ts';
import { AssembledRegion } from '../assembled/region.ts';
import { systemOf } from '../assembled/system.ts';
import { updateRuleOf } from '../assembled/database.ts';
import type { Lab } from '../system/system.ts';
import { ProcessDriver, type ProcessRegion } from './driver.ts';
import { keepSystem } from './keep.ts';
import { usageOfNodes, type ProgramNode } from './processes.ts';
import { destroyCarts, openDeadCarts, startDeadCarts, type CartsKit } from './redis-servers.ts';
import { destroyDisk, follow } from './replication.ts';
import { openDead, startDead } from './dead-servers.ts';
import type { ServerKit } from './servers.ts';
import { restoreServer, type RepositoryProgram } from './repository.ts';

/** Programs that are spawned before anyone needs them: they take a while to load. */
export interface Programs {
  readonly apps: ReadonlyMap<string, readonly ProgramNode[]>;
  readonly gslb: ProgramNode;
  /** Takes the words of the GSLB. */
  readonly watch: RegionWatch;
  readonly repository: RepositoryProgram | null;
}

export interface Ground {
  readonly kit: ServerKit;
  /** Null: the plan has no Redis. */
  readonly carts: CartsKit | null;
  /** The regions that have a database from the beginning; each resolves once its copy is there. */
  readonly copies: ReadonlyMap<string, Promise<void>>;
  readonly programs: Programs;
}

/** The regions with all that can be done to them, still empty. */
export function regionsOf(
  { kit, carts, programs }: Ground,
  { links }: StartedLinks,
): ReadonlyMap<string, ProcessRegion> {
  const { context, processes, credentials, sites } = kit;
  const { plan, clock, signal } = context;
  const replication = links.get(replicationLink(plan.replication));
  const regions = new Map<string, ProcessRegion>();
  const { repository } = programs;
  for (const { name } of plan.regions) {
    const edge = links.create(`clients-${name}`);
    const peer = () => [...regions.values()].find((region) => region.name !== name)!;
    const driver = new ProcessDriver({
      name,
      context,
      processes,
      edge,
      workload: credentials.workload,
      idle: programs.apps.get(name)!,
      startServer: async (store, asked, stop) => {
        return store === 'carts'
          ? await startDeadCarts(carts!, asked, replication, stop)
          : await startDead(kit, asked, stop);
      },
      onStarted: null,
    });
    const region: ProcessRegion = new AssembledRegion({
      name,
      edge,
      replication,
      clock,
      signal,
      peer,
      driver,
      openDead: async (store) => {
        if (store === 'carts') return carts && (await openDeadCarts(carts, name));
        const { node: title, data, logFile } = sites.get(name)!;
        const { bin } = kit.binaries;
        const dead = { title, bin, data, environment: processes.environment, logFile, clock };
        return await openDead(dead, credentials.admin, updateRuleOf(plan));
      },
      destroyDisks: async () => {
        await destroyDisk(kit, name);
        if (carts !== null) destroyCarts(carts, name);
      },
      follow: (stop) => follow(kit, replication, [region, peer()], stop),
      restore:
        repository === null
          ? undefined
          : (target, stop) => restoreServer(kit, repository, region, target, stop),
    });
    regions.set(name, region);
  }
  return regions;
}

/** A system of processes as the engine sees it. */
export function assemble(
  { kit, carts, programs }: Ground,
  running: StartedLinks,
  regions: ReadonlyMap<string, ProcessRegion>,
  gslb: ReturnType<typeof gslbOver>,
  protection: Protection,
): Lab {
  const { context, credentials, sites, binaries } = kit;
  const { plan, place } = context;
  const { links } = running;
  const { repository } = programs;
  const directories = new Map([...sites.values()].map(({ node, data }) => [node, data]));
  if (repository !== null) directories.set(repository.node.node, repository.directory);
  const usage = async () => {
    const nodes = [...regions.values()].flatMap((region) => region.all);
    return await usageOfNodes([...nodes, ...(repository ? [repository.node] : [])], directories);
  };
  return systemOf({
    runtime: 'embedded',
    version: binaries.version,
    settings: carts === null ? {} : { 'redis version': carts.binaries.version },
    plan,
    made: place,
    links,
    gslb,
    regions,
    hasDirectApps: true,
    directAt: (at) => Promise.resolve(at),
    protection,
    usage,
    workload: credentials.workload,
    mayListen: (proxy, timeout_ms) => mayListen(proxy, place.id, timeout_ms),
    keep: () =>
      keepSystem({
        kit,
        carts,
        regions: [...regions.values()],
        gslb: { program: programs.gslb, address: gslb },
        running,
      }),
  });
}

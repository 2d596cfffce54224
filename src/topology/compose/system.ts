// A system of containers: regions and links as they stand between the containers, and what of them
// is let go of at the end.
import { allDone } from '../../base/all-done.ts';
import { LOOPBACK } from '../../host/ports.ts';
import { replicationLink } from '../../drill/plan/plan.ts';
import { adoptLinks } from '../../link/adopt.ts';
import { oneRow, withConnection } from '../../postgres/server/connection.ts';
import { infoOf, withConnection as withRedis } from '../../redis/connection.ts';
import type { RunningGslb } from '../assembled/gslb.ts';
import type { Protection } from '../assembled/protection.ts';
import { AssembledRegion } from '../assembled/region.ts';
import { systemOf } from '../assembled/system.ts';
import type { Lab } from '../system/system.ts';
import { openDeadStore } from './dead-store.ts';
import { ContainerDriver, type ContainerRegion } from './driver.ts';
import type { Container } from './engine/container.ts';
import { listensBehind } from './engine/listening.ts';
import { imagesOf } from './engine/images.ts';
import { watchEngine } from './engine/witness.ts';
import { diskOf } from './disk.ts';
import { memoryOf } from './memory.ts';
import type { Project } from './project/project.ts';
import { PORTS, slotsOf, TOXIPROXY } from './project/slots.ts';
import { appControl, repositoryIn, type RepositoryContainer } from './programs.ts';
import { follow } from './replication.ts';
import { restoreContainer } from './restore.ts';
import { destroyServer } from './servers.ts';
import type { Surroundings } from './surroundings.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 5_000, command_ms: 5_000 };

/** Ends the names of proxies that lead to the region that replication goes to. */
const BACK = '-back';

export interface Assembly {
  readonly around: Surroundings;
  readonly regions: ReadonlyMap<string, ContainerRegion>;
  readonly drivers: ReadonlyMap<string, ContainerDriver>;
  /** Null: the plan keeps no backups, or somebody else's runner leads them. */
  readonly repository: RepositoryContainer | null;
}

/** By part. */
export function wantedImages({ environment }: Project, hasRedis: boolean): [string, string][] {
  return [...imagesOf(environment)].filter(([part]) => hasRedis || part !== 'redis');
}

export function serviceIn(containers: readonly Container[], name: string): Container {
  return containers.find(({ service }) => service === name)!;
}

/** Regions and links over containers that run; the regions have their servers. */
export async function assemble(
  base: Pick<Surroundings, 'context' | 'engine' | 'project' | 'logs' | 'ends'>,
  containers: readonly Container[],
  repositoryService: string | null,
): Promise<Assembly> {
  const { plan, clock, signal } = base.context;
  const toxiproxy = serviceIn(containers, TOXIPROXY);
  const adopted = await adoptLinks(`http://${LOOPBACK}:${toxiproxy.port(PORTS.api)}`);
  const around: Surroundings = { ...base, toxiproxy, adopted, discarded: new Set() };
  const link = replicationLink(plan.replication);
  // Not published: only the regions use them. drill looks from the machine what the way carries.
  const inside = (port: number) => ({ host: toxiproxy.addressOn('edge'), port });
  const adopt = (part: string, port = 0) =>
    adopted.adopt(link, `${link}.${part}`, { ...inside(port), served: `east-west.${part}` });
  await adopt('postgres', PORTS.replicationPostgres);
  if (plan.redis !== null) await adopt('redis');
  if (plan.backup !== null) await adopt('storage');
  const repository =
    repositoryService === null
      ? null
      : repositoryIn(around, serviceIn(containers, repositoryService));
  if (repository !== null) base.ends.push(() => repository.program.close());
  const regions = new Map<string, ContainerRegion>();
  const drivers = new Map<string, ContainerDriver>();
  const [east, west] = slotsOf(plan);
  for (const [slot, other] of [
    [east, west],
    [west, east],
  ] as const) {
    const { name } = slot.region;
    const peer = () => drivers.get(other.region.name)!;
    const driver = new ContainerDriver(around, slot, containers, () => peer().app);
    const region: ContainerRegion = new AssembledRegion<Container>({
      name,
      edge: adopted.links.create(`clients-${name}`),
      clock,
      signal,
      driver,
      replication: adopted.links.get(link),
      peer: () => regions.get(other.region.name)!,
      openDead: (store) => openDeadStore(around, region, store),
      destroyDisks: async () => {
        await allDone(region.servers.map(({ node }) => destroyServer(around, node)));
      },
      memoryOf: (node) => memoryOf(around.engine, node),
      diskOf: (node) => diskOf(around.engine, node),
      follow: (stop) => follow(around, region, peer(), stop),
      restore:
        repository === null
          ? undefined
          : (target, stop) => {
              const sibling = () => regions.get(other.region.name)!.database.node;
              const asked = { region, driver, sibling, target, signal: stop };
              return restoreContainer(around, repository, asked);
            },
    });
    drivers.set(name, driver);
    regions.set(name, region);
    driver.joinServers(region, containers);
    base.ends.push(() => region.close());
  }
  return { around, regions, drivers, repository };
}

/** Puts everything behind the edge links; what the GSLB must know of it. */
export async function exposeAll({ regions, drivers }: Assembly) {
  const exposed = [...regions.values()].map(async (region) => {
    const driver = drivers.get(region.name)!;
    await driver.makeProxies();
    const database = region.stores.has('orders') ? [await region.exposeDatabase()] : [];
    return [...database, ...(await region.startApps(driver.instances))];
  });
  return (await Promise.all(exposed)).flat();
}

/** The versions of the servers, as those of the first region say: `17.6`, and `8.0.3` or null. */
async function versionsOf({ around, regions }: Assembly) {
  const { database, carts } = regions.get(around.context.plan.replication.from)!;
  const { version } = await withConnection(database.store.address, LIMITS, (client) =>
    oneRow<{ version: string }>(client, `select split_part(version(), ' ', 2) as version`),
  );
  if (carts === null) return { version, redis: null };
  const redis = await withRedis(carts.store.at, LIMITS, async (client) => {
    return (await infoOf(client, 'server')).get('redis_version') ?? 'unknown';
  });
  return { version, redis };
}

/** Follows what the engine says of the containers of `run`; a death is told to its container. */
export async function witnessed(
  { engine, context, ends }: Pick<Surroundings, 'engine' | 'context' | 'ends'>,
  run: string,
  assembly: Promise<Assembly>,
): Promise<void> {
  const { clock, emit, fail } = context;
  let known: Assembly | null = null;
  void assembly.then((made) => (known = made)).catch(() => {}); // told by whoever waits for it
  const stop = await watchEngine({
    engine,
    run,
    clock,
    emit,
    onLost: fail,
    onDeath: (id) => {
      if (known === null) return false;
      const container = everyContainer(known).find((each) => each.id === id);
      container?.tellDeath();
      return container?.isEndExpected ?? known.around.discarded.has(id);
    },
  });
  ends.push(stop);
}

function everyContainer({ regions, repository }: Assembly): Container[] {
  const all = [...regions.values()].flatMap((region) => region.all);
  return repository === null ? all : [...all, repository.container];
}

export async function runningSystem(
  assembly: Assembly,
  gslb: RunningGslb,
  protection: Protection,
  keep: Lab['keep'],
): Promise<Lab> {
  const { around, regions } = assembly;
  const { context, project, adopted } = around;
  const { plan, place } = context;
  const { version, redis } = await versionsOf(assembly);
  const images = wantedImages(project, redis !== null);
  return systemOf({
    runtime: 'compose',
    version,
    settings: {
      ...(redis === null ? {} : { 'redis version': redis }),
      ...Object.fromEntries(images.map(([part, image]) => [`image ${part}`, image])),
    },
    plan,
    made: place,
    links: adopted.links,
    gslb,
    regions,
    hasDirectApps: false,
    directAt: async ({ node }) => await appControl(everyContainer(assembly), node),
    protection,
    workload: project.secrets.postgres.workload,
    keep,
    mayListen: (proxy, timeout_ms) => {
      const served = servedName(around, proxy.name);
      return listensBehind(proxy, place.id, timeout_ms, () => adopted.isEnabled(served));
    },
    usage: async () => {
      const containers = everyContainer(assembly);
      const all = await Promise.all(containers.map((container) => container.usage()));
      return all.filter((one) => one !== null);
    },
  });
}

/** The name of a proxy in the words of the compose file, whatever the plan's regions are called. */
function servedName({ context }: Surroundings, name: string): string {
  const [east, west] = slotsOf(context.plan);
  const [link = '', part = ''] = name.split(/\.(?=[^.]*$)/);
  if (link === `clients-${east.region.name}`) return `clients-east.${part}`;
  if (link === `clients-${west.region.name}`) return `clients-west.${part}`;
  if (part.endsWith(BACK)) return `west-east.${part.slice(0, -BACK.length)}`;
  return `east-west.${part}`;
}

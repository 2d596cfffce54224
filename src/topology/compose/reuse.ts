// Works with a system of containers that another runner brought up and left running: nothing is
// started, everything is looked at first, and it stays up afterwards.
import { emptyOrders } from '../../postgres/server/empty.ts';
import { emptyCarts } from '../../redis/empty.ts';
import { attachGslb } from '../assembled/gslb.ts';
import type { KeptPlace, Variables } from '../runtime.ts';
import type { RunPlace, System, UpContext } from '../system/system.ts';
import {
  type Emptied,
  emptyStores,
  notIntact,
  orNotIntact,
  requireIntact,
} from '../assembled/intact.ts';
import { addressAt } from './engine/address.ts';
import { containersOf, type Container } from './engine/container.ts';
import { engineAt, unreachable } from './engine/engine.ts';
import type { ComposeParts } from './keep.ts';
import { ContainerLogs } from './engine/logs.ts';
import { systemOf } from './running-system.ts';
import { nothingYet, primaryAddress, versionsOf, witnessed, type Parts } from './parts.ts';
import { joinRegions } from './bring-up.ts';
import { INSTANCES_IN_FILE, slotsOf } from './project/slots.ts';
import { gslbPlaces } from './published.ts';
import { nodeOf, ordersIn } from '../system/region.ts';

const LOOK_MS = 5_000;

interface ReuseOptions extends KeptPlace {
  /** What `keep` wrote. */
  readonly compose: ComposeParts;
  readonly environment: Variables;
}

export async function reuse(
  place: KeptPlace,
  context: UpContext,
  environment: Variables,
): Promise<System> {
  const options = { ...place, compose: place.kept.parts as ComposeParts, environment };
  return await orNotIntact(() => attach(context, options), context, options);
}

async function attach(own: UpContext, options: ReuseOptions): Promise<System> {
  const { kept, directory, environment } = options;
  const { docker, origin_ms, project } = options.compose;
  const { id: run, scratch, logs: ownLogs } = own.place;
  const engine = engineAt(addressAt(docker, environment));
  await engine
    .call('ping', (asked) => asked.ping())
    .catch((error: unknown) => {
      throw unreachable(engine, error);
    });
  // The containers' words go to this run's own logs.
  const place: RunPlace = { ...own.place, id: kept.run, directory };
  const parts: Parts = {
    ...{ context: { ...own, place }, engine, project, regions: new Map() },
    logs: new ContainerLogs(engine, ownLogs),
    ...{ ...nothingYet(), isSettled: true },
  };
  const closers: (() => Promise<void>)[] = [];
  await own.defer({ undo: 'processes', run, directory: scratch }, async () => {
    parts.witness?.stop();
    parts.logs.release();
    const regions = [...parts.regions.values()].map((region) => region.close());
    await Promise.all([...closers.map((close) => close()), ...regions]);
  });
  const containers = await containersOf(engine, kept.run);
  await requireContainers(containers, own, options);
  await Promise.all(containers.map((container) => parts.logs.follow(container)));
  await witnessed(parts, kept.run);
  const { adopted } = await joinRegions(parts, containers);
  const names = [...parts.regions.keys()].map((name) => `clients-${name}`);
  const { from, to } = own.plan.replication;
  const checks = [`${from}-${to}`, ...names].map((name) =>
    adopted.check(name, own.plan.links[name] ?? null),
  );
  const problems = (await Promise.all(checks)).flat();
  if (problems.length > 0) throw notIntact(options, own, problems);
  const { address, control } = gslbPlaces(containers.find(({ service }) => service === 'gslb')!);
  const known = { address, control: { ...control, token: project.secrets.control }, origin_ms };
  const gslb = await attachGslb(known, own, options, closers);
  for (const region of parts.regions.values()) {
    region.apps.onInstance = (endpoint) => gslb.addEndpoint(endpoint);
  }
  await prepare(parts, own, options, { gslb });
  const versions = await versionsOf(parts);
  return { ...systemOf(parts, { adopted, gslb, ...versions }), keep: async () => [...kept.nodes] };
}

/** Looks at the whole, and empties the stores. */
async function prepare(
  parts: Parts,
  own: UpContext,
  options: ReuseOptions,
  { gslb }: Pick<System, 'gslb'>,
): Promise<void> {
  const { regions, project } = parts;
  const region = (name: string) => regions.get(name)!;
  await requireIntact({ region, gslb }, own, options);
  const active = region(own.plan.replication.from);
  const carts = active.stores.get('carts');
  const primary = primaryAddress(parts);
  const stores: Emptied[] = [{ store: ordersIn(active), empty: () => emptyOrders(primary) }];
  if (carts !== undefined) {
    const node = nodeOf(active, carts);
    const address = { host: node.host, port: node.port, password: project.secrets.redis };
    stores.push({ store: carts, empty: () => emptyCarts(address) });
  }
  own.emit('stores.emptied', { rows: await emptyStores(stores, own, options) });
}

/** Every container that was made is there and runs; those of a region are told together. */
async function requireContainers(
  containers: readonly Container[],
  { plan, place }: UpContext,
  options: ReuseOptions,
): Promise<void> {
  const problems: string[] = [];
  const { services } = options.compose.project;
  const looks = await Promise.all(containers.map((container) => container.look(LOOK_MS)));
  const running = containers.filter((_, i) => looks[i]!.state === 'running');
  const gone = services.filter((name) => running.every(({ service }) => service !== name));
  for (const { slot, region } of slotsOf(plan)) {
    const own = services.filter((name) => name.startsWith(`${slot}-`));
    const lost = gone.filter((name) => own.includes(name));
    if (lost.length === own.length) problems.push(`region ${region.name} is gone`);
    else if (lost.length > 0) problems.push(`${lost.join(', ')} of region ${region.name} gone`);
  }
  const shared = gone.filter((name) => !/^(east|west)-/.test(name));
  if (shared.length > 0) problems.push(`${shared.join(', ')} gone`);
  const made = slotsOf(options.plan);
  for (const { slot, region, most } of slotsOf(plan)) {
    const published = made.find((each) => each.slot === slot)!.most;
    if (most <= Math.max(published, INSTANCES_IN_FILE)) continue;
    problems.push(`region ${region.name} has ports for ${published} instances, not for ${most}`);
  }
  if (problems.length > 0) throw notIntact(options, { place }, problems);
}

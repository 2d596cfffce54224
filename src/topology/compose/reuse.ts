// Works with a system of containers that another runner brought up and left running: nothing is
// started, everything is looked at first, and it stays up afterwards.
import { allDone } from '../../base/all-done.ts';
import { attachGslb } from '../assembled/gslb.ts';
import { makeReady, notIntact, orNotIntact } from '../assembled/intact.ts';
import { UNLED } from '../assembled/protection.ts';
import type { KeptPlace, Variables } from '../runtime.ts';
import { regionIn } from '../system/region.ts';
import type { RunPlace, System, UpContext } from '../system/system.ts';
import { addressAt } from './engine/address.ts';
import { containersOf, type Container } from './engine/container.ts';
import { engineAt, unreachable } from './engine/engine.ts';
import { ContainerLogs } from './engine/logs.ts';
import type { ComposeParts } from './keep.ts';
import { INSTANCES_IN_FILE, slotsOf } from './project/slots.ts';
import { gslbPlaces } from './published.ts';
import {
  assemble,
  exposeAll,
  runningSystem,
  serviceIn,
  versionsOf,
  witnessed,
  type Ends,
} from './system.ts';

const LOOK_MS = 5_000;

interface ReuseOptions extends KeptPlace {
  /** The parts that `keep` wrote. */
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
  const logs = new ContainerLogs(engine, ownLogs);
  const base = { context: { ...own, place }, engine, project, logs };
  const ends: Ends = [];
  await own.defer({ undo: 'processes', run, directory: scratch }, async () => {
    logs.release();
    await Promise.all(ends.map((end) => end()));
  });
  const containers = await containersOf(engine, kept.run);
  await requireContainers(containers, own, options);
  await Promise.all(containers.map((container) => logs.follow(container)));
  const assembled = assemble(base, containers, ends, null);
  await allDone<unknown>([witnessed(base, kept.run, assembled, ends), assembled]);
  const assembly = await assembled;
  await exposeAll(assembly);
  const { adopted } = assembly.around;
  const names = [...assembly.regions.keys()].map((name) => `clients-${name}`);
  const { from, to } = own.plan.replication;
  const checks = [`${from}-${to}`, ...names].map((name) =>
    adopted.check(name, own.plan.links[name] ?? null),
  );
  const problems = (await Promise.all(checks)).flat();
  if (problems.length > 0) throw notIntact(options, own, problems);
  const { address, control } = gslbPlaces(serviceIn(containers, 'gslb'));
  const known = { address, control: { ...control, token: project.secrets.control }, origin_ms };
  const gslb = await attachGslb(known, own, options, ends);
  const region = (name: string) => regionIn(assembly.regions, name);
  await makeReady({ region, gslb }, own, options);
  const versions = await versionsOf(assembly);
  const keep = () => Promise.resolve([...kept.nodes]);
  return runningSystem(assembly, gslb, UNLED, versions, keep);
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

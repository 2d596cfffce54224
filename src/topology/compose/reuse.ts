// Works with a system of containers that another runner brought up and left running: nothing is
// started, everything is looked at first, and it stays up afterwards.
import { allDone } from '../../base/all-done.ts';
import type { Clock } from '../../host/clock.ts';
import { startEnded } from '../assembled/start-ended.ts';
import { goneFrom, makeReady, notIntact, takeUp } from '../assembled/intact.ts';
import { UNLED } from '../assembled/protection.ts';
import type { EndedNode, KeptPlace, Variables } from '../runtime.ts';
import type { Lab, UpContext } from '../system/system.ts';
import { containersOf, type Container } from './engine/container.ts';
import { openEngine, unreachable } from './engine/engine.ts';
import { ContainerLogs } from './engine/logs.ts';
import type { ComposeParts } from './keep.ts';
import { gslbNode, gslbPlaces } from './programs.ts';
import { INSTANCES_IN_FILE, slotsOf } from './project/slots.ts';
import { assemble, exposeAll, runningSystem, serviceIn, witnessed } from './system.ts';

export async function reuse(
  taken: KeptPlace,
  own: UpContext,
  environment: Variables,
): Promise<Lab> {
  return await takeUp(own, taken, async (ends) => {
    const { kept } = taken;
    const { origin_ms, project } = kept.parts as ComposeParts;
    const { base, containers } = await attach(taken, own, environment, ends);
    const { logs } = base;
    await requireContainers(containers, own, taken);
    await Promise.all(containers.map((container) => logs.follow(container)));
    const assembled = assemble(base, containers, null);
    await allDone<unknown>([witnessed(base, kept.run, assembled), assembled]);
    const assembly = await assembled;
    await exposeAll(assembly);
    const { around, regions } = assembly;
    const { from, to } = own.plan.replication;
    const names = [`${from}-${to}`, ...[...regions.keys()].map((name) => `clients-${name}`)];
    const checks = names.map((name) => around.adopted.check(name, own.plan.links[name] ?? null));
    const problems = (await Promise.all(checks)).flat();
    if (problems.length > 0) throw notIntact(taken, own, problems);
    const container = serviceIn(containers, 'gslb');
    const { address, control } = gslbPlaces(container);
    const { control: token } = project.secrets;
    const node = gslbNode(around, container);
    const known = { address, control: { ...control, token }, origin_ms, node };
    const gslb = await makeReady({ regions, gslb: known }, own, taken, ends);
    return await runningSystem(assembly, gslb, UNLED, () => Promise.resolve([...kept.nodes]));
  });
}

/** Its containers as they are, whole or not. */
async function attach(
  { kept, directory }: KeptPlace,
  own: UpContext,
  environment: Variables,
  ends: (() => unknown)[],
) {
  const { docker, project } = kept.parts as ComposeParts;
  const engine = openEngine(environment, docker);
  await engine
    .call('ping', (asked) => asked.ping())
    .catch((error: unknown) => {
      throw unreachable(engine, error);
    });
  // The containers' words go to this run's own logs.
  const place = { ...own.place, id: kept.run, directory };
  const logs = new ContainerLogs(engine, own.place.logs);
  ends.push(() => logs.release());
  const base = { context: { ...own, place }, engine, project, logs, ends };
  return { base, containers: await containersOf(engine, kept.run) };
}

/** For whoever cleans up after a runner: a node that it had ended. */
export async function startAgain(
  taken: KeptPlace,
  ended: EndedNode,
  environment: Variables,
  clock: Clock,
): Promise<void> {
  const { origin_ms } = taken.kept.parts as ComposeParts;
  await startEnded({ ...taken, origin_ms }, ended, clock, async (own, ends) => {
    const { base, containers } = await attach(taken, own, environment, ends);
    const assembly = await assemble(base, containers, null);
    await exposeAll(assembly);
    return assembly.regions;
  });
}

/** Every container that was made is there and runs; those of a region are told together. */
async function requireContainers(
  containers: readonly Container[],
  { plan, place }: UpContext,
  taken: KeptPlace,
): Promise<void> {
  const { services } = (taken.kept.parts as ComposeParts).project;
  const looks = await Promise.all(containers.map((container) => container.look()));
  const running = containers.filter((_, i) => looks[i]!.state === 'running');
  const gone = services.filter((name) => running.every(({ service }) => service !== name));
  const problems = slotsOf(plan).flatMap(({ slot, region }) => {
    const isOwn = (name: string) => name.startsWith(`${slot}-`);
    return goneFrom(region.name, services.filter(isOwn).length, gone.filter(isOwn));
  });
  const shared = gone.filter((name) => !/^(east|west)-/.test(name));
  if (shared.length > 0) problems.push(`${shared.join(', ')} gone`);
  const made = slotsOf(taken.plan);
  for (const { slot, region, most } of slotsOf(plan)) {
    const published = made.find((each) => each.slot === slot)!.most;
    if (most <= Math.max(published, INSTANCES_IN_FILE)) continue;
    problems.push(`region ${region.name} has ports for ${published} instances, not for ${most}`);
  }
  if (problems.length > 0) throw notIntact(taken, { place }, problems);
}

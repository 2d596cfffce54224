// The compose runtime: two regions of containers, joined only by the real Toxiproxy. `docker
// compose` brings them up; everything after that goes through the engine's API.
import { allDone } from '../../base/all-done.ts';
import { LOOPBACK } from '../../host/ports.ts';
import { join } from 'node:path';
import { replicationLink } from '../../drill/plan/plan.ts';
import type { GslbSettings } from '../../gslb/protocol.ts';
import { adoptLinks, type AdoptedLinks } from '../../link/adopt.ts';
import type { Variables } from '../runtime.ts';
import type { Region } from '../system/region.ts';
import type { System, UpContext } from '../system/system.ts';
import { composeUp, requireDockerCommand } from './project/compose-command.ts';
import { containersOf, type Container } from './engine/container.ts';
import { bringUpFailure } from './bring-up-failure.ts';
import { openEngine, type Engine } from './engine/engine.ts';
import { failedContainer } from './bring-up-failure.ts';
import { startGslb } from './gslb.ts';
import { ensureImages } from './engine/images.ts';
import { nothingYet, versionsOf, wantedImages, witnessed, type Parts } from './parts.ts';
import { ContainerLogs } from './engine/logs.ts';
import { labelled } from './project/own-labels.ts';
import { systemOf } from './running-system.ts';
import { describeProject } from './project/project.ts';
import { ComposeRegion } from './region.ts';
import { protect } from './protection.ts';
import { rebuildContainer } from './rebuild.ts';
import { removeRun } from './engine/remove.ts';
import { restoreContainer } from './restore.ts';
import { PORTS, slotsOf } from './project/slots.ts';

/** `environment` is the runner's own with the settings; `files` are further compose files. */
export async function bringUp(
  context: UpContext,
  environment: Variables,
  files: readonly string[],
): Promise<System> {
  const engine = openEngine(environment);
  try {
    return await startContainers(context, engine, environment, files);
  } catch (error) {
    context.signal.throwIfAborted();
    throw bringUpFailure(engine, error, context.place.logs);
  }
}

async function startContainers(
  context: UpContext,
  engine: Engine,
  environment: Variables,
  files: readonly string[],
): Promise<System> {
  const { plan, place, emit, signal, clock } = context;
  requireDockerCommand(environment['PATH']);
  await engine.call('ping', (docker) => docker.ping());
  // What the user's files add is the run's own too.
  const described = describeProject(context, engine, environment, files);
  const hasOwn = files.length > 0;
  const project = hasOwn ? await labelled(described, place.directory, place.id) : described;
  const images = wantedImages(project, plan.redis !== null).map(([, image]) => image);
  await ensureImages(engine, images, emit, signal);
  const logs = new ContainerLogs(engine, place.logs);
  const regions = new Map<string, ComposeRegion>();
  const parts: Parts = {
    context,
    engine,
    project,
    logs,
    regions,
    ...nothingYet(),
  };
  await deferUndo(parts);
  const begun = clock.now();
  const logFile = join(place.logs, 'compose.log');
  try {
    await composeUp(project, { logFile, signal });
    parts.isSettled = true;
  } catch (error) {
    signal.throwIfAborted();
    throw (await failedContainer(engine, place.id).catch(() => null)) ?? error;
  }
  const containers = await containersOf(engine, place.id);
  for (const { node, facts } of containers) {
    emit('node.started', { node, pid: facts.State.Pid, ms: clock.now() - begun });
  }
  const assembled = assemble(parts, containers);
  const followed = containers.map((container) => logs.follow(container));
  await allDone<unknown>([...followed, witnessed(parts, place.id), assembled]);
  return await assembled;
}

/** The containers go first, but not before `docker compose` has ended, which could make more. */
async function deferUndo(parts: Parts): Promise<void> {
  const { context, engine } = parts;
  const { place, clock, defer } = context;
  const run = place.id;
  await defer({ undo: 'compose', run, docker: engine.address.url }, async () => {
    parts.witness?.stop();
    for (const program of parts.programs) program.close();
    await Promise.all([...parts.regions.values()].map((region) => region.close()));
    const left = await removeRun(engine, run, clock, parts.isSettled);
    await parts.logs.finish();
    if (left.length > 0) throw new Error(left.join('; '));
  });
  // `docker compose` itself carries the run's mark; a live run has waited for its end.
  await defer({ undo: 'processes', run, directory: place.scratch }, async () => {});
}

/** Links and regions as they stand between the containers; and what the GSLB must know of them. */
export async function joinRegions(
  parts: Parts,
  containers: readonly Container[],
): Promise<{ readonly adopted: AdoptedLinks; readonly endpoints: GslbSettings['endpoints'] }> {
  const { context, engine, project, logs, regions } = parts;
  const { plan } = context;
  const service = (name: string) => containers.find((each) => each.service === name)!;
  const toxiproxy = service('toxiproxy');
  const adopted = await adoptLinks(`http://${LOOPBACK}:${toxiproxy.port(PORTS.api)}`);
  const replication = replicationLink(plan.replication);
  const [east, west] = slotsOf(plan);
  // Not published: only the regions reach it.
  const inside = { served: 'east-west.postgres', host: 'toxiproxy', port: 0 };
  await adopted.adopt(replication, `${replication}.postgres`, inside);
  if (plan.redis !== null) {
    const carts = { ...inside, served: 'east-west.redis' };
    await adopted.adopt(replication, `${replication}.redis`, carts);
  }
  if (plan.backup !== null) {
    const storage = { ...inside, served: 'east-west.storage' };
    await adopted.adopt(replication, `${replication}.storage`, storage);
  }
  for (const [slot, peer] of [
    [east, west],
    [west, east],
  ] as const) {
    const shared = { context, engine, project, toxiproxy, adopted, logs, replication };
    const elsewhere = () => regions.get(peer.region.name)!.apps.containers[0]!;
    const { name } = slot.region;
    const abilities: Pick<Region, 'rebuild' | 'restore'> = {
      rebuild: (signal = context.signal) => rebuildContainer(parts, adopted, name, signal),
      restore: (target, signal = context.signal) => restoreContainer(parts, name, target, signal),
    };
    const own = { ...shared, slot, peer: peer.region.name, elsewhere, abilities };
    const region = new ComposeRegion(own, containers);
    regions.set(region.name, region);
  }
  const endpoints = await Promise.all([...regions.values()].map((region) => region.expose()));
  return { adopted, endpoints: endpoints.flat() };
}

/** Everything between the containers: links, regions, replication, GSLB. */
async function assemble(parts: Parts, containers: readonly Container[]): Promise<System> {
  const { context, regions } = parts;
  const { adopted, endpoints } = await joinRegions(parts, containers);
  const delays = Object.entries(context.plan.links).map(async ([name, delay]) => {
    await adopted.links.get(name).delay(delay.latency_ms, delay.jitter_ms);
  });
  const service = containers.find((each) => each.service === 'gslb')!;
  const started = startGslb(parts, service, endpoints);
  const versions = versionsOf(parts);
  await allDone<unknown>([...delays, protect(parts, adopted, containers), started, versions]);
  const gslb = await started;
  for (const region of regions.values()) {
    region.apps.onInstance = (endpoint) => gslb.addEndpoint(endpoint);
  }
  return systemOf(parts, { adopted, gslb, ...(await versions) });
}

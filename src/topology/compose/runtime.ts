// The compose runtime: two regions of containers, joined only by the real Toxiproxy. `docker
// compose` brings them up; everything after that goes through the engine's API.
import { LOOPBACK } from '../../host/ports.ts';
import { join } from 'node:path';
import { replicationLink } from '../../drill/plan.ts';
import type { GslbSettings } from '../../gslb/protocol.ts';
import { markedEnvironment } from '../../host/processes.ts';
import { connectProgram } from '../../host/program-client.ts';
import { adoptLinks, type AdoptedLinks } from '../../link/adopt.ts';
import { untilStreaming } from '../../postgres/primary.ts';
import { untilFollowing } from '../carts.ts';
import { gslbOver, RegionWatch, untilServing, type RunningGslb } from '../gslb.ts';
import type { Runtime, System, UpContext } from '../system.ts';
import type { Variables } from './address.ts';
import { assertSharedClock } from './shared-clock.ts';
import { composeUp, requireDockerCommand } from './compose-command.ts';
import { containersOf, type Container } from './container.ts';
import { bringUpFailure } from './bring-up-failure.ts';
import { openEngine, type Engine } from './engine.ts';
import { failedContainer } from './failed-container.ts';
import { ensureImages } from './images.ts';
import {
  witnessed,
  NOTHING_YET,
  primaryAddress,
  versionsOf,
  wantedImages,
  type Parts,
} from './parts.ts';
import { ContainerLogs } from './logs.ts';
import { labelled } from './own-labels.ts';
import { systemOf } from './running-system.ts';
import { describeProject, type ComposeSettings } from './project.ts';
import { ComposeRegion } from './region.ts';
import { removeRun } from './remove.ts';
import { PORTS, slotsOf } from './slots.ts';
import { gslbPlaces, GSLB_DNS } from './ways-in.ts';

const STREAMING_AT_MOST_MS = 30_000;

export interface ComposeOptions {
  /** The runner's own. */
  readonly environment: Variables;
  readonly settings: ComposeSettings;
}

export function composeRuntime(options: ComposeOptions): Runtime {
  return {
    kind: 'compose',
    up: async (context) => {
      const engine = openEngine(options.environment);
      try {
        return await bringUp(context, engine, options);
      } catch (error) {
        context.signal.throwIfAborted();
        throw bringUpFailure(engine, error, context.place.logs);
      }
    },
  };
}

async function bringUp(
  context: UpContext,
  engine: Engine,
  { environment, settings }: ComposeOptions,
): Promise<System> {
  const { plan, place, emit, signal, clock } = context;
  requireDockerCommand(environment['PATH']);
  await engine.call('ping', (docker) => docker.ping());
  // What the user's files add is the run's own too.
  const described = describeProject(context, engine, environment, settings);
  const hasOwn = settings.files.length > 0;
  const project = hasOwn ? await labelled(described, place.directory, place.id) : described;
  const images = wantedImages(project, plan.redis !== null).map(([, image]) => image);
  await ensureImages(engine, images, emit, signal);
  const logs = new ContainerLogs(engine, place.logs);
  const regions = new Map<string, ComposeRegion>();
  const own = markedEnvironment(environment, place.id);
  const parts: Parts = {
    context,
    engine,
    project,
    logs,
    regions,
    environment: own,
    ...NOTHING_YET,
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
  await Promise.all(containers.map((container) => logs.follow(container)));
  await witnessed(parts, place.id);
  return await assemble(parts, containers);
}

/** The containers go first, but not before `docker compose` has ended, which could make more. */
async function deferUndo(parts: Parts): Promise<void> {
  const { context, engine } = parts;
  const { place, clock, defer } = context;
  const run = place.id;
  await defer({ undo: 'compose', run, docker: engine.address.url }, async () => {
    parts.witness?.stop();
    parts.gslb?.close();
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
  for (const [slot, peer] of [
    [east, west],
    [west, east],
  ] as const) {
    const shared = { context, engine, project, toxiproxy, adopted, logs, replication };
    const elsewhere = () => regions.get(peer.region.name)!.apps[0]!;
    const own = { ...shared, slot, peer: peer.region.name, elsewhere };
    const region = new ComposeRegion(own, containers);
    regions.set(region.name, region);
  }
  const endpoints = await Promise.all([...regions.values()].map((region) => region.expose()));
  return { adopted, endpoints: endpoints.flat() };
}

/** Everything between the containers: links, regions, replication, GSLB. */
async function assemble(parts: Parts, containers: readonly Container[]): Promise<System> {
  const { context, regions } = parts;
  const { plan, clock, signal } = context;
  const service = (name: string) => containers.find((each) => each.service === name)!;
  const { adopted, endpoints } = await joinRegions(parts, containers);
  for (const [name, { latency_ms, jitter_ms }] of Object.entries(plan.links)) {
    await adopted.links.get(name).delay(latency_ms, jitter_ms);
  }
  const primary = primaryAddress(parts);
  const isSync = plan.replication.mode === 'sync';
  const { to } = plan.replication;
  const { carts } = regions.get(plan.replication.from)!;
  await Promise.all([
    untilStreaming(primary, to, isSync, clock, STREAMING_AT_MOST_MS, signal),
    carts === null ? null : untilFollowing(carts, context),
  ]);
  const gslb = await startGslb(parts, service('gslb'), endpoints);
  for (const region of regions.values()) {
    region.onInstance = (endpoint) => gslb.addEndpoint(endpoint);
  }
  return systemOf(parts, { adopted, gslb, ...(await versionsOf(parts)) });
}

async function startGslb(
  parts: Parts,
  container: Container,
  endpoints: GslbSettings['endpoints'],
): Promise<RunningGslb> {
  const { plan, place, clock, origin_ms, emit, signal } = parts.context;
  const { address, control } = gslbPlaces(container);
  const program = connectProgram({
    title: 'gslb',
    ...control,
    token: parts.project.secrets.control,
  });
  parts.gslb = program;
  await assertSharedClock(program);
  const watch = new RegionWatch(emit);
  const lost = (reason: string) => {
    // A part of drill that is gone is a doubt about the whole run; the engine's events say so too.
    emit('run.noted', { text: `the GSLB says nothing more: ${reason}` });
  };
  await program.follow((name, body) => watch.take(name, body), lost);
  const serving = plan.regions.filter(({ role }) => role === 'active').map(({ name }) => name);
  const settings: GslbSettings = {
    ...{ origin_ms, run: place.id, ...plan.gslb, serving, endpoints },
    listen: { host: '0.0.0.0', port: GSLB_DNS },
  };
  await program.request('start', settings);
  const gslb = gslbOver(program, address, watch, clock);
  await untilServing(gslb, serving, clock, signal);
  return gslb;
}

// The compose runtime: two regions of containers, joined only by the real Toxiproxy. `docker
// compose` brings them up; everything after that goes through the engine's API.
import { allDone } from '../../base/all-done.ts';
import { join } from 'node:path';
import { EnvironmentError } from '../../host/environment-error.ts';
import { partFailure, READ_LINES } from '../../host/machine/last-words.ts';
import { ProgramError } from '../../host/program/program-client.ts';
import { LinkError } from '../../link/links.ts';
import type { Variables } from '../runtime.ts';
import type { Lab, UpContext } from '../system/system.ts';
import { composeUp, requireDockerCommand } from './project/compose-command.ts';
import { containersOf, type Container } from './engine/container.ts';
import {
  EngineError,
  isUnreachable,
  openEngine,
  unreachable,
  type Engine,
} from './engine/engine.ts';
import { ensureImages, imagesOf } from './engine/images.ts';
import { ContainerLogs } from './engine/logs.ts';
import { labelled } from './project/user-files.ts';
import { describeProject, REPOSITORY_SERVICE } from './project/project.ts';
import { untilFollowing } from '../assembled/carts.ts';
import { protect } from '../assembled/protection.ts';
import type { Surroundings } from './surroundings.ts';
import { keepSystem } from './keep.ts';
import { pairDriver } from './replication.ts';
import { startGslb, startRepository } from './programs.ts';
import {
  assemble,
  exposeAll,
  runningSystem,
  serviceIn,
  wantedImages,
  witnessed,
  type Assembly,
} from './system.ts';
import { removeRun } from './engine/remove.ts';

/** `environment` is the runner's own with the settings; `files` are further compose files. */
export async function bringUp(
  context: UpContext,
  environment: Variables,
  files: readonly string[],
): Promise<Lab> {
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
): Promise<Lab> {
  const { plan, place, emit, signal, clock } = context;
  requireDockerCommand(environment['PATH']);
  await engine.call('ping', (docker) => docker.ping());
  // What the user's files add is the run's own too.
  const described = describeProject(context, engine, environment, files, imagesOf(environment));
  const hasOwn = files.length > 0;
  const project = hasOwn ? await labelled(described, place.directory, place.id) : described;
  const images = wantedImages(project, plan.redis !== null).map(([, image]) => image);
  await ensureImages(engine, images, emit, signal);
  const logs = new ContainerLogs(engine, place.logs);
  const base = { context, engine, project, logs, ends: [] };
  const settle = await deferUndo(base);
  const begun = clock.now();
  const logFile = join(place.logs, 'compose.log');
  try {
    await composeUp(project, { logFile, signal });
    settle();
  } catch (error) {
    signal.throwIfAborted();
    throw (await failedContainer(engine, place.id).catch(() => null)) ?? error;
  }
  const containers = await containersOf(engine, place.id);
  for (const { node, facts } of containers) {
    emit('node.started', { node, pid: facts.State.Pid, ms: clock.now() - begun });
  }
  const service = plan.backup === null ? null : REPOSITORY_SERVICE;
  const assembly = assemble(base, containers, service);
  const system = assembly.then((made) => finish(made, serviceIn(containers, 'gslb')));
  const followed = containers.map((container) => logs.follow(container));
  await allDone<unknown>([...followed, witnessed(base, place.id, assembly), system]);
  return await system;
}

/**
 * The containers go first, but not before `docker compose` has ended, which could make more: what
 * this returns is to be called then, when nothing more appears that nobody waits for.
 */
async function deferUndo({
  context,
  engine,
  logs,
  ends,
}: Pick<Surroundings, 'context' | 'engine' | 'logs' | 'ends'>): Promise<() => void> {
  const { place, clock, defer } = context;
  const run = place.id;
  let isSettled = false;
  await defer({ undo: 'compose', run, docker: engine.address.url }, async () => {
    await Promise.all(ends.map((end) => end()));
    const left = await removeRun(engine, { run, madeBy: null }, clock, isSettled);
    await logs.finish();
    if (left.length > 0) throw new Error(left.join('; '));
  });
  // `docker compose` itself carries the run's mark; a live run has waited for its end.
  await defer({ undo: 'processes', run, directory: place.scratch }, async () => {});
  return () => (isSettled = true);
}

/** Everything between the containers: clients' ways, distances, replication, GSLB. */
async function finish(assembly: Assembly, container: Container): Promise<Lab> {
  const { around, regions, drivers, repository } = assembly;
  const { context, adopted } = around;
  const { plan } = context;
  const endpoints = await exposeAll(assembly);
  const delays = Object.entries(plan.links).map(async ([name, delay]) => {
    await adopted.links.get(name).delay(delay.latency_ms, delay.jitter_ms);
  });
  const { carts, database } = regions.get(plan.replication.from)!;
  const protectedBy = protect(context, regions, {
    ...pairDriver(around, regions, drivers),
    // It came up with everything else.
    startSecond: async () => {},
    startRepository: () => startRepository(around, repository!, database.store, database.node),
  });
  const started = startGslb(around, container, endpoints);
  const followed = carts === null ? [] : [untilFollowing(carts.store, context)];
  await allDone<unknown>([...delays, protectedBy, ...followed, started]);
  const gslb = await started;
  const keep = () => keepSystem(assembly, gslb);
  return await runningSystem(assembly, gslb, await protectedBy, keep);
}

/** Anything else is a bug in drill, and stays what it is. */
function bringUpFailure(engine: Engine, error: unknown, logs: string): unknown {
  if (isUnreachable(error)) return unreachable(engine, error);
  const what = partOf(error);
  if (what === null) return error;
  return new EnvironmentError(
    {
      what,
      expected: 'it to do what it was asked while the system came up',
      found: (error as Error).message,
      hint: `read the logs of the containers: ${logs}`,
    },
    { cause: error },
  );
}

function partOf(error: unknown): string | null {
  if (error instanceof EngineError) return 'the docker engine';
  if (error instanceof LinkError) return 'the proxy server';
  return error instanceof ProgramError ? 'a program in a container' : null;
}

/** Null where every container that there is runs and is healthy, or will be. */
async function failedContainer(engine: Engine, run: string): Promise<EnvironmentError | null> {
  const containers = await containersOf(engine, run);
  const failed = containers.find(hasEnded) ?? containers.find(isUnhealthy);
  if (failed === undefined) return null;
  const { State } = failed.facts;
  const how = State.OOMKilled ? ' for want of memory' : '';
  const found = hasEnded(failed)
    ? `it ended with exit code ${State.ExitCode}${how} ${State.Error}`.trimEnd()
    : `it is unhealthy: ${State.Health?.Log.at(-1)?.Output.trim() || 'no word of why'}`;
  return partFailure({
    what: `the container of ${failed.node}`,
    expected: 'it to start and to become healthy',
    found,
    hint: 'read its log below; compose/README.md says how to run the system by hand',
    log: await failed.said(READ_LINES).catch(() => []),
  });
}

/** One that never began to run is compose's own failure to tell. */
function hasEnded({ facts }: Container): boolean {
  const { Status, StartedAt } = facts.State;
  return Status === 'exited' || (Status === 'dead' && !StartedAt.startsWith('0001'));
}

function isUnhealthy({ facts }: Container): boolean {
  return facts.State.Health?.Status === 'unhealthy';
}

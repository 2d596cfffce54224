// The compose runtime: two regions of containers, joined only by the real Toxiproxy. The engine's
// client takes its time to load, and most drills have no use for it.
import { resolve } from 'node:path';
import * as z from 'zod';
import type { Effect, UndoKind, UndoSurroundings } from '../../evidence/undo.ts';
import type { Runtime, RuntimeOptions } from '../runtime.ts';
import type { Container } from './engine/container.ts';
import type { Engine } from './engine/engine.ts';

/** Containers, networks and volumes that carry the run's label. */
interface Containers extends Effect {
  readonly undo: 'compose';
  readonly run: string;
  /** The address of the docker engine. */
  readonly docker: string;
}

const containersUndo: UndoKind<Containers> = {
  undo: 'compose',
  facts: z.object({ run: z.string(), docker: z.string() }),
  describe: ({ run }) => `containers of run ${run}`,
  atMost_ms: 40_000, // a busy engine takes its time to remove what it runs
  perform: async ({ docker, run }, { clock, environment, own }) => {
    if (run !== own.run) return [`the log is of run ${own.run}`];
    const { openEngine } = await import('./engine/engine.ts');
    const { removeRun } = await import('./engine/remove.ts');
    const engine = openEngine(environment);
    if (engine.address.url !== docker) return [otherEngine(docker, engine.address.url)];
    // Without the scratch directory, their own label says whose they are.
    const madeBy = own.scratch === null ? own.directory : null;
    return await removeRun(engine, { run, madeBy }, clock, false);
  },
};

/** Containers that were paused. */
interface PausedContainers extends Effect {
  readonly undo: 'paused-containers';
  /** The address of the docker engine. */
  readonly docker: string;
  /** Their ids. */
  readonly containers: readonly string[];
}

const pausedContainersUndo: UndoKind<PausedContainers> = {
  undo: 'paused-containers',
  facts: z.object({
    docker: z.string(),
    containers: z.array(z.string().regex(/^[0-9a-f]{12,64}$/)).max(1_000),
  }),
  describe: ({ containers }) => `${containers.length} paused containers`,
  // Also those that are removed with the run: where a cgroup freezes them (version 1), no SIGKILL
  // ends a process in one, and the run's processes are killed first.
  perform: async (paused, around) =>
    await changeBack(paused, { ...around, system: around.system ?? ownSystem(around) }, (own) =>
      own.unpause(),
    ),
};

/** A container that may use less of the processors than it may usually. */
interface SlowedContainer extends Effect {
  readonly undo: 'slowed-container';
  readonly docker: string;
  readonly container: string;
  /** Billionths of a processor. */
  readonly usual: number;
}

const slowedContainerUndo: UndoKind<SlowedContainer> = {
  undo: 'slowed-container',
  facts: z.object({
    docker: z.string(),
    container: z.string().regex(/^[0-9a-f]{12,64}$/),
    usual: z.int().min(1e7).max(1e12),
  }),
  describe: () => 'the limit of a container',
  perform: async ({ docker, container, usual }, around) =>
    await changeBack({ docker, containers: [container] }, around, (own) =>
      own.limit({ NanoCpus: usual }),
    ),
};

/** A container that may have less memory than it may usually. */
interface SqueezedContainer extends Effect {
  readonly undo: 'squeezed-container';
  readonly docker: string;
  readonly container: string;
  /** Bytes; and with what of it is on a disk, -1: any amount. */
  readonly usual: { readonly memory: number; readonly swap: number };
}

const bytes = z.int().max(2 ** 50);
const squeezedContainerUndo: UndoKind<SqueezedContainer> = {
  undo: 'squeezed-container',
  facts: z.object({
    docker: z.string(),
    container: z.string().regex(/^[0-9a-f]{12,64}$/),
    usual: z.object({ memory: bytes.min(0), swap: bytes.min(-1) }),
  }),
  describe: () => 'the memory limit of a container',
  perform: async ({ docker, container, usual: { memory, swap } }, around) =>
    await changeBack({ docker, containers: [container] }, around, (own) =>
      own.limit({ Memory: memory, MemorySwap: swap }),
    ),
};

/** A file that takes up what is free on the disk of a container. */
interface Ballast extends Effect {
  readonly undo: 'ballast';
  readonly docker: string;
  readonly container: string;
}

const ballastUndo: UndoKind<Ballast> = {
  undo: 'ballast',
  facts: z.object({
    docker: z.string(),
    container: z.string().regex(/^[0-9a-f]{12,64}$/),
  }),
  describe: () => 'the ballast on the disk of a container',
  perform: async ({ docker, container }, around) => {
    const { makeRoom } = await import('./disk.ts');
    return await changeBack({ docker, containers: [container] }, around, (own, engine) =>
      makeRoom(engine, own),
    );
  },
};

/** Null where nothing proves that it is the run's. */
function ownSystem({ own }: UndoSurroundings): UndoSurroundings['own'] | null {
  return own.scratch === null ? null : own;
}

/** Does that to each of them that is the run's; what could not be done, in words. */
async function changeBack(
  { docker, containers }: Pick<PausedContainers, 'docker' | 'containers'>,
  { environment, system }: UndoSurroundings,
  change: (container: Container, engine: Engine) => Promise<void>,
): Promise<string[]> {
  if (system === null) return []; // they are removed with the run
  const { openEngine } = await import('./engine/engine.ts');
  const { changeOwn } = await import('./engine/changed.ts');
  const engine = openEngine(environment);
  if (engine.address.url !== docker) return [otherEngine(docker, engine.address.url)];
  return await changeOwn(engine, containers, system.run, (own) => change(own, engine));
}

/** An address in a log is not one to connect to: whoever cleans names the engine. */
function otherEngine(stated: string, used: string): string {
  return `they are at the docker engine ${stated}, and this shell uses ${used}; set DOCKER_HOST`;
}

export const compose: Runtime = {
  checks: async () => (await import('./checks.ts')).COMPOSE_CHECKS,
  environmentOf,
  checkFiles: async (options) => {
    const { checkComposeFiles } = await import('./project/user-files.ts');
    await checkComposeFiles(filesOf(options), options.environment);
  },
  up: async (context, options) => {
    const { bringUp } = await import('./bring-up.ts');
    return await bringUp(context, environmentOf(options), filesOf(options));
  },
  hold: null,
  reuse: async (...asked) => await (await import('./reuse.ts')).reuse(...asked),
  startAgain: async (...asked) => await (await import('./reuse.ts')).startAgain(...asked),
  adminOf: async (...asked) => await (await import('./keep.ts')).adminOf(...asked),
  steering: async (...asked) => await (await import('./keep.ts')).steering(...asked),
  undo: [
    containersUndo,
    pausedContainersUndo,
    slowedContainerUndo,
    squeezedContainerUndo,
    ballastUndo,
  ],
  remains: {
    find: async (environment) => {
      const { openEngine } = await import('./engine/engine.ts');
      const { remainsAt } = await import('./engine/remove.ts');
      return await remainsAt(openEngine(environment));
    },
    remove: async (run, environment, clock) => {
      const { openEngine } = await import('./engine/engine.ts');
      const { removeRun } = await import('./engine/remove.ts');
      return await removeRun(openEngine(environment), { run, madeBy: null }, clock, false);
    },
  },
};

/** The images of the configuration file are variables too, which those of the runner outrank. */
function environmentOf({ environment, settings }: RuntimeOptions): RuntimeOptions['environment'] {
  const images = Object.entries(settings.compose.images);
  const named = images.map(([part, image]) => [`DRILL_IMAGE_${part.toUpperCase()}`, image]);
  return { ...(Object.fromEntries(named) as RuntimeOptions['environment']), ...environment };
}

/** The compose files of the user, absolute. */
function filesOf({ settings, directory }: RuntimeOptions): readonly string[] {
  return settings.compose.files.map((file) => resolve(directory, file));
}

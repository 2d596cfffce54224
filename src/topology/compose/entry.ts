// The compose runtime: two regions of containers, joined only by the real Toxiproxy. The engine's
// client takes its time to load, and most drills have no use for it.
import { resolve } from 'node:path';
import type { Effect, UndoKind } from '../../evidence/undo.ts';
import type { Runtime, RuntimeOptions } from '../runtime.ts';

/** Containers, networks and volumes that carry the run's label. */
interface Containers extends Effect {
  readonly undo: 'compose';
  readonly run: string;
  /** The address of the docker engine. */
  readonly docker: string;
}

const containersUndo: UndoKind<Containers> = {
  undo: 'compose',
  describe: ({ run }) => `containers of run ${run}`,
  atMost_ms: 40_000, // a busy engine takes its time to remove what it runs
  perform: async ({ docker, run }, { clock, environment }) => {
    const { openEngine } = await import('./engine/engine.ts');
    const { removeRun } = await import('./engine/remove.ts');
    return await removeRun(openEngine(environment, docker), run, clock, false);
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
  describe: ({ containers }) => `${containers.length} paused containers`,
  perform: async ({ docker, containers }, { environment }) => {
    const { openEngine } = await import('./engine/engine.ts');
    const { unpause } = await import('./engine/container.ts');
    return await unpause(openEngine(environment, docker), containers);
  },
};

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
  reuse: async (...asked) => await (await import('./reuse.ts')).reuse(...asked),
  adminOf: async (...asked) => await (await import('./keep.ts')).adminOf(...asked),
  undo: [containersUndo, pausedContainersUndo],
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

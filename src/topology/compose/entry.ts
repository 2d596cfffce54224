// The compose runtime: two regions of containers, joined only by the real Toxiproxy. The engine's
// client takes its time to load, and most drills have no use for it.
import { resolve } from 'node:path';
import type { Runtime, RuntimeOptions } from '../runtime.ts';
import { containersUndo, pausedContainersUndo } from './undo.ts';

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
  reuse: async (place, context, environment) => {
    const { reuse } = await import('./reuse.ts');
    return await reuse(place, context, environment);
  },
  adminOf: async (kept, node, environment) => {
    const { adminOf } = await import('./keep.ts');
    return await adminOf(kept, node, environment);
  },
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

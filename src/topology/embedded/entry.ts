// The embedded runtime: two regions of real PostgreSQL and app processes on loopback.
import { processEnvironment } from '../../host/process/environment.ts';
import type { Runtime } from '../runtime.ts';
import { databaseUndo, stoppedProcessesUndo } from './undo.ts';

export const embedded: Runtime = {
  checks: async () => (await import('./checks.ts')).EMBEDDED_CHECKS,
  environmentOf: ({ environment }) => environment,
  checkFiles: () => Promise.resolve(),
  up: async (context, { environment }) => {
    const { bringUp } = await import('./bring-up.ts');
    return await bringUp(context, processEnvironment(environment, context.place.id));
  },
  reuse: async (place, context, environment) => {
    const { reuse } = await import('./reuse.ts');
    return await reuse(place, context, environment);
  },
  undo: [databaseUndo, stoppedProcessesUndo],
  remains: null,
};

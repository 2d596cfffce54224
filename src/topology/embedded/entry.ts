// The embedded runtime: two regions of real PostgreSQL and app processes on loopback.
import { processEnvironment } from '../../host/process/environment.ts';
import { isStillThere } from '../../host/process/processes.ts';
import type { Runtime } from '../runtime.ts';
import type { EmbeddedParts } from './keep.ts';
import { databaseUndo, stoppedProcessesUndo } from './undo.ts';

export const embedded: Runtime = {
  checks: async () => (await import('./checks.ts')).EMBEDDED_CHECKS,
  environmentOf: ({ environment }) => environment,
  checkFiles: () => Promise.resolve(),
  up: async (context, { environment }) => {
    const { bringUp } = await import('./bring-up.ts');
    return await bringUp(context, processEnvironment(environment, context.place.id));
  },
  hold: async (context, { environment }) => {
    const { holdPlace } = await import('./hold.ts');
    return await holdPlace(context, processEnvironment(environment, context.place.id));
  },
  reuse: async (place, context, environment) => {
    const { reuse } = await import('./reuse.ts');
    return await reuse(place, context, environment);
  },
  startAgain: async (...asked) => await (await import('./reuse.ts')).startAgain(...asked),
  adminOf: ({ parts }, node) => {
    const { servers, admin } = parts as EmbeddedParts;
    const server = servers.find((each) => each.node === node);
    return Promise.resolve(server !== undefined && isStillThere(server) ? admin : null);
  },
  steering: ({ parts }) => {
    const { workload, gslb } = parts as EmbeddedParts;
    const control = isStillThere(gslb) ? gslb.control : null;
    return Promise.resolve({ app: workload.password, gslb: control });
  },
  undo: [databaseUndo, stoppedProcessesUndo],
  remains: null,
};

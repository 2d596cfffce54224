// The embedded runtime: two regions of real PostgreSQL and app processes on loopback.
import { OperationFailed } from '../../host/operation-failed.ts';
import { LOOPBACK } from '../../host/ports.ts';
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
  steering: ({ parts, nodes }) => {
    const { workload, gslb } = parts as EmbeddedParts;
    const control = isStillThere(gslb) ? gslb.control : null;
    const at = async (node: string) => {
      const url = nodes.find((each) => each.node === node)?.url;
      if (url === undefined) return null; // it was started later, for one run
      const { hostname: host, port } = new URL(url);
      if (host === LOOPBACK) return await Promise.resolve({ host, port: Number(port) });
      throw new OperationFailed({ what: node, expected: `it on ${LOOPBACK}`, found: host });
    };
    return Promise.resolve({ app: { at, secret: workload.password }, gslb: control });
  },
  undo: [databaseUndo, stoppedProcessesUndo],
  remains: null,
};

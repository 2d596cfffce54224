// Clients in this process: the workload itself, on the run's clock, with a service in memory. Its
// ledger is the real one.
import type { Clients, StartClients } from '../../../src/workload/clients.ts';
import { STORES, type StoreRole } from '../../../src/drill/stores.ts';
import { createLedger } from '../../../src/evidence/ledger/ledger.ts';
import { OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import type { ResolvedService } from '../../../src/gslb/resolver.ts';
import type { Clock } from '../../../src/host/clock.ts';
import { ProgramError } from '../../../src/host/program/program-client.ts';
import type { ProcessExit } from '../../../src/host/process/detached.ts';
import type { WorkloadSettings } from '../../../src/workload/protocol.ts';
import type {
  OutgoingRequest,
  Reply,
  Transport,
} from '../../../src/workload/transport/transport.ts';
import { Workload } from '../../../src/workload/workload.ts';
import { regionOf } from '../../../src/base/node-name.ts';
import type { MemorySystem } from './memory-system.ts';

/** From a request to its answer. */
const SERVED_WITHIN_MS = 2;

/** `systemOf` gives the system once it is up. */
export function memoryClients(systemOf: () => MemorySystem): StartClients {
  return ({ clock, onSample }): Clients => {
    let workload: Workload | null = null;
    let onExit: (exit: ProcessExit) => void = () => {};
    const exited = new Promise<ProcessExit>((resolve) => (onExit = resolve));
    const open = (settings: WorkloadSettings): Workload => {
      const { run, store, seed, nodes, workload: planned } = settings;
      const { payload_bytes } = planned;
      const written = STORES[store].written;
      const header = {
        schema: 'drill.ledger/1',
        run,
        store: written,
        seed,
        nodes,
        payload_bytes,
      } as const;
      const system = systemOf();
      return new Workload(settings, {
        clock,
        ledger: createLedger(settings.ledger, header),
        transport: memoryTransport(system, store, clock),
        resolve: () => resolve(system, planned.timeout_ms),
        onSample,
      });
    };
    const answers: Readonly<Record<string, (body: unknown) => unknown>> = {
      start: (body) => (workload = open(body as WorkloadSettings)),
      seed: () => workload!.seed(),
      run: () => workload!.run(),
      stop: () => workload!.stop(),
      drain: () => workload!.drain(),
      marker: () => workload!.marker(),
      close: () => workload?.close(),
    };
    return {
      pid: 0,
      exited,
      // As over the channel: whatever the program throws is what it answered.
      request: async (name, body) => {
        try {
          return await answers[name]!(body);
        } catch (error) {
          throw new ProgramError((error as Error).message);
        }
      },
      end: async () => {
        workload?.close();
        onExit({ code: 0, signal: null });
        await Promise.resolve();
      },
    };
  };
}

/** Every lookup finds who serves now: nothing is cached (`ttl_s` is 0). */
async function resolve(system: MemorySystem, timeout_ms: number): Promise<ResolvedService> {
  const told = await system.gslb.told(timeout_ms);
  if (told === null) throw new Error('no answer');
  const addresses = told.regions.flatMap((name) => {
    const { instances } = system.region(name);
    return Array.from({ length: Math.max(1, instances) }, (_, at) => ({
      ...{ node: `${name}/app-${at + 1}`, host: `${name}-${at + 1}`, port: 1, weight: 1 },
    }));
  });
  return { addresses, ttl_s: 0 };
}

function memoryTransport(system: MemorySystem, store: StoreRole, clock: Clock): Transport {
  return {
    send: ({ host }, request, onReply) => {
      let isGivenUp = false;
      const node = host.replace('-', '/app-');
      void clock.sleep(SERVED_WITHIN_MS).then(() => {
        const reply = isGivenUp ? null : serve(system, store, node, request);
        if (reply !== null) onReply(reply);
      });
      return () => (isGivenUp = true);
    },
    keepOnly: () => {},
    close: () => {},
  };
}

/** Null: there is no answer, and never will be. */
function serve(
  system: MemorySystem,
  store: StoreRole,
  node: string,
  { isRead, writer, sequence, payload }: OutgoingRequest,
): Reply | null {
  const region = system.region(regionOf(node));
  const { timeline } = region;
  const reach = system.reach(region.name);
  if (reach === 'silent') return null;
  const answer = { node, timeline, isWrongRead: false, detail: '' };
  if (reach === 'severed') return { ...answer, node: null, outcome: OUTCOME.refused };
  const rows = region.rows.get(store);
  if (rows === undefined) return { ...answer, outcome: OUTCOME.refused };
  if (isRead) {
    const isWrongRead = !rows.has(writer, sequence);
    return { ...answer, outcome: OUTCOME.acknowledged, isWrongRead };
  }
  if (!region.isPrimary) return { ...answer, outcome: OUTCOME.refused };
  rows.write(writer, sequence, payload);
  system.tellServed(region.name);
  return { ...answer, outcome: OUTCOME.acknowledged };
}

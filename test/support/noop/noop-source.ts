// Drills on `noop` for a session: each run has a system in memory of its own. Clocks are the host's.
import type { RunOptions } from '../../../src/session/run-one.ts';
import { memoryClients } from './memory-clients.ts';
import { MemorySystem } from './memory-system.ts';

export function noopSource(): Required<Pick<RunOptions, 'source' | 'startClients'>> {
  let system: MemorySystem | null = null;
  const systemUp = () => {
    if (system === null) throw new Error('the system is not up');
    return system;
  };
  return {
    source: ({ plan }) => ({
      runtime: { up: async (context) => (system = new MemorySystem(plan, context)) },
      preflight: async () => {},
      release: () => (system = null),
    }),
    startClients: memoryClients(systemUp),
  };
}

/** Over in some three seconds, which are the waits that it states. */
export const NOOP_DRILL = `drill: 1
name: outage
targets: { rto: 15s }
topology:
  strategy: warm-standby
  regions:
    east: { role: active, app: { instances: 2, capacity: 200/s } }
    west: { role: standby, app: { instances: 2, capacity: 200/s } }
  links: { east-west: { latency: 0ms, jitter: 0ms } }
  gslb: { every: 100ms, timeout: 100ms, failures: 3, ttl: 1s }
workload: { rate: 103/s, writers: 4, payload: 16B, timeout: 400ms, seed_rows: 5 }
warm_up: { at_most: 0s }
steady: { for: 1s }
faults: [{ at: 300ms, kind: lose-region, region: east }]
sustain: { for: 600ms }
`;

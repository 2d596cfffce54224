// Puts a workload together from its settings: the ledger file, the transport, the DNS client.
import { createLedger } from '../evidence/ledger/ledger-writer.ts';
import { DATABASE_SERVICE, ORDERS_SERVICE } from '../gslb/protocol.ts';
import { resolveService } from '../gslb/resolver.ts';
import { hostClock } from '../host/clock.ts';
import { httpTransport } from './http-transport.ts';
import type { WorkloadSampled, WorkloadSettings } from './protocol.ts';
import { sqlTransport } from './sql-transport.ts';
import type { Transport } from './transport.ts';
import { Workload } from './workload.ts';

/**
 * Creates the ledger; nothing is sent yet. Throws when the ledger cannot be created or credentials
 * are missing.
 */
export function openWorkload(
  settings: WorkloadSettings,
  onSample: (sample: WorkloadSampled) => void,
): Workload {
  const { workload, gslb, run, store, seed, nodes } = settings;
  const { timeout_ms, payload_bytes } = workload;
  const service = workload.via === 'sql' ? DATABASE_SERVICE : ORDERS_SERVICE;
  const transport = openTransport(settings);
  const header = {
    schema: 'drill.ledger/1',
    run,
    store,
    seed,
    payload_bytes,
    nodes,
  } as const;
  return new Workload(settings, {
    clock: hostClock(settings.origin_ms),
    ledger: createLedger(settings.ledger, header),
    transport,
    resolve: () => resolveService(gslb, service, { timeout_ms }),
    onSample,
  });
}

function openTransport({ workload, store, database, mark }: WorkloadSettings): Transport {
  if (workload.via === 'http') return httpTransport(mark, store, workload.timeout_ms);
  if (store !== 'postgres') throw new Error(`"via: sql" does not reach ${store}`);
  if (workload.updates > 0) throw new Error('"via: sql" does not update shared rows');
  if (database === null) throw new Error('expected a database user and password for "via: sql"');
  return sqlTransport(database, workload.timeout_ms);
}

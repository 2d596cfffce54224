// Puts a workload together from its settings: the ledger file, the transport, the DNS client.
import { STORES } from '../drill/stores.ts';
import { createLedger } from '../evidence/ledger/ledger.ts';
import { DATABASE_SERVICE, ORDERS_SERVICE } from '../gslb/protocol.ts';
import { resolveService, type ResolvedService } from '../gslb/resolver.ts';
import { hostClock } from '../host/clock.ts';
import { httpTransport } from './transport/http-transport.ts';
import type { WorkloadSampled, WorkloadSettings } from './protocol.ts';
import type { Transport } from './transport/transport.ts';
import { Workload, type WorkloadParts } from './workload.ts';

/** Creates the ledger and sends nothing yet. Rejects without a ledger or credentials. */
export async function openWorkload(
  settings: WorkloadSettings,
  onSample: (sample: WorkloadSampled) => void,
): Promise<Workload> {
  const { workload, run, store, seed, nodes } = settings;
  const { payload_bytes } = workload;
  const transport = await openTransport(settings);
  const header = {
    schema: 'drill.ledger/1',
    run,
    store: STORES[store].written,
    seed,
    payload_bytes,
    nodes,
  } as const;
  return new Workload(settings, {
    clock: hostClock(settings.origin_ms),
    ledger: createLedger(settings.ledger, header),
    transport,
    resolve: wayOf(settings),
    onSample,
  });
}

/** A way of the clients' own is one place, whatever stands behind it. */
const OWN: ResolvedService = {
  addresses: [{ node: '', host: '', port: 0, weight: 1 }],
  ttl_s: Infinity,
};

function wayOf({ gslb, own, workload }: WorkloadSettings): WorkloadParts['resolve'] {
  if (own !== undefined) return () => Promise.resolve(OWN);
  if (gslb === null) throw new Error('expected a GSLB, or a way of the clients’ own');
  const service = workload.via === 'sql' ? DATABASE_SERVICE : ORDERS_SERVICE;
  return () => resolveService(gslb, service, { timeout_ms: workload.timeout_ms });
}

async function openTransport({
  workload,
  store,
  database,
  mark,
  own,
}: WorkloadSettings): Promise<Transport> {
  if (workload.via === 'http') return httpTransport(mark, store, workload.timeout_ms);
  if (STORES[store].engine !== 'postgres')
    throw new Error(`"via: sql" does not reach ${STORES[store].written}`);
  if (workload.updates > 0) throw new Error('"via: sql" does not update shared rows');
  if (own !== undefined) {
    return (await import('./transport/own-transport.ts')).ownTransport(own, workload.timeout_ms);
  }
  if (database === null) throw new Error('expected a database user and password for "via: sql"');
  const { sqlTransport } = await import('./transport/sql-transport.ts'); // few drills speak SQL
  return sqlTransport(database, workload.timeout_ms);
}

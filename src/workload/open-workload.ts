// Puts a workload together from its settings: the ledger file, the transport, the DNS client.
import type { OwnWay } from '../drill/attached/own-way.ts';
import { STORES } from '../drill/stores.ts';
import { createLedger } from '../evidence/ledger/ledger.ts';
import { DATABASE_SERVICE, ORDERS_SERVICE } from '../gslb/protocol.ts';
import { resolveService, type ResolvedService } from '../gslb/resolver.ts';
import { hostClock } from '../host/clock.ts';
import { httpTransport } from './transport/http-transport.ts';
import type { WorkloadSampled, WorkloadSettings } from './protocol.ts';
import type { Transport } from './transport/transport.ts';
import { Workload, type WorkloadParts } from './workload.ts';

/**
 * Creates the ledger and sends nothing yet. Rejects without a ledger or credentials. `tell` hears
 * of what programs of a team's own do.
 */
export async function openWorkload(
  settings: WorkloadSettings,
  onSample: (sample: WorkloadSampled) => void,
  tell: (text: string) => void = () => {},
): Promise<Workload> {
  const { workload, run, store, seed, nodes } = settings;
  const { payload_bytes } = workload;
  const transport = await openTransport(settings, tell);
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

async function openTransport(
  { workload, store, database, mark, own, nodes }: WorkloadSettings,
  tell: (text: string) => void,
): Promise<Transport> {
  if (own !== undefined) return await openOwn(own, { ...workload, nodes }, tell);
  if (workload.via === 'http') return httpTransport(mark, store, workload.timeout_ms);
  if (STORES[store].engine !== 'postgres')
    throw new Error(`"via: sql" does not reach ${STORES[store].written}`);
  if (workload.updates > 0) throw new Error('"via: sql" does not update shared rows');
  if (database === null) throw new Error('expected a database user and password for "via: sql"');
  const { sqlTransport } = await import('./transport/sql-transport.ts'); // few drills speak SQL
  return sqlTransport(database, workload.timeout_ms);
}

/** Each is loaded where it is needed: most drills go by none of them. */
async function openOwn(
  own: OwnWay,
  {
    timeout_ms,
    nodes,
  }: Pick<WorkloadSettings['workload'], 'timeout_ms'> & Pick<WorkloadSettings, 'nodes'>,
  tell: (text: string) => void,
): Promise<Transport> {
  switch (own.by) {
    case 'sql': {
      const { ownSqlTransport } = await import('./transport/own-sql-transport.ts');
      return ownSqlTransport(own, timeout_ms);
    }
    case 'http': {
      const { ownHttpTransport } = await import('./transport/own-http-transport.ts');
      return ownHttpTransport(own, timeout_ms);
    }
    case 'command': {
      const { commandTransport } = await import('./transport/command-transport.ts');
      return commandTransport(own, nodes, tell);
    }
  }
}

// The orders of a run in one server of somebody's own, as the engine sees them.
import { WORKLOAD_CONNECTION_NAME } from '../../app/protocol.ts';
import { STORES } from '../../drill/stores.ts';
import { carryOut } from '../../evidence/verification.ts';
import { activeClients, standbyOf } from '../../postgres/own/queries.ts';
import { describeServer, probeWrite } from '../../postgres/replicate/monitor.ts';
import { takesWriteTo } from '../../postgres/verification/takes-write.ts';
import { keepConnection, withConnection } from '../../postgres/server/connection.ts';
import { lacking } from '../system/region.ts';
import type { Store } from '../system/store.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import type { OwnTables } from '../../postgres/own/tables.ts';
import type { Told } from '../../postgres/own/told.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import type { Counting } from './count.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 5_000 } as const;

export interface OwnStore extends Store {
  close(): Promise<void>;
}

interface Means {
  /** Whether the server tells of its log. */
  readonly log: Told;
  readonly counting: Counting;
}

export function ownStore(
  server: OwnServer,
  tables: OwnTables,
  { log: { told, why }, counting }: Means,
): OwnStore {
  const { node, address } = server;
  const connection = keepConnection(address, LIMITS);
  return {
    role: 'orders',
    engine: STORES.orders.engine,
    node,
    replication: async () => {
      if (told !== null) return await connection.ask(standbyOf);
      throw new OperationFailed({ what: node, expected: 'to tell of its log', found: why });
    },
    tryWrite: (timeout_ms) => probeWrite(address, timeout_ms, tables.probe, tables.timeline),
    promote: () => Promise.reject(lacking(node, 'a way to promote it', 'none: it is nobody’s')),
    describe: () => connection.ask(describeServer),
    activeClients: () =>
      connection.ask((client) => activeClients(client, WORKLOAD_CONNECTION_NAME)),
    readRows: (onRow) => counting.read(server, onRow),
    inspect: async () => {
      const limits = { ...LIMITS, synchronous_commit: 'local' } as const;
      return await withConnection(address, limits, (client) =>
        carryOut([takesWriteTo(tables.probe, tables.timeline)], client),
      );
    },
    close: () => connection.close(),
  };
}

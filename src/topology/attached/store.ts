// The orders of a run in one server of somebody's own, as the engine sees them.
import { WORKLOAD_CONNECTION_NAME } from '../../app/protocol.ts';
import { STORES } from '../../drill/stores.ts';
import { carryOut } from '../../evidence/verification.ts';
import { readOrders } from '../../postgres/read/orders.ts';
import { activeClients, standbyOf } from '../../postgres/own/queries.ts';
import { describeServer, probeWrite } from '../../postgres/replicate/monitor.ts';
import { takesWriteTo } from '../../postgres/verification/takes-write.ts';
import { keepConnection, withConnection } from '../../postgres/server/connection.ts';
import { lacking } from '../system/region.ts';
import type { Store } from '../system/store.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import type { OwnTables } from '../../postgres/own/tables.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 5_000 } as const;

export interface OwnStore extends Store {
  close(): Promise<void>;
}

export function ownStore({ node, address }: OwnServer, tables: OwnTables): OwnStore {
  const connection = keepConnection(address, LIMITS);
  return {
    role: 'orders',
    engine: STORES.orders.engine,
    node,
    replication: () => connection.ask(standbyOf),
    tryWrite: (timeout_ms) => probeWrite(address, timeout_ms, tables.probe),
    promote: () => Promise.reject(lacking(node, 'a way to promote it', 'none: it is nobody’s')),
    describe: () => connection.ask(describeServer),
    activeClients: () =>
      connection.ask((client) => activeClients(client, WORKLOAD_CONNECTION_NAME)),
    readRows: (onRow) => readOrders(address, onRow, null, tables.orders),
    inspect: async () => {
      const limits = { ...LIMITS, synchronous_commit: 'local' } as const;
      return await withConnection(address, limits, (client) =>
        carryOut([takesWriteTo(tables.probe)], client),
      );
    },
    close: () => connection.close(),
  };
}

// The orders of a run in one server of somebody's own, as the engine sees them.
import { WORKLOAD_CONNECTION_NAME } from '../../app/protocol.ts';
import { STORES } from '../../drill/stores.ts';
import { carryOut } from '../../evidence/verification.ts';
import { activeClients, receivedBytes, standbyOf } from '../../postgres/own/queries.ts';
import { describeServer, probeWrite } from '../../postgres/replicate/monitor.ts';
import { takesWriteTo } from '../../postgres/verification/takes-write.ts';
import { keepConnection, withConnection } from '../../postgres/server/connection.ts';
import { lacking } from '../system/region.ts';
import type { Store } from '../system/store.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import type { OwnTables } from '../../postgres/own/tables.ts';
import type { Told } from '../../postgres/own/told.ts';
import { OperationFailed, unlessFailed } from '../../host/operation-failed.ts';
import type { Counting } from './count.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 5_000 } as const;

export interface OwnStore extends Store {
  /** Of a standby: up to where it has received the log, in bytes; null: none of it. */
  received(): Promise<number | null>;
  close(): Promise<void>;
}

interface Means {
  /** Whether the server tells of its log. */
  readonly log: Told;
  readonly counting: Counting;
  /**
   * The stores of other regions, where a standby that follows may be lost together with this one;
   * empty: whoever follows is in another region.
   */
  readonly elsewhere: () => readonly OwnStore[];
}

/**
 * Of each server, by its node. What the region that is to take over has counts, where another
 * standby may be lost with the primary.
 */
export function ownStores(
  servers: readonly OwnServer[],
  tables: OwnTables,
  means: Omit<Means, 'elsewhere'>,
): Map<string, OwnStore> {
  const stores = new Map<string, OwnStore>();
  for (const server of servers) {
    const { node, region } = server;
    const isAlone = servers.every((each) => each.region !== region || each === server);
    const others = servers.filter((each) => each.region !== region);
    const elsewhere = () => (isAlone ? [] : others.map((each) => stores.get(each.node)!));
    stores.set(node, ownStore(server, tables, { ...means, elsewhere }));
  }
  return stores;
}

function ownStore(
  server: OwnServer,
  tables: OwnTables,
  { log: { told, why }, counting, elsewhere }: Means,
): OwnStore {
  const { node, address } = server;
  const connection = keepConnection(address, LIMITS);
  return {
    role: 'orders',
    engine: STORES.orders.engine,
    node,
    replication: async () => {
      if (told === null) {
        throw new OperationFailed({ what: node, expected: 'to tell of its log', found: why });
      }
      const others = elsewhere();
      const has = await Promise.all(others.map((each) => unlessFailed(each.received())));
      const seen = await connection.ask(standbyOf);
      if (seen === null || others.length === 0) return seen;
      const most = Math.max(...has.map((bytes) => bytes ?? -Infinity));
      if (most === -Infinity) return null;
      return { ...seen, lag_bytes: Math.max(0, seen.written_bytes - most) };
    },
    received: () => connection.ask(receivedBytes),
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

// The straight way, `via: sql`: raw PostgreSQL connections through the edge link, one insert per
// request. No pool of `pg`: a request must never wait for a connection nor be repeated.
import { Client } from 'pg';
import { WORKLOAD_CONNECTION_NAME } from '../app/protocol.ts';
import { describeFailure, isDefiniteFailure, isDoubtfulNotice } from '../app/write-failure.ts';
import { destroySocket } from '../postgres/server/connection.ts';
import { OUTCOME } from '../evidence/ledger/operation.ts';
import type { ResolvedAddress } from '../gslb/resolver.ts';
import { IdleConnections } from './idle-connections.ts';
import { OrderInsert } from './order-insert.ts';
import { addressKey, type OutgoingRequest, type Reply, type Transport } from './transport.ts';
import type { WorkloadSettings } from './protocol.ts';
import { regionOf } from '../base/node-name.ts';

const SELECT_PAYLOAD =
  'select payload from orders where writer = $1 and sequence = $2 order by row limit 1';

interface SqlConnection {
  readonly client: Client;
  isDead: boolean;
  /** The last doubtful notice on it. */
  doubt: string | null;
}

type Credentials = NonNullable<WorkloadSettings['database']>;

/** `timeout_ms` bounds the connecting; the caller gives up a request that takes longer. */
export function sqlTransport(credentials: Credentials, timeout_ms: number): Transport {
  const open = new Set<SqlConnection>();
  const idle = new IdleConnections<SqlConnection>(discard);

  function discard(connection: SqlConnection): void {
    connection.isDead = true;
    open.delete(connection);
    destroySocket(connection.client);
  }
  const connect = (address: ResolvedAddress): SqlConnection => {
    const client = new Client({
      ...credentials,
      host: address.host,
      port: address.port,
      application_name: WORKLOAD_CONNECTION_NAME,
      connectionTimeoutMillis: timeout_ms,
    });
    const connection: SqlConnection = { client, isDead: false, doubt: null };
    client.on('error', () => discard(connection)); // the query in flight, if any, fails with it
    client.on('notice', (notice) => {
      if (isDoubtfulNotice(notice)) connection.doubt = notice.message ?? 'warning without a text';
    });
    open.add(connection);
    return connection;
  };
  const takeIdle = (key: string): SqlConnection | undefined => {
    let connection = idle.take(key);
    while (connection?.isDead === true) connection = idle.take(key);
    return connection;
  };

  return {
    send(address, request, onReply) {
      const key = addressKey(address);
      let isOver = false;
      const settle = (reply: Reply, isReusable: boolean) => {
        if (isOver) return;
        isOver = true;
        if (isReusable && !connection.isDead) idle.put(key, connection);
        else discard(connection);
        onReply(reply);
      };
      const known = takeIdle(key);
      const connection = known ?? connect(address);
      if (known === undefined) {
        connection.client.connect().then(
          () => isOver || ask(connection, address, request, settle),
          (error: unknown) => settle(judgeConnectFailure(error), false),
        );
      } else ask(known, address, request, settle);
      return () => {
        if (isOver) return;
        isOver = true;
        discard(connection);
      };
    },
    keepOnly: (addresses) => idle.keepOnly(addresses),
    close() {
      for (const connection of open) discard(connection);
    },
  };
}

type Settle = (reply: Reply, isReusable: boolean) => void;

function ask(
  connection: SqlConnection,
  { node }: ResolvedAddress,
  request: OutgoingRequest,
  settle: Settle,
): void {
  connection.doubt = null;
  const onEnd = (error: unknown, timeline: string, isWrongRead: boolean) => {
    if (error !== null && error !== undefined) {
      const isDefinite = isDefiniteFailure(error);
      const outcome = isDefinite ? OUTCOME.refused : OUTCOME.unknown;
      settle({ ...NOTHING, outcome, detail: describeFailure(error) }, isDefinite);
      return;
    }
    const { doubt } = connection;
    const outcome = doubt === null ? OUTCOME.acknowledged : OUTCOME.unknown;
    const at = parseInt(timeline, 16);
    settle({ outcome, node, timeline: at, isWrongRead, detail: doubt ?? 'done' }, true);
  };
  const { client } = connection;
  if (request.isRead) {
    const values = [request.writer, request.sequence];
    const query = { name: 'select-payload', text: SELECT_PAYLOAD, values };
    client.query<{ payload: string }>(query, (error: unknown, result) => {
      onEnd(error, '0', result?.rows[0]?.payload !== request.payload);
    });
  } else {
    const region = regionOf(node);
    client.query(new OrderInsert(request, region, (error, at) => onEnd(error, at, false)));
  }
}

const NOTHING = { node: null, timeline: 0, isWrongRead: false } as const;

/** Nothing was sent yet: a refused connection and a server that says no are proof of it. */
function judgeConnectFailure(error: unknown): Reply {
  const { code, severity } = error as { code?: string; severity?: string };
  const isRefused = code === 'ECONNREFUSED' || severity !== undefined;
  const outcome = isRefused ? OUTCOME.refused : OUTCOME.unknown;
  return { ...NOTHING, outcome, detail: describeFailure(error) };
}

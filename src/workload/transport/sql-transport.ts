// The straight way, `via: sql`: raw PostgreSQL connections through the edge link, one insert per
// request. No pool of `pg`: a request must never wait for a connection nor be repeated.
import { Client } from 'pg';
import { WORKLOAD_CONNECTION_NAME } from '../../app/protocol.ts';
import { doubtOf } from '../../app/write-failure.ts';
import { destroySocket } from '../../host/database/close.ts';
import { done, notDone, notLetIn } from './sql-reply.ts';
import { transportOver, type Asked, type Transport } from './transport.ts';
import { OrderInsert } from './order-insert.ts';
import { OrderSocket } from './order-socket.ts';
import type { WorkloadSettings } from '../protocol.ts';
import { regionOf } from '../../base/node-name.ts';

const SELECT_PAYLOAD =
  'select payload from orders where writer = $1 and sequence = $2 order by row limit 1';

interface SqlConnection {
  readonly client: Client;
  /** Of the node that it goes to. */
  readonly region: string;
  /** Whether its client was told to connect. */
  isBegun: boolean;
  /** Whether the server has let it in; before that no statement leaves. */
  isIn: boolean;
  /** The last doubtful notice on it. */
  doubt: string | null;
}

type Credentials = NonNullable<WorkloadSettings['database']>;

/** `timeout_ms` bounds the connecting; the caller gives up a request that takes longer. */
export function sqlTransport(credentials: Credentials, timeout_ms: number): Transport {
  return transportOver<SqlConnection>({
    connect: ({ node, host, port }, onEnd) => {
      const client = new Client({
        ...credentials,
        host,
        port,
        application_name: WORKLOAD_CONNECTION_NAME,
        stream: () => new OrderSocket(),
        connectionTimeoutMillis: timeout_ms,
      });
      const connection: SqlConnection = {
        client,
        region: regionOf(node),
        isBegun: false,
        isIn: false,
        doubt: null,
      };
      client.on('error', onEnd); // the query in flight, if any, fails with it
      client.on('notice', (notice) => {
        connection.doubt = doubtOf(notice) ?? connection.doubt;
      });
      return connection;
    },
    end: ({ client }) => destroySocket(client),
    ask: (asked) => {
      const { connection, settle, isOver } = asked;
      if (connection.isBegun) return query(asked);
      connection.isBegun = true;
      connection.client.connect().then(
        () => {
          if (isOver()) return;
          connection.isIn = true;
          query(asked);
        },
        (error: unknown) => settle(notLetIn(error), false),
      );
    },
    mayHaveSent: ({ isIn }) => isIn,
  });
}

function query({ connection, address: { node }, request, settle }: Asked<SqlConnection>): void {
  connection.doubt = null;
  const onEnd = (error: unknown, timeline: string, isWrongRead: boolean) => {
    if (error !== null && error !== undefined) {
      const { reply, isDefinite } = notDone(error);
      return settle(reply, isDefinite);
    }
    const answer = { node, timeline: parseInt(timeline, 16), isWrongRead };
    settle(done(answer, connection.doubt), true);
  };
  const { client } = connection;
  if (request.isRead) {
    const values = [request.writer, request.sequence];
    const select = { name: 'select-payload', text: SELECT_PAYLOAD, values };
    client.query<{ payload: string }>(select, (error: unknown, result) => {
      onEnd(error, '0', result?.rows[0]?.payload !== request.payload);
    });
  } else {
    client.query(
      new OrderInsert(request, connection.region, (error, at) => onEnd(error, at, false)),
    );
  }
}

// The way of a team's own clients, to a PostgreSQL of its own: to one address that leads to the
// primary (a balancer, a pooler, a name), or along a list of servers to the first that takes
// writes, as libpq walks it. One insert per request; nothing is ever repeated.
import { Client } from 'pg';
import { WORKLOAD_CONNECTION_NAME } from '../../app/protocol.ts';
import { doubtOf } from '../../app/write-failure.ts';
import { connectionString } from '../../host/database/connection.ts';
import { destroySocket } from '../../host/database/close.ts';
import { databaseAddress } from '../../drill/database-address.ts';
import { done, notDone, notLetIn } from './sql-reply.ts';
import { transportOver, type Asked, type OutgoingRequest, type Transport } from './transport.ts';
import { openWritable, type Walk } from './walk.ts';
import type { SqlWay } from '../../drill/attached/own-way.ts';
import { OWN_ADDRESS } from '../../postgres/server/self.ts';

interface OwnConnection {
  readonly walk: Walk;
  /** Null: no server has let it in, and before that no statement leaves. */
  client: Client | null;
  isBegun: boolean;
  /** The last doubtful notice on it. */
  doubt: string | null;
}

/** `timeout_ms` bounds the connecting where there is one address alone. */
export function ownSqlTransport(way: SqlWay, timeout_ms: number): Transport {
  const clients = clientsOf(way, timeout_ms);
  return transportOver<OwnConnection>({
    connect: (_, onEnd) => ({
      walk: { clients, onEnd, current: null, isOver: false },
      client: null,
      isBegun: false,
      doubt: null,
    }),
    end: ({ walk }) => {
      walk.isOver = true;
      if (walk.current !== null) destroySocket(walk.current);
    },
    ask: (asked) => {
      const { connection, settle, isOver } = asked;
      const { client, isBegun } = connection;
      if (client !== null) return query(client, asked, way);
      if (isBegun) throw new Error('a connection that is being made is asked twice');
      connection.isBegun = true;
      openWritable(connection.walk).then(
        (found) => {
          if (isOver()) return destroySocket(found);
          connection.client = found;
          found.on('notice', (notice) => {
            connection.doubt = doubtOf(notice) ?? connection.doubt;
          });
          query(found, asked, way);
        },
        (error: unknown) => settle(notLetIn(error), false),
      );
    },
    mayHaveSent: ({ client }) => client !== null,
  });
}

function clientsOf({ urls, connect_ms }: SqlWay, timeout_ms: number): (() => Client)[] {
  return urls.map((url) => {
    const address = databaseAddress(url);
    if (address === null) throw new Error('expected the address of a database');
    return () =>
      new Client({
        connectionString: connectionString(address),
        application_name: WORKLOAD_CONNECTION_NAME,
        connectionTimeoutMillis: urls.length > 1 ? connect_ms : timeout_ms,
      });
  });
}

interface Answer {
  readonly payload?: string;
  readonly timeline: string;
  readonly server: string;
}

/** On a standby none is written. */
const timelineOf = ({ timeline }: SqlWay) =>
  `case when pg_is_in_recovery() then '0' else ${timeline} end as timeline`;

/** Unnamed statements: a pooler may give each of them another server. */
function query(
  client: Client,
  { connection, request, settle }: Asked<OwnConnection>,
  way: SqlWay,
): void {
  connection.doubt = null;
  const { isRead, payload } = request;
  const statement = statementOf(request, way);
  client.query<Answer & object>(statement, (error: unknown, result) => {
    if (error !== null && error !== undefined) {
      const { reply, isDefinite } = notDone(error);
      // A server that has become a standby would refuse for ever.
      return settle(reply, isDefinite && !isReadOnly(error));
    }
    const row = result.rows[0];
    const answer = {
      node: way.servers[row?.server ?? ''] ?? null,
      timeline: parseInt(row?.timeline ?? '0', 16),
      isWrongRead: isRead && row?.payload !== payload,
    };
    settle(done(answer, connection.doubt), true);
  });
}

function statementOf({ isRead, writer, sequence, payload }: OutgoingRequest, way: SqlWay) {
  const { table } = way;
  const told = `${timelineOf(way)}, ${OWN_ADDRESS} as server`;
  if (!isRead) {
    return {
      text: `insert into ${table} (writer, sequence, payload) values ($1, $2, $3)
        returning ${told}`,
      values: [writer, sequence, payload],
    };
  }
  return {
    text: `select (select payload from ${table} where writer = $1 and sequence = $2
      order by row limit 1) as payload, ${told}`,
    values: [writer, sequence],
  };
}

/** SQLSTATE `read_only_sql_transaction`. */
function isReadOnly(error: unknown): boolean {
  return (error as { readonly code?: string }).code === '25006';
}

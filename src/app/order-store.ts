// The orders and shared rows of one database: a bounded pool of connections for them, and one more
// connection for the readiness check, which must not queue behind them. Every step has a time limit
// of its own on this side, since a stopped server answers nothing and `statement_timeout` does not
// end a wait for the synchronous standby.
import { Client, Pool, type PoolClient, type QueryConfig } from 'pg';
import {
  APP_CONNECTION_PREFIX,
  INSERT_ORDER,
  UPDATE_STOCK,
  type AppSettings,
  type OrderRequest,
} from './protocol.ts';
import { historyEntry } from '../base/shared-row.ts';
import { APP_CONNECTIONS } from '../drill/plan/limits.ts';
import { KeptConnection } from '../host/kept-connection.ts';
import { destroySocket } from '../host/database/close.ts';
import type { OrderId } from './order-request.ts';
import { describeFailure, isDefiniteFailure, doubtOf } from './write-failure.ts';

/** Also the longest that an order waits for a free connection. */
const CONNECT_TIMEOUT_MS = 1_000;
const QUERY_TIMEOUT_MS = 2_000;
const READY_TIMEOUT_MS = 500;

type WriteResult =
  | { readonly done: true; readonly timeline: number; readonly warning: string | null }
  | {
      readonly done: false;
      readonly definite: boolean;
      readonly error: string;
      /** There is no such row to write to. */
      readonly isMissing?: boolean;
    };

interface StoredOrder {
  readonly writer: number;
  readonly sequence: number;
  readonly payload: string;
  readonly region: string;
  readonly created: string;
  /** How many rows have this id; the fields are those of the first. */
  readonly copies: number;
  /** Null on a standby, which has no timeline of its own to write on. */
  readonly timeline: number | null;
}

export type OrderStore = ReturnType<typeof openOrderStore>;

const SELECT_ORDER = `
select writer, sequence::float8 as sequence, payload, region, created::text as created,
  count(*) over ()::int as copies,
  case when pg_is_in_recovery() then null
       else substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) end as timeline
from orders where writer = $1 and sequence = $2 order by row limit 1`;

/**
 * A whole commit, the wait for the synchronous standby included, that changes no table: a
 * transactional message in the write-ahead log. On a standby and in a read-only session there is no
 * row.
 */
const TAKES_WRITES = `
select pg_logical_emit_message(true, 'drill.ready', '')
where current_setting('transaction_read_only') = 'off'`;

/** Makes no connection before it needs one; survives the death and the return of the database. */
export function openOrderStore(settings: AppSettings) {
  const { node, region, database } = settings;
  const connection = { ...database, application_name: APP_CONNECTION_PREFIX + node };
  const pool = openPool(connection);
  const probe = new KeptConnection(async (onEnd) => {
    const client = await connectOnce(connection);
    return client.once('end', onEnd);
  }, destroySocket);

  const write = async (query: QueryConfig, isWanted: () => boolean): Promise<WriteResult> => {
    let client: PoolConnection;
    try {
      client = (await pool.connect()) as PoolConnection;
    } catch (error) {
      return notWritten(`no database connection: ${describeFailure(error)}`);
    }
    if (!isWanted()) {
      client.release();
      return notWritten('the client left before it was sent');
    }
    try {
      const { row, warning } = await ask(client, query);
      if (row === undefined) return { ...notWritten('there is no such row'), isMissing: true };
      return { done: true, timeline: parseInt(row.timeline ?? '0', 16), warning };
    } catch (error) {
      const definite = isDefiniteFailure(error);
      return { done: false, definite, error: describeFailure(error) };
    }
  };

  /** Inserts one order; it is not sent unless `isWanted` once it is connected. */
  const insert = (order: OrderRequest, isWanted: () => boolean) => {
    const values = [order.writer, order.sequence, order.payload, region];
    return write({ name: 'insert-order', text: INSERT_ORDER, values }, isWanted);
  };

  /** Appends the update's id to the history of a shared row, in the same way. */
  const update = (key: number, order: OrderRequest, isWanted: () => boolean) => {
    const values = [key, historyEntry(order), region];
    return write({ name: 'update-stock', text: UPDATE_STOCK, values }, isWanted);
  };

  /** The order, or null; rejects when the database cannot say. */
  const find = async ({ writer, sequence }: OrderId): Promise<StoredOrder | null> => {
    const client = (await pool.connect()) as PoolConnection;
    const query = { name: 'select-order', text: SELECT_ORDER, values: [writer, sequence] };
    const { row } = await ask(client, query);
    if (row === undefined) return null;
    return { ...row, timeline: row.timeline === null ? null : parseInt(row.timeline, 16) };
  };

  /** Null when the database takes writes now, else the reason why not. */
  const whyNotReady = async (): Promise<string | null> => {
    try {
      const query = { name: 'takes-writes', text: TAKES_WRITES };
      const { rows } = await probe.ask((client) => client.query(query));
      return rows.length === 1 ? null : 'the database is read-only';
    } catch (error) {
      return describeFailure(error);
    }
  };

  return { insert, update, find, whyNotReady };
}

/** A write returns the timeline alone. */
type OrderRow = Omit<StoredOrder, 'timeline'> & { readonly timeline: string | null };

/** A write that certainly did not happen. */
function notWritten(error: string) {
  return { done: false, definite: true, error } as const;
}

/** A pooled connection, and the last doubtful notice that came on it. */
type PoolConnection = PoolClient & { doubt: string | null };

type ConnectionOptions = AppSettings['database'] & { readonly application_name: string };

function openPool(connection: ConnectionOptions): Pool {
  const pool = new Pool({
    ...connection,
    max: APP_CONNECTIONS,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  pool.on('error', () => {}); // an idle connection died; the pool has dropped it already
  pool.on('connect', (client) => {
    const pooled = client as PoolConnection;
    pooled.doubt = null;
    pooled.on('error', () => {}); // the query in flight rejects with it
    pooled.on('notice', (notice) => {
      pooled.doubt = doubtOf(notice) ?? pooled.doubt;
    });
  });
  return pool;
}

/**
 * The first row that the statement returns. Whatever comes of it the connection is given back: to
 * the pool, or, where it may still wait for an answer, to nobody.
 */
async function ask(client: PoolConnection, query: QueryConfig) {
  client.doubt = null;
  try {
    const { rows } = await client.query<OrderRow>(query);
    const warning = client.doubt;
    client.release();
    return { row: rows[0], warning };
  } catch (error) {
    const isReusable = isDefiniteFailure(error);
    if (!isReusable) destroySocket(client);
    client.release(!isReusable);
    throw error;
  }
}

async function connectOnce(connection: ConnectionOptions): Promise<Client> {
  const client = new Client({
    ...connection,
    connectionTimeoutMillis: READY_TIMEOUT_MS,
    query_timeout: READY_TIMEOUT_MS,
  });
  client.on('error', () => {}); // the next check fails on it and makes a new one
  try {
    await client.connect();
  } catch (error) {
    destroySocket(client);
    throw error;
  }
  return client;
}

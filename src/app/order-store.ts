// The orders and shared rows of one database: a bounded pool of connections for them, and one more
// connection for the readiness check, which must not queue behind them. Every step has a time limit
// of its own on this side, since a stopped server answers nothing and `statement_timeout` does not
// end a wait for the synchronous standby.
import { Client, Pool, type PoolClient } from 'pg';
import {
  APP_CONNECTION_PREFIX,
  INSERT_ORDER,
  UPDATE_STOCK,
  type AppSettings,
  type OrderRequest,
} from './protocol.ts';
import { historyEntry } from '../base/shared-row.ts';
import { APP_CONNECTIONS } from '../drill/plan/plan.ts';
import { destroySocket } from './discard-connection.ts';
import type { OrderId } from './order-request.ts';
import { describeFailure, isDefiniteFailure, isDoubtfulNotice } from './write-failure.ts';

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

export interface OrderStore {
  /** Inserts one order; it is not sent unless `isWanted` once it is connected. */
  insert(order: OrderRequest, isWanted: () => boolean): Promise<WriteResult>;
  /** Appends the update's id to the history of a shared row, in the same way. */
  update(key: number, update: OrderRequest, isWanted: () => boolean): Promise<WriteResult>;
  /** The order, or null; rejects when the database cannot say. */
  find(id: OrderId): Promise<StoredOrder | null>;
  /** Null when the database takes writes now, else the reason why not. */
  whyNotReady(): Promise<string | null>;
}

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
export function openOrderStore(settings: AppSettings): OrderStore {
  const { node, region, database } = settings;
  const connection = { ...database, application_name: APP_CONNECTION_PREFIX + node };
  const pool = openPool(connection);
  const whyNotReady = readinessProbe(connection);

  const write = async (query: WriteQuery, isWanted: () => boolean): Promise<WriteResult> => {
    let client: PoolConnection;
    try {
      client = (await pool.connect()) as PoolConnection;
    } catch (error) {
      return {
        done: false,
        definite: true,
        error: `no database connection: ${describeFailure(error)}`,
      };
    }
    if (!isWanted()) {
      client.release();
      return { done: false, definite: true, error: 'the client left before it was sent' };
    }
    client.doubt = null;
    try {
      const result = await client.query<{ timeline: string }>(query);
      const warning = client.doubt;
      client.release();
      if (result.rows.length === 0) return NOTHING_WRITTEN;
      return { done: true, timeline: parseInt(result.rows[0]?.timeline ?? '0', 16), warning };
    } catch (error) {
      const definite = isDefiniteFailure(error);
      if (definite) client.release();
      else discard(client);
      return { done: false, definite, error: describeFailure(error) };
    }
  };

  const insert = (order: OrderRequest, isWanted: () => boolean) => {
    const values = [order.writer, order.sequence, order.payload, region];
    return write({ name: 'insert-order', text: INSERT_ORDER, values }, isWanted);
  };

  const update = (key: number, order: OrderRequest, isWanted: () => boolean) => {
    const values = [key, historyEntry(order), region];
    return write({ name: 'update-stock', text: UPDATE_STOCK, values }, isWanted);
  };

  const find = async ({ writer, sequence }: OrderId): Promise<StoredOrder | null> => {
    const client = (await pool.connect()) as PoolConnection;
    try {
      const query = { name: 'select-order', text: SELECT_ORDER, values: [writer, sequence] };
      const result = await client.query<StoredOrder & { timeline: string | null }>(query);
      client.release();
      const row = result.rows[0];
      if (row === undefined) return null;
      return { ...row, timeline: row.timeline === null ? null : parseInt(row.timeline, 16) };
    } catch (error) {
      if (isDefiniteFailure(error)) client.release();
      else discard(client);
      throw error;
    }
  };

  return { insert, update, find, whyNotReady };
}

interface WriteQuery {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | number)[];
}

const NOTHING_WRITTEN: WriteResult = {
  done: false,
  definite: true,
  isMissing: true,
  error: 'there is no such row',
};

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
      if (isDoubtfulNotice(notice)) pooled.doubt = notice.message ?? 'warning without a text';
    });
  });
  return pool;
}

/** Ends a connection at once and takes it out of the pool. */
function discard(client: PoolClient): void {
  destroySocket(client);
  client.release(true);
}

/** Checks on one kept connection; checks that come while one is under way share its result. */
function readinessProbe(connection: ConnectionOptions): () => Promise<string | null> {
  let client: Client | null = null;
  let underWay: Promise<string | null> | null = null;

  const check = async (): Promise<string | null> => {
    try {
      client ??= await connectOnce(connection);
      const query = { name: 'takes-writes', text: TAKES_WRITES };
      const result = await client.query(query);
      return result.rows.length === 1 ? null : 'the database is read-only';
    } catch (error) {
      if (client !== null) destroySocket(client);
      client = null;
      return describeFailure(error);
    }
  };
  return () => {
    underWay ??= check().finally(() => (underWay = null));
    return underWay;
  };
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

// What the engine tells an app instance, and what the orders service answers its clients.
import type { DatabaseAddress } from '../postgres/server/connection.ts';
import type { Stall } from '../host/stalls.ts';
import type { RedisAddress } from '../redis/connection.ts';

/** The run of a system that no drill made (`docker compose up`): nobody has to name it. */
export const BY_HAND = 'by-hand';

/** Body of the request `start`; the reply is `{ host, port }`. */
export interface AppSettings {
  readonly origin_ms: number;
  /** `east/app-1` */
  readonly node: string;
  readonly region: string;
  readonly capacity_per_s: number;
  /** A free port of loopback when left out. */
  readonly listen?: { readonly host: string; readonly port: number };
  readonly database: DatabaseAddress;
  /** Where the carts are; null or left out: this system has none. */
  readonly redis?: CartSettings | null;
}

export interface CartSettings extends RedisAddress {
  /** Replicas that must have a write before it is acknowledged. */
  readonly wait: number;
  readonly wait_timeout_ms: number;
}

/** Body of `POST /orders`, of `POST /carts/<writer>/items` and of `POST /stock/<key>`. */
export interface OrderRequest {
  readonly writer: number;
  readonly sequence: number;
  readonly payload: string;
}

/**
 * Every JSON answer of the service; the header `RUN_HEADER` names its run. 201: committed.
 * Anything else carries `definite`: true means that the write certainly did not happen; false or
 * absent means that nobody knows. 202 with a `warning` was committed locally only, or has fewer
 * replicas than were asked for; 421 is for a request that does not name this run.
 */
export interface OrderReply {
  readonly node: string;
  /** Of `/healthz`: when the instance did not get to run, on CLOCK_MONOTONIC. */
  readonly stalls?: readonly Stall[];
  /** Of `/bytes/<count>`. */
  readonly filler?: string;
  readonly timeline?: number;
  readonly warning?: string;
  readonly error?: string;
  readonly definite?: boolean;
}

/** `application_name` of the service's database connections: `orders east/app-1`. */
export const APP_CONNECTION_PREFIX = 'orders ';
/** The name of the service's Redis connections begins with it: `carts:east/app-1`. */
export const CART_CONNECTION_PREFIX = 'carts:';
/** `application_name` of the workload's connections with `via: sql`. */
export const WORKLOAD_CONNECTION_NAME = 'drill-workload';

/**
 * The tables, as every strategy has them. The id of an order is not its primary key, since
 * duplicates must be representable. `stock` holds the shared rows: each update appends its id to
 * the history, so that one that was overwritten shows. Its columns have no defaults that differ
 * between two servers.
 */
export const ORDERS_SCHEMA = `
create table if not exists orders (
  row bigint generated always as identity primary key,
  writer integer not null,
  sequence bigint not null,
  payload text not null,
  region text not null,
  created timestamptz not null default clock_timestamp()
);
create index if not exists orders_id on orders (writer, sequence);
create table if not exists stock (
  key integer primary key,
  history text[] not null default '{}',
  region text not null default '',
  updated timestamptz
);
`;

/**
 * Appends one id to the history of a shared row and says on which timeline; no row, no such shared
 * row. Parameters: key, the entry, region.
 */
export const UPDATE_STOCK =
  'update stock set history = history || $2::text, region = $3, updated = clock_timestamp() ' +
  'where key = $1 ' +
  'returning substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) as timeline';

/** Inserts one order and says on which timeline: parameters writer, sequence, payload, region. */
export const INSERT_ORDER =
  'insert into orders (writer, sequence, payload, region) values ($1, $2, $3, $4) ' +
  'returning substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) as timeline';

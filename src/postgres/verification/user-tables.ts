// The tables and indexes that clients' data is in, for a query on `pg_class c`.
export const USER_TABLES = `join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and c.relpersistence <> 't'`;

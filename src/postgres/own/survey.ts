// What stands in a server of somebody's own, read before a drill and never changed: who follows it,
// what listens to its tables, and how much room for connections there is.
import type pg from 'pg';
import { oneRow } from '../server/connection.ts';

export interface Survey {
  readonly database: string;
  readonly role: string;
  readonly bytes: number;
  readonly tables: number;
  readonly connections: number;
  readonly max_connections: number;
  /** Of the role; null: it has none of its own. */
  readonly role_limit: number | null;
  readonly publications: readonly { readonly name: string; readonly of: string }[];
  /** `db2 at 10.0.2.11, streaming, async` */
  readonly followers: readonly string[];
}

/** Each question is asked of catalogues alone, and none of them waits for a lock. */
export async function survey(client: pg.Client): Promise<Survey> {
  return await oneRow<Survey & pg.QueryResultRow>(
    client,
    `select current_database() as database, current_user as role,
       pg_database_size(current_database())::float8 as bytes,
       (select count(*)::float8 from pg_class
        where relkind in ('r', 'p') and relnamespace not in (select oid from pg_namespace
          where nspname like 'pg\\_%' or nspname = 'information_schema')) as tables,
       (select count(*)::float8 from pg_stat_activity where backend_type = 'client backend')
         as connections,
       current_setting('max_connections')::float8 as max_connections,
       (select nullif(rolconnlimit, -1)::float8 from pg_roles where rolname = current_user)
         as role_limit,
       (select coalesce(json_agg(json_build_object('name', pubname, 'of',
          case when puballtables then 'all tables' else 'some tables' end) order by pubname), '[]')
        from pg_publication) as publications,
       (select coalesce(json_agg(application_name || coalesce(' at ' || host(client_addr), '')
          || ', ' || coalesce(state, 'its state is not shown')
          || coalesce(', ' || sync_state, '') order by application_name), '[]')
        from pg_stat_replication) as followers`,
  );
}

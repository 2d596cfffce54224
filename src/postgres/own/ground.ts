// What there is in a server of somebody's own that a drill could harm, or that says whether it may:
// read from its catalogues before anything is made.
import type pg from 'pg';
import { oneRow } from '../server/connection.ts';
import { claimOf, type Claim } from './claim.ts';
import { publicationsOver, stateOfSchema, type SchemaState } from './schema.ts';
import { slotsOf, type Slots } from './slots.ts';

export interface Ground extends Slots {
  readonly database: string;
  readonly role: string;
  /** The comment on the database; null: it has none. */
  readonly comment: string | null;
  /** Who drills it already; null: nobody. */
  readonly claim: Claim | null;
  /** Publications that would take in whatever drill makes. */
  readonly publications: readonly string[];
  readonly event_triggers: readonly string[];
  /** For this role in this database, the least that any limit leaves; and which limit that is. */
  readonly free_connections: number;
  readonly limited_by: string;
  /** Transactions that are open for minutes, each in words. */
  readonly long_transactions: readonly string[];
  /** Whether the role sees what others do there. */
  readonly sees_all: boolean;
  /** Whether the role may make a schema in the database: asked for even where it is there. */
  readonly may_create: boolean;
  /** `default_transaction_read_only`, on a server that is no standby. */
  readonly is_read_only: boolean;
  /** Base backups that are being taken, each by the name of who takes it. */
  readonly backups: readonly string[];
  /** Where tables go if nobody says; empty: where the database is. */
  readonly tablespace: string;
  /** The one in which drill would make its tables. */
  readonly schema: SchemaState;
}

/** How old an open transaction may be. */
const LONG = '5 minutes';
/** Log that a slot keeps: more of it says that somebody does not come for it. */
const LATE_BYTES = 2 ** 30;

/** `schema`: where drill would make its tables. */
export async function groundOf(
  client: pg.Client,
  schema: string,
  { long = LONG, late_bytes = LATE_BYTES } = {},
): Promise<Ground> {
  const ground = await oneRow<Omit<Ground, keyof Own> & pg.QueryResultRow>(
    client,
    `with used as (
       select count(*)::float8 as server,
         (count(*) filter (where datname = current_database()))::float8 as database,
         (count(*) filter (where usename = current_user))::float8 as role
       from pg_stat_activity where backend_type = 'client backend'
     ), room as (
       select 'max_connections of the server' as of,
         current_setting('max_connections')::float8
         - current_setting('superuser_reserved_connections')::float8
         - coalesce(current_setting('reserved_connections', true)::float8, 0) - server as free
       from used
       union all select 'the connection limit of the role ' || rolname, rolconnlimit - role
       from used, pg_roles where rolname = current_user and rolconnlimit >= 0
       union all select 'the connection limit of the database ' || datname,
         datconnlimit - used.database
       from used, pg_database where datname = current_database() and datconnlimit >= 0
     ), least_room as (select of, free from room order by free limit 1),
     long as (
       select format('%s, pid %s, since %s', coalesce(usename, 'somebody'), pid,
         to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')) as words
       from pg_stat_activity
       where xact_start < now() - $1::interval and backend_type = 'client backend'
         and pid <> pg_backend_pid()
       union all select format('%s, prepared as %s', owner, gid)
       from pg_prepared_xacts where prepared < now() - $1::interval
     )
     select current_database() as database, current_user as role, of as limited_by,
       greatest(0, free)::float8 as free_connections,
       (select shobj_description(oid, 'pg_database') from pg_database
        where datname = current_database()) as comment,
       array(select evtname::text from pg_event_trigger where evtenabled <> 'D' order by 1)
         as event_triggers,
       array(select words from long order by 1) as long_transactions,
       pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_all,
       has_database_privilege(current_user, current_database(), 'create') as may_create,
       not pg_is_in_recovery() and current_setting('default_transaction_read_only') = 'on'
         as is_read_only,
       array(select coalesce(application_name, 'somebody') from pg_stat_replication
         where state = 'backup' order by 1) as backups,
       current_setting('default_tablespace') as tablespace
     from least_room`,
    [long],
  );
  const slots = await slotsOf(client, late_bytes);
  return { ...ground, ...slots, ...(await ownOf(client, schema)) };
}

type Own = Pick<Ground, 'schema' | 'claim' | 'publications' | keyof Slots>;

/** What stands in the way of what drill would make, or is of another run of it. */
async function ownOf(client: pg.Client, schema: string): Promise<Omit<Own, keyof Slots>> {
  const state = await stateOfSchema(client, schema);
  const claim = state === 'own' ? await claimOf(client, schema) : null;
  return { schema: state, claim, publications: await publicationsOver(client, schema) };
}

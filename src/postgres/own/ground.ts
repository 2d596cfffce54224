// What there is in a server of somebody's own that a drill could harm, or that says whether it may:
// read from its catalogues before anything is made.
import type pg from 'pg';
import type { Clock } from '../../host/clock.ts';
import { oneRow } from '../server/connection.ts';
import { claimOf, type Claim } from './claim.ts';
import { publicationsOver, stateOfSchema, type SchemaState } from './schema.ts';

export interface Ground {
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
  /** Where tables go if nobody says; empty: where the database is. */
  readonly tablespace: string;
  /** The one in which drill would make its tables. */
  readonly schema: SchemaState;
}

const LONG = '5 minutes';

/** `schema`: where drill would make its tables; `long`: how old an open transaction may be. */
export async function groundOf(client: pg.Client, schema: string, long = LONG): Promise<Ground> {
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
       current_setting('default_tablespace') as tablespace
     from least_room`,
    [long],
  );
  return { ...ground, ...(await ownOf(client, schema)) };
}

type Own = Pick<Ground, 'schema' | 'claim' | 'publications'>;

/** What stands in the way of what drill would make, or is of another run of it. */
async function ownOf(client: pg.Client, schema: string): Promise<Own> {
  const state = await stateOfSchema(client, schema);
  const claim = state === 'drill’s' ? await claimOf(client, schema) : null;
  return { schema: state, claim, publications: await publicationsOver(client, schema) };
}

/** So long the transactions of others are counted; a server tells of them once a second. */
const COUNT_MS = 3_000;
/** Each statement of this connection is a transaction too. */
const OWN_COMMITS = 1;

/** Transactions a second in this database, without those of this connection. */
export async function othersPerSecond(
  client: pg.Client,
  clock: Clock,
  signal?: AbortSignal,
  count_ms = COUNT_MS,
): Promise<number> {
  const before = await commitsOf(client);
  const began_ms = clock.now();
  await clock.sleep(count_ms, signal);
  const commits = (await commitsOf(client)) - before - OWN_COMMITS;
  return Math.max(0, commits) / ((clock.now() - began_ms) / 1_000);
}

/** Transactions that the database has committed so far, as its statistics say. */
async function commitsOf(client: pg.Client): Promise<number> {
  const { commits } = await oneRow<{ commits: number }>(
    client,
    `select xact_commit::float8 as commits from pg_stat_database
     where datname = current_database()`,
  );
  return commits;
}

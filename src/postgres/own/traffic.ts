// What others do on a server of somebody's own right now, as its statistics count it: in the
// database that drill is let into, and in those beside it, whose service goes with the same server.
import type pg from 'pg';
import type { Clock } from '../../host/clock.ts';

export interface Traffic {
  /** Transactions a second in this database, without those of this connection. */
  readonly here_per_s: number;
  /** Of the other databases of the server, the one with most; null: there is none. */
  readonly elsewhere: { readonly database: string; readonly per_s: number } | null;
}

/** So long they are counted; a server tells of them once a second. */
const COUNT_MS = 3_000;
/** Each statement of this connection is a transaction too. */
const OWN_TRANSACTIONS = 1;

export async function trafficOn(
  client: pg.Client,
  clock: Clock,
  signal?: AbortSignal,
  count_ms = COUNT_MS,
): Promise<Traffic> {
  const before = new Map(
    (await transactionsOn(client)).map(({ database, count }) => [database, count] as const),
  );
  const began_ms = clock.now();
  await clock.sleep(count_ms, signal);
  const after = await transactionsOn(client);
  const over_s = (clock.now() - began_ms) / 1_000;
  const grown = after.map(({ database, count, is_here }) => {
    const own = is_here ? OWN_TRANSACTIONS : 0;
    const per_s = Math.max(0, count - (before.get(database) ?? 0) - own) / over_s;
    return { database, per_s, is_here };
  });
  const others = grown.filter(({ is_here }) => !is_here);
  const [most] = others.toSorted((one, other) => other.per_s - one.per_s);
  return {
    here_per_s: grown.find(({ is_here }) => is_here)?.per_s ?? 0,
    elsewhere: most === undefined ? null : { database: most.database, per_s: most.per_s },
  };
}

interface Counted {
  readonly database: string;
  readonly count: number;
  readonly is_here: boolean;
}

/** Those that failed are somebody's too. */
async function transactionsOn(client: pg.Client): Promise<Counted[]> {
  const { rows } = await client.query<Counted>(
    `select datname as database, (xact_commit + xact_rollback)::float8 as count,
       datname = current_database() as is_here
     from pg_stat_database where datname is not null`,
  );
  return rows;
}

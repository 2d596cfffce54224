// The state of one direction of logical replication, as its two servers tell it: the subscriber of
// its subscription, the publisher of the slot. Neither alone can tell whether anything arrives.
import type pg from 'pg';
import type { KeptConnection } from '../../host/kept-connection.ts';
import {
  keepConnection,
  oneRow,
  withConnection,
  type DatabaseAddress,
} from '../server/connection.ts';

const LIMITS = { connect_ms: 1_000, statement_ms: 2_000 };
/** Limits of questions on a connection of their own. */
const ASK_LIMITS = { connect_ms: 1_000, statement_ms: 5_000 };
/** The subscriber reports at least once a second (`wal_receiver_status_interval`). */
const REPLY_AGE_MOST_MS = 2_000;

/** The subscriber's side of it. */
export interface SubscriptionSeen {
  readonly enabled: boolean;
  readonly synchronous_commit: string;
  readonly origin: string;
  /** `srsubstate` by table: r is ready, anything else is still being copied. */
  readonly tables: Readonly<Record<string, string>>;
  /** Whether its apply worker runs now; one that fails starts again and again. */
  readonly applying: boolean;
  /** Since the last message of the publisher; null: no worker, or none came. */
  readonly message_age_ms: number | null;
  /**
   * How often applying and copying failed since it was made, or since a crash of the server. A lost
   * connection counts as a failure to apply, too.
   */
  readonly apply_errors: number;
  readonly sync_errors: number;
  /**
   * Conflicts that PostgreSQL 18 saw up to a second ago, by kind without the `confl_`; empty before
   * 18. `update_origin_differs` counts rows that both sides have changed in turn, too.
   */
  readonly conflicts: Readonly<Record<string, number>>;
}

/** The publisher's side of it. */
export interface SlotSeen {
  /** Whether it is in use, by whom (the subscriber's region), and in which state. */
  readonly active: boolean;
  readonly name: string | null;
  readonly state: string | null;
  /** `reserved`, `extended`, or log that is needed is about to go or gone: `unreserved`, `lost`. */
  readonly wal_status: string;
  /** Written here and not confirmed by the subscriber: what losing this server would lose. */
  readonly unconfirmed_bytes: number;
  /** Log that is kept for the subscriber. */
  readonly kept_bytes: number;
  /** Since the subscriber's last word; null when it is not connected. */
  readonly reply_age_ms: number | null;
}

/** Conflicts that PostgreSQL does not go past: the worker fails at the row until it is gone. */
const STOPPING_CONFLICTS = ['insert_exists', 'update_exists', 'multiple_unique_conflicts'];

/** One direction; null: there is no subscription, or no slot. */
export interface DirectionState {
  readonly from: string;
  readonly to: string;
  readonly subscription: SubscriptionSeen | null;
  readonly slot: SlotSeen | null;
}

const SUBSCRIPTION = `
select s.subenabled as enabled, s.subsynccommit as synchronous_commit, s.suborigin as origin,
  coalesce((select json_object_agg(r.srrelid::regclass::text, r.srsubstate)
    from pg_subscription_rel r where r.srsubid = s.oid), '{}') as tables,
  w.pid is not null as applying,
  (extract(epoch from clock_timestamp() - w.last_msg_receipt_time) * 1000)::float8
    as message_age_ms,
  to_jsonb(c) as counters
from pg_subscription s
left join pg_stat_subscription w on w.subid = s.oid and w.relid is null and w.leader_pid is null
left join pg_stat_subscription_stats c on c.subid = s.oid
where s.subname = $1`;

const SLOT = `
select s.active, r.application_name as name, r.state,
  coalesce(s.wal_status, 'lost') as wal_status,
  case when s.confirmed_flush_lsn is not null then
    greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn))::float8
  end as unconfirmed_bytes,
  coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn), 0)::float8 as kept_bytes,
  case when r.reply_time is not null then
    greatest(0, extract(epoch from clock_timestamp() - r.reply_time) * 1000)::float8
  end as reply_age_ms
from pg_replication_slots s left join pg_stat_replication r on r.pid = s.active_pid
where s.slot_name = $1`;

type SubscriptionRow = Omit<SubscriptionSeen, 'apply_errors' | 'sync_errors' | 'conflicts'> & {
  readonly counters: Readonly<Record<string, unknown>> | null;
};

/** Asks both servers about the direction `from` → `to`, over connections that are kept. */
export class DirectionMonitor {
  readonly #from: LogicalSide;
  readonly #to: LogicalSide;
  readonly #publisher: KeptConnection<pg.Client>;
  readonly #subscriber: KeptConnection<pg.Client>;

  constructor(from: LogicalSide, to: LogicalSide) {
    this.#from = from;
    this.#to = to;
    this.#publisher = keepConnection(from.address, LIMITS);
    this.#subscriber = keepConnection(to.address, LIMITS);
  }

  /** Rejects when one of them does not answer. */
  async state(): Promise<DirectionState> {
    const name = replicationName(this.#to.region);
    const [slot, subscription] = await Promise.all([
      this.#publisher.ask(async (client) => {
        const { rows } = await client.query<SlotSeen>(SLOT, [name]);
        return rows[0] ?? null;
      }),
      this.#subscriber.ask(async (client) => {
        const { rows } = await client.query<SubscriptionRow>(SUBSCRIPTION, [name]);
        return rows[0] === undefined ? null : counted(rows[0]);
      }),
    ]);
    return { from: this.#from.region, to: this.#to.region, subscription, slot };
  }

  async close(): Promise<void> {
    await Promise.all([this.#publisher.close(), this.#subscriber.close()]);
  }
}

function counted({ counters, ...row }: SubscriptionRow): SubscriptionSeen {
  const all = Object.entries(counters ?? {});
  const conflicts = all
    .filter(([key]) => key.startsWith('confl_'))
    .map(([key, count]) => [key.slice('confl_'.length), Number(count)] as const);
  return {
    ...row,
    apply_errors: Number(counters?.['apply_error_count'] ?? 0),
    sync_errors: Number(counters?.['sync_error_count'] ?? 0),
    conflicts: Object.fromEntries(conflicts),
  };
}

/**
 * Why rows do not, or may not, arrive in this direction; empty when it is as it should be. Errors
 * are counted from `before` on, or from the beginning: a worker that fails at the same row again
 * and again is connected, and running, some of the time.
 */
export function directionProblems(
  { to, subscription, slot }: DirectionState,
  before: DirectionState | null = null,
): string[] {
  const problems: string[] = [];
  if (subscription === null) problems.push(`${to} has no subscription`);
  else {
    const { enabled, origin, applying, synchronous_commit } = subscription;
    if (!enabled) problems.push(`the subscription of ${to} is disabled`);
    if (origin !== 'none') problems.push(`its origin is ${origin}: rows may go round in circles`);
    if (synchronous_commit !== 'local') {
      problems.push(`its synchronous_commit is ${synchronous_commit}, not local`);
    }
    problems.push(...tableProblems(subscription));
    if (!applying) problems.push(`no apply worker runs in ${to}`);
    problems.push(...errorProblems(subscription, before?.subscription ?? null));
  }
  return slot === null
    ? [...problems, `there is no slot for ${to}`]
    : [...problems, ...slotProblems(to, slot)];
}

function tableProblems({ tables }: SubscriptionSeen): string[] {
  return REPLICATED_TABLES.flatMap((table) => {
    const state = tables[table] ?? 'not subscribed';
    return state === 'r' ? [] : [`table ${table} is not ready: ${state}`];
  });
}

function errorProblems(now: SubscriptionSeen, before: SubscriptionSeen | null): string[] {
  const applied = now.apply_errors - (before?.apply_errors ?? 0);
  const copied = now.sync_errors - (before?.sync_errors ?? 0);
  const stops = STOPPING_CONFLICTS.filter((kind) => (now.conflicts[kind] ?? 0) > 0);
  const stopping = stops.map((kind) => `, ${kind}: ${now.conflicts[kind]}`).join('');
  return [
    ...(applied > 0 ? [`errors in applying: ${applied}${stopping}`] : []),
    ...(copied > 0 ? [`errors in copying: ${copied}`] : []),
  ];
}

function slotProblems(to: string, slot: SlotSeen): string[] {
  const { active, name, state, wal_status, reply_age_ms } = slot;
  const problems: string[] = [];
  if (wal_status !== 'reserved' && wal_status !== 'extended') {
    problems.push(`the log that ${to} needs is ${wal_status}`);
  }
  if (!active) problems.push(`${to} is not connected`);
  else if (name !== to) problems.push(`the slot for ${to} is used by ${name ?? 'nobody'}`);
  else if (state !== 'streaming') problems.push(`to ${to} it is ${state}, not streaming`);
  else if (reply_age_ms === null || reply_age_ms > REPLY_AGE_MOST_MS) {
    problems.push(`${to} was last heard of ${Math.round(reply_age_ms ?? 0)} ms ago`);
  }
  return problems;
}

/** Bytes of changes, as decoded for sending, since the slot's statistics began; a moment behind. */
export async function decodedBytes(address: DatabaseAddress): Promise<number> {
  const { bytes } = await withConnection(address, ASK_LIMITS, (client) =>
    oneRow<{ bytes: number }>(
      client,
      'select coalesce(sum(total_bytes), 0)::float8 as bytes from pg_stat_replication_slots',
    ),
  );
  return bytes;
}

/**
 * The exposure of one of the regions: the log that the other one has not confirmed, and the time
 * between the newest order that the region made and the newest of them that the other one has.
 */
export async function exposureOf(
  from: LogicalSide,
  to: LogicalSide,
): Promise<{ readonly bytes: number | null; readonly ms: number | null }> {
  const newest = `select (extract(epoch from max(created)) * 1000)::float8 as newest
    from orders where region = $1`;
  const there = await withConnection(to.address, ASK_LIMITS, (client) =>
    oneRow<{ newest: number | null }>(client, newest, [from.region]),
  );
  return await withConnection(from.address, ASK_LIMITS, async (client) => {
    const here = await oneRow<{ newest: number | null }>(client, newest, [from.region]);
    const { rows } = await client.query<{ bytes: number }>(
      `select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::float8 as bytes
       from pg_replication_slots where slot_name = $1`,
      [replicationName(to.region)],
    );
    const isKnown = here.newest !== null && there.newest !== null;
    const ms = isKnown ? Math.max(0, here.newest! - there.newest!) : null;
    return { bytes: rows[0]?.bytes ?? null, ms };
  });
}

export const REPLICATED_TABLES = ['orders', 'stock'] as const;

export interface LogicalSide {
  readonly region: string;
  /** The server as the runner reaches it, as the superuser. */
  readonly address: DatabaseAddress;
  /** The address at which the other server reaches it: a proxy of the link between the regions. */
  readonly through: { readonly host: string; readonly port: number };
  /** A file on its own machine with the password of the other server's replication role. */
  readonly passfile: string;
  /**
   * Which row numbers are its own: odd ones or even ones. Two servers that both draw numbers must
   * never draw the same.
   */
  readonly numbers: 1 | 2;
}

/** The name of the subscription and of the slot that a region gets its peer's rows through. */
export function replicationName(region: string): string {
  return `drill_${region.replaceAll('-', '_')}`;
}

// The replication slots of a server of somebody's own: whom they keep log for, and which of them a
// failover loses.
import type pg from 'pg';
import { oneRow } from '../server/connection.ts';
import { ifTold } from './told.ts';

export interface Slots {
  /** Those that much log is kept for, each in words; none where the server tells of no log. */
  readonly late_slots: readonly string[];
  /** Logical ones of a primary that no standby has: they are gone after a failover. */
  readonly logical_slots: readonly string[];
}

const LOGICAL = `select array(select slot_name::text from pg_replication_slots slot
  where slot_type = 'logical' and not temporary and not pg_is_in_recovery()
    -- Of PostgreSQL 17 and later.
    and not coalesce((to_jsonb(slot) ->> 'failover')::boolean, false) order by 1) as logical_slots`;

const LATE = `with log as materialized (
    select case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
      else pg_current_wal_lsn() end as at
  ), late as (
    select slot_name::text as name, pg_wal_lsn_diff(log.at, restart_lsn) as bytes
    from pg_replication_slots, log where not temporary
  )
  select array(select format('%s, %s of log', name, pg_size_pretty(bytes)) from late
    where bytes > $1 order by bytes desc) as late_slots`;

export async function slotsOf(client: pg.Client, late_bytes: number): Promise<Slots> {
  const logical = await oneRow<Pick<Slots, 'logical_slots'>>(client, LOGICAL);
  const asked = oneRow<Pick<Slots, 'late_slots'>>(client, LATE, [late_bytes]);
  const late = await ifTold(asked);
  return { ...logical, late_slots: 'why' in late ? [] : late.late_slots };
}

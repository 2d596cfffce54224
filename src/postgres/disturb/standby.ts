// What can be done to a standby that runs: it hears nothing of its primary, or applies nothing of
// what it hears. Each can be done, and undone, twice.
import { errorCode, oneRow, withConnection, type DatabaseAddress } from '../server/connection.ts';
import { alterSystem } from '../server/primary.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };
/** Of a server that was promoted meanwhile: it replays nothing any more. */
const NOT_A_STANDBY = '55000';

/** Whom it follows is nobody, until that is taken back: then its own configuration counts. */
export async function setFollowing(standby: DatabaseAddress, follows: boolean): Promise<void> {
  const primary_conninfo = follows ? null : '';
  await withConnection(standby, LIMITS, (client) => alterSystem(client, { primary_conninfo }));
}

/** Whether it was told to follow nobody. */
export async function followsNobody(standby: DatabaseAddress): Promise<boolean> {
  const sql = `select current_setting('primary_conninfo') = '' as nobody`;
  return await withConnection(standby, LIMITS, async (client) => {
    return (await oneRow<{ nobody: boolean }>(client, sql)).nobody;
  });
}

export async function setReplaying(standby: DatabaseAddress, replays: boolean): Promise<void> {
  await withConnection(standby, LIMITS, async (client) => {
    try {
      await client.query(`select pg_wal_replay_${replays ? 'resume' : 'pause'}()`);
    } catch (error) {
      if (!replays || errorCode(error) !== NOT_A_STANDBY) throw error;
    }
  });
}

const TIMELINE = `select case when pg_is_in_recovery()
    then greatest((select timeline_id from pg_control_checkpoint()),
      (select received_tli from pg_stat_wal_receiver))
    else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int
  end as timeline`;

/** The one that it writes; of a standby, the one that it follows. */
export async function timelineNow(server: DatabaseAddress): Promise<number> {
  return await withConnection(server, LIMITS, async (client) => {
    return (await oneRow<{ timeline: number }>(client, TIMELINE)).timeline;
  });
}

/** A server that was promoted meanwhile has gone on replaying. */
export async function isReplayPaused(standby: DatabaseAddress): Promise<boolean> {
  const sql = `select case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end
    as paused`;
  return await withConnection(standby, LIMITS, async (client) => {
    return (await oneRow<{ paused: boolean }>(client, sql)).paused;
  });
}

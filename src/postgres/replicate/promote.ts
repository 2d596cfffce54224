// Makes a standby the primary.
import { OperationFailed } from '../../host/operation-failed.ts';
import type pg from 'pg';
import { until, type Clock } from '../../host/clock.ts';
import { closeConnection } from '../../host/database/close.ts';
import { errorCode, openConnection } from '../server/connection.ts';
import type { DatabaseAddress } from '../server/connection.ts';
import { writeProbe } from '../server/primary.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 5_000, synchronous_commit: 'local' } as const;
const WRITE_EVERY_MS = 1.5;
const PROMOTE_AT_MOST_MS = 60_000;
/**
 * PostgreSQL 18 sleeps out `wal_retrieve_retry_interval` when the signal comes within milliseconds
 * of the primary's death; a second signal after this time wakes it up (11 of 16 such promotions
 * took 5 s without, none with).
 */
const AGAIN_AFTER_MS = 60;
const IN_RECOVERY = '25006'; // read_only_sql_transaction
const NOT_IN_RECOVERY = '55000';

export interface Promotion {
  /** Just before the request is sent, and again. */
  readonly onSent: (again: boolean) => void;
  /** Right after the first write was accepted. */
  readonly onWritable: (timeline: number, replay_bytes: number) => void;
}

/**
 * Asks for the promotion and tries a write every 1.5 ms until one is accepted; waiting for
 * PostgreSQL's own answer would add its poll of 100 ms. The write waits for no standby, so that it
 * tells about this server alone. Resolves to the timeline that is written now; rejects after 60 s,
 * with the last refusal.
 */
export async function promote(
  standby: DatabaseAddress,
  promotion: Promotion,
  clock: Clock,
  signal?: AbortSignal,
): Promise<number> {
  const [asking, writing] = await Promise.all([
    openConnection(standby, LIMITS),
    openConnection(standby, LIMITS),
  ]);
  let again: Promise<void> | undefined;
  const enough = new AbortController();
  try {
    promotion.onSent(false);
    const sent = clock.now();
    const replay_bytes = await ask(asking);
    again = clock.sleep(AGAIN_AFTER_MS - (clock.now() - sent), enough.signal).then(
      async () => {
        promotion.onSent(true);
        await ask(asking);
      },
      () => {}, // writable before that
    );
    const deadline_ms = sent + PROMOTE_AT_MOST_MS;
    const waiting = { clock, deadline_ms, every_ms: WRITE_EVERY_MS, signal };
    const timeline = await until(waiting, () => tryWrite(writing));
    if (timeline !== null) {
      promotion.onWritable(timeline, replay_bytes);
      return timeline;
    }
    const expected = `a write to be accepted within ${PROMOTE_AT_MOST_MS / 1000} s`;
    const found = 'a server that is still in recovery';
    throw new OperationFailed({ what: 'the promotion', expected, found });
  } finally {
    enough.abort();
    await again?.catch(() => {}); // whoever waits for the writes hears of what matters
    await Promise.all([closeConnection(asking), closeConnection(writing)]);
  }
}

/** Resolves to the bytes of log that it had received and still had to replay by then. */
async function ask(client: pg.Client): Promise<number> {
  try {
    const { rows } = await client.query<{ bytes: number }>(
      `select greatest(0, coalesce(pg_wal_lsn_diff(pg_last_wal_receive_lsn(),
         pg_last_wal_replay_lsn()), 0))::float8 as bytes, pg_promote(false)`,
    );
    return rows[0]?.bytes ?? 0;
  } catch (error) {
    if (errorCode(error) !== NOT_IN_RECOVERY) throw error; // else it is a primary already
    return 0;
  }
}

/** Null while it is in recovery. */
export async function tryWrite(client: pg.Client): Promise<number | null> {
  try {
    return (await writeProbe(client)).timeline;
  } catch (error) {
    if (errorCode(error) === IN_RECOVERY || errorCode(error) === NOT_IN_RECOVERY) return null;
    throw error;
  }
}

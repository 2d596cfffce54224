// Waiting for logical replication: until both directions are ready, until the other server has
// replayed what this one holds.
import type { Clock } from '../host/clock.ts';
import { oneRow, withConnection } from './connection.ts';
import { replicationName, type LogicalSide } from './logical-side.ts';
import { DirectionMonitor, directionProblems } from './logical-state.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };
const POLL_MS = 5;

/**
 * Resolves when no direction has a problem; a subscription that ever failed has one. Rejects with
 * the problems that it saw last.
 */
export async function untilReady(
  directions: readonly (readonly [from: LogicalSide, to: LogicalSide])[],
  clock: Clock,
  atMost_ms: number,
  signal?: AbortSignal,
): Promise<void> {
  const until = clock.now() + atMost_ms;
  const monitors = directions.map(([from, to]) => new DirectionMonitor(from, to));
  try {
    for (;;) {
      const states = await Promise.all(monitors.map((monitor) => monitor.state()));
      const problems = states.flatMap((state) => directionProblems(state));
      if (problems.length === 0) return;
      if (clock.now() > until) {
        throw new Error(`not ready after ${atMost_ms} ms: ${problems.join('; ')}`);
      }
      await clock.sleep(POLL_MS, signal);
    }
  } finally {
    await Promise.all(monitors.map((monitor) => monitor.close()));
  }
}

/** Up to where a server's log is on disk, which every acknowledged commit is. */
export async function positionOf({ address }: LogicalSide): Promise<string> {
  const { lsn } = await withConnection(address, LIMITS, (client) =>
    oneRow<{ lsn: string }>(client, 'select pg_current_wal_flush_lsn()::text as lsn'),
  );
  return lsn;
}

/**
 * Resolves when `to` has applied, and has on disk, everything that `from` wrote up to `lsn`.
 * Rejects when it has not in time, and at once when it cannot any more.
 */
export async function untilReplayed(
  from: LogicalSide,
  to: LogicalSide,
  lsn: string,
  clock: Clock,
  atMost_ms: number,
  signal?: AbortSignal,
): Promise<void> {
  const until = clock.now() + atMost_ms;
  await withConnection(from.address, LIMITS, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ left: string; wal_status: string | null }>(
        `select pg_wal_lsn_diff($2::pg_lsn, confirmed_flush_lsn)::text as left, wal_status
         from pg_replication_slots where slot_name = $1`,
        [replicationName(to.region), lsn],
      );
      const [slot] = rows;
      if (slot === undefined) throw new Error(`${from.region} has no slot for ${to.region}`);
      if (Number(slot.left) <= 0) return;
      if (slot.wal_status === 'lost') {
        throw new Error(`${from.region} no longer has the log that ${to.region} needs`);
      }
      if (clock.now() > until) {
        const missing = `${slot.left} bytes before ${lsn} are not confirmed`;
        throw new Error(
          `${to.region} has not replayed ${from.region} in ${atMost_ms} ms: ${missing}`,
        );
      }
      await clock.sleep(POLL_MS, signal);
    }
  });
}

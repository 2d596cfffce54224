// Waiting for logical replication: until both directions are ready, until the other server has
// replayed what this one holds.
import { OperationFailed } from '../../host/operation-failed.ts';
import { until, type Clock, type Waiting } from '../../host/clock.ts';
import { withConnection } from '../server/connection.ts';
import {
  replicationName,
  type LogicalSide,
  DirectionMonitor,
  directionProblems,
  type DirectionState,
} from './logical-state.ts';
import { flushedLsn } from '../server/primary.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };
const POLL_MS = 5;
const LOOK_EVERY_MS = 100;

type Directions = readonly (readonly [from: LogicalSide, to: LogicalSide])[];

/**
 * Resolves when no direction has a problem; a subscription that ever failed has one. Rejects with
 * the problems that it saw last.
 */
export async function untilReady(
  directions: Directions,
  clock: Clock,
  atMost_ms: number,
  signal?: AbortSignal,
): Promise<void> {
  const waiting = { clock, deadline_ms: clock.now() + atMost_ms, every_ms: POLL_MS, signal };
  await untilWell(directions, waiting, false, `it to be ready within ${atMost_ms} ms`);
}

/**
 * The survivor has failed to reach its peer again and again meanwhile, and its counters say so for
 * ever: what counts is that nothing was added between two looks.
 */
export async function untilWellAgain(
  directions: Directions,
  clock: Clock,
  atMost_ms: number,
  signal?: AbortSignal,
): Promise<void> {
  const waiting = { clock, deadline_ms: clock.now() + atMost_ms, every_ms: LOOK_EVERY_MS, signal };
  await untilWell(directions, waiting, true, 'it to be well again');
}

/** `isFromLastLook`: errors count from the look before on, so that the first one says nothing. */
async function untilWell(
  directions: Directions,
  waiting: Waiting,
  isFromLastLook: boolean,
  expected: string,
): Promise<void> {
  const monitors = directions.map(([from, to]) => new DirectionMonitor(from, to));
  let before: DirectionState[] | null = null;
  let found = '';
  try {
    const isWell = await until(waiting, async () => {
      const states = await Promise.all(monitors.map((monitor) => monitor.state()));
      const problems = states.flatMap((state, at) =>
        directionProblems(state, before?.[at] ?? null),
      );
      found = problems.join('; ');
      const isCompared = before !== null || !isFromLastLook;
      if (isFromLastLook) before = states;
      return (problems.length === 0 && isCompared) || null;
    });
    if (isWell !== null) return;
    throw new OperationFailed({ what: 'replication between the regions', expected, found });
  } finally {
    await Promise.all(monitors.map((monitor) => monitor.close()));
  }
}

/** Up to where a server's log is on disk, which every acknowledged commit is. */
export async function positionOf({ address }: LogicalSide): Promise<string> {
  return await withConnection(address, LIMITS, flushedLsn);
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
  const deadline_ms = clock.now() + atMost_ms;
  const expected = `${to.region} to have replayed it within ${atMost_ms} ms`;
  const notReplayed = (found: string) =>
    new OperationFailed({ what: from.region, expected, found });
  await withConnection(from.address, LIMITS, async (client) => {
    let left: string | null = '';
    const isReplayed = await until({ clock, deadline_ms, every_ms: POLL_MS, signal }, async () => {
      const { rows } = await client.query<{ left: string | null; wal_status: string | null }>(
        `select pg_wal_lsn_diff($2::pg_lsn, confirmed_flush_lsn)::text as left, wal_status
         from pg_replication_slots where slot_name = $1`,
        [replicationName(to.region), lsn],
      );
      const [slot] = rows;
      if (slot === undefined) throw notReplayed('it has no slot for it');
      left = slot.left;
      // A slot that is still being made has confirmed nothing.
      if (left !== null && Number(left) <= 0) return true;
      if (slot.wal_status !== 'lost') return null;
      throw notReplayed('it no longer has the log that is needed');
    });
    if (isReplayed === null) throw notReplayed(`${left} bytes before ${lsn} are not confirmed`);
  });
}

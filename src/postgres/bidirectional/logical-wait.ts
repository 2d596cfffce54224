// Waiting for logical replication: until both directions are ready, until the other server has
// replayed what this one holds.
import { OperationFailed } from '../../host/operation-failed.ts';
import type { Clock } from '../../host/clock.ts';
import { withConnection } from '../server/connection.ts';
import { replicationName, type LogicalSide } from './logical-side.ts';
import { DirectionMonitor, directionProblems, type DirectionState } from './logical-state.ts';
import { flushedLsn } from '../server/administration.ts';

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
  const how = { poll_ms: POLL_MS, isFromLastLook: false };
  const problems = await lookUntilWell(directions, { clock, atMost_ms, signal, ...how });
  if (problems !== null) throw notWell(`it to be ready within ${atMost_ms} ms`, problems);
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
  const how = { poll_ms: LOOK_EVERY_MS, isFromLastLook: true };
  const problems = await lookUntilWell(directions, { clock, atMost_ms, signal, ...how });
  if (problems !== null) throw notWell('it to be well again', problems);
}

function notWell(expected: string, found: string): OperationFailed {
  return new OperationFailed({ what: 'replication between the regions', expected, found });
}

interface Looks {
  readonly clock: Clock;
  readonly atMost_ms: number;
  readonly signal: AbortSignal | undefined;
  readonly poll_ms: number;
  /** Errors count from the look before on, so that the first one says nothing yet. */
  readonly isFromLastLook: boolean;
}

/** The problems that were seen last; null: there were none. */
async function lookUntilWell(
  directions: Directions,
  { clock, atMost_ms, signal, poll_ms, isFromLastLook }: Looks,
): Promise<string | null> {
  const until = clock.now() + atMost_ms;
  const monitors = directions.map(([from, to]) => new DirectionMonitor(from, to));
  let before: DirectionState[] | null = null;
  try {
    for (;;) {
      const states = await Promise.all(monitors.map((monitor) => monitor.state()));
      const problems = states.flatMap((state, at) =>
        directionProblems(state, before?.[at] ?? null),
      );
      if (problems.length === 0 && (before !== null || !isFromLastLook)) return null;
      if (clock.now() > until) return problems.join('; ');
      if (isFromLastLook) before = states;
      await clock.sleep(poll_ms, signal);
    }
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
  const until = clock.now() + atMost_ms;
  const expected = `${to.region} to have replayed it within ${atMost_ms} ms`;
  const notReplayed = (found: string) =>
    new OperationFailed({ what: from.region, expected, found });
  await withConnection(from.address, LIMITS, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ left: string; wal_status: string | null }>(
        `select pg_wal_lsn_diff($2::pg_lsn, confirmed_flush_lsn)::text as left, wal_status
         from pg_replication_slots where slot_name = $1`,
        [replicationName(to.region), lsn],
      );
      const [slot] = rows;
      if (slot === undefined) throw notReplayed('it has no slot for it');
      if (Number(slot.left) <= 0) return;
      if (slot.wal_status === 'lost') {
        throw notReplayed('it no longer has the log that is needed');
      }
      if (clock.now() > until) {
        throw notReplayed(`${slot.left} bytes before ${lsn} are not confirmed`);
      }
      await clock.sleep(POLL_MS, signal);
    }
  });
}

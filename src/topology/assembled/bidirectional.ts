// Two regions that replicate to each other, as the engine sees it: how they are joined, whether
// both directions are well, whether both hold the same, and how a lost one comes back.
import type { PlannedWorkload } from '../../drill/plan/plan.ts';
import type { CheckResult } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import { compareDatabases } from '../../postgres/bidirectional/divergence.ts';
import { exposureOf } from '../../postgres/bidirectional/logical-exposure.ts';
import { decodedBytes } from '../../postgres/bidirectional/logical-sent.ts';
import type { LogicalSide } from '../../postgres/bidirectional/logical-side.ts';
import { DirectionMonitor, directionProblems } from '../../postgres/bidirectional/logical-state.ts';
import {
  positionOf,
  untilReplayed,
  untilWellAgain,
} from '../../postgres/bidirectional/logical-wait.ts';
import { forgetPeer, joinPair, rejoin } from '../../postgres/bidirectional/logical.ts';
import { insertSharedRows } from '../../postgres/server/shared-rows.ts';
import type { Bidirectional } from '../system/protection.ts';

const CAUGHT_UP_AT_MOST_MS = 120_000;
const LIMITS = { connect_ms: 2_000, statement_ms: 10_000 };

interface BidirectionalParts {
  /** The sides as they are now: a server that was made anew has another address. */
  readonly sides: () => readonly [LogicalSide, LogicalSide];
  readonly replicationUser: string;
  readonly clock: Clock;
  /** Starts a dead server on its own disk; or an empty one in its place. */
  readonly restart: (region: string, signal?: AbortSignal) => Promise<void>;
  readonly startEmpty: (region: string, signal?: AbortSignal) => Promise<void>;
}

/** Joins two primaries that run; resolves once both directions stream and have caught up. */
export async function joinDatabases(
  parts: BidirectionalParts,
  { updates, shared_rows }: PlannedWorkload,
  signal: AbortSignal,
): Promise<Bidirectional> {
  const { sides, replicationUser, clock } = parts;
  const [first, second] = sides();
  await joinPair(first, second, { replicationUser, clock, signal });
  if (updates > 0) {
    await withConnection(first.address, LIMITS, (client) =>
      client.query(insertSharedRows(shared_rows)),
    );
  }
  const bidirectional = bidirectionalOf(parts);
  await bidirectional.catchUp(signal);
  return bidirectional;
}

function bidirectionalOf(parts: BidirectionalParts): Bidirectional {
  const { sides, clock, replicationUser } = parts;
  const directions = () => {
    const [first, second] = sides();
    return [[first, second] as const, [second, first] as const];
  };
  return {
    check: async () =>
      await Promise.all(directions().map(([from, to]) => checkDirection(from, to))),
    catchUp: async (signal) => {
      await Promise.all(
        directions().map(async ([from, to]) => {
          const lsn = await positionOf(from);
          await untilReplayed(from, to, lsn, clock, CAUGHT_UP_AT_MOST_MS, signal);
        }),
      );
    },
    compare: async () => {
      const [first, second] = sides();
      return await compareDatabases(first, second);
    },
    sentBytes: async () => {
      const each = await Promise.all(sides().map(({ address }) => decodedBytes(address)));
      return each.reduce((sum, bytes) => sum + bytes, 0);
    },
    exposure: async (region) => {
      const [from, to] = directions().find(([{ region: name }]) => name === region)!;
      return await exposureOf(from, to);
    },
    comeBack: async (region, signal) => {
      await parts.restart(region, signal);
      await untilWellAgain(directions(), clock, CAUGHT_UP_AT_MOST_MS, signal);
    },
    rebuild: async (region, signal) => {
      const [survivor] = sides().filter((side) => side.region !== region);
      const options = { replicationUser, clock, ...(signal === undefined ? {} : { signal }) };
      await forgetPeer(survivor!, region, options);
      await parts.startEmpty(region, signal);
      const fresh = sides().find((side) => side.region === region)!;
      await rejoin(survivor!, fresh, options);
    },
  };
}

async function checkDirection(from: LogicalSide, to: LogicalSide): Promise<CheckResult> {
  const monitor = new DirectionMonitor(from, to);
  const name = `replication ${from.region} → ${to.region}`;
  try {
    const state = await monitor.state();
    const problems = directionProblems(state);
    const behind = `${state.slot?.unconfirmed_bytes ?? '?'} bytes behind`;
    return { name, ok: problems.length === 0, detail: problems.join('; ') || behind };
  } finally {
    await monitor.close();
  }
}

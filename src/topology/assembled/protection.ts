// How the data of the first region comes to the second one while all is well, by strategy: streamed
// to a standby, kept there as base backups and log, or written in both. Two regions that replicate
// to each other are joined and compared here, and a lost one comes back.
import { STRATEGY_FACTS } from '../../drill/plan/strategies.ts';
import type { CheckResult } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import type { Address } from '../../host/ports.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import { compareDatabases } from '../../postgres/bidirectional/divergence.ts';
import {
  exposureOf,
  decodedBytes,
  DirectionMonitor,
  directionProblems,
  type LogicalSide,
} from '../../postgres/bidirectional/logical-state.ts';
import {
  positionOf,
  untilReplayed,
  untilWellAgain,
} from '../../postgres/bidirectional/logical-wait.ts';
import { forgetPeer, joinPair, rejoin } from '../../postgres/bidirectional/logical.ts';
import { untilStreaming } from '../../postgres/server/primary.ts';
import { insertSharedRows } from '../../postgres/server/shared-rows.ts';
import type { Backups, Bidirectional } from '../system/protection.ts';
import type { UpContext } from '../system/system.ts';
import type { AnyRegion } from './region.ts';
import { untilProtected } from './repository.ts';

const CAUGHT_UP_AT_MOST_MS = 120_000;
const STREAMING_AT_MOST_MS = 30_000;
const LIMITS = { connect_ms: 2_000, statement_ms: 10_000 };

/** The part of a runtime in two databases that replicate to each other. */
export interface PairDriver {
  /** The role that each of them replicates from the other as. */
  readonly replicationUser: string;
  /** The proxy of the link at which the other region's server reaches the one of this region. */
  through(region: string): Promise<Address>;
  /** The file beside a region's server that has the password of the other one's. */
  passfile(region: string): string;
  /** Starts a dead server on its own disk; or an empty one in its place. */
  restart(region: string, signal: AbortSignal): Promise<void>;
  startEmpty(region: string, signal: AbortSignal): Promise<void>;
}

/** The part of a runtime in it. */
export interface ProtectionDriver extends PairDriver {
  /** The second region's server is there: a standby of the first region's, or a primary. */
  startSecond(as: 'standby' | 'primary'): Promise<void>;
  /** Starts the repository in the second region, which takes log from the primary. */
  startRepository(): Promise<Backups>;
}

export interface Protection {
  readonly backups: Backups | null;
  readonly bidirectional: Bidirectional | null;
}

/** A system that was up before this runner: what protects it is not led from here. */
export const UNLED: Protection = { backups: null, bidirectional: null };

/** Resolves once the second region has all there is. */
export async function protect(
  context: UpContext,
  regions: ReadonlyMap<string, AnyRegion>,
  driver: ProtectionDriver,
): Promise<Protection> {
  const { plan, clock, signal } = context;
  const { from, to, mode } = plan.replication;
  const { database } = STRATEGY_FACTS[plan.strategy];
  if (database === 'none') {
    const backups = await driver.startRepository();
    await untilProtected(backups, context);
    return { ...UNLED, backups };
  }
  await driver.startSecond(database);
  if (database === 'primary') {
    return { ...UNLED, bidirectional: await joinRegions(context, regions, driver) };
  }
  const { address } = regions.get(from)!.database.store;
  await untilStreaming(address, to, mode === 'sync', clock, STREAMING_AT_MOST_MS, signal);
  return UNLED;
}

/** Joins two primaries that run; resolves once both directions stream and have caught up. */
async function joinRegions(
  { plan, clock, signal }: Pick<UpContext, 'plan' | 'clock' | 'signal'>,
  regions: ReadonlyMap<string, AnyRegion>,
  driver: PairDriver,
): Promise<Bidirectional> {
  const { replicationUser } = driver;
  const placeOf = async (region: string, numbers: LogicalSide['numbers']) => {
    const through = await driver.through(region);
    return { region, through, passfile: driver.passfile(region), numbers };
  };
  const places = [
    await placeOf(plan.replication.from, 1),
    await placeOf(plan.replication.to, 2),
  ] as const;
  const sideOf = (place: (typeof places)[number]): LogicalSide => {
    return { ...place, address: regions.get(place.region)!.database.store.address };
  };
  const sides = () => [sideOf(places[0]), sideOf(places[1])] as const;
  const [first, second] = sides();
  await joinPair(first, second, { replicationUser, clock, signal });
  const { updates, shared_rows } = plan.workload;
  if (updates > 0) {
    await withConnection(first.address, LIMITS, (client) =>
      client.query(insertSharedRows(shared_rows)),
    );
  }
  const bidirectional = bidirectionalOf(sides, driver, clock, signal);
  await bidirectional.catchUp(signal);
  return bidirectional;
}

/**
 * The sides are asked for as they are now: a server that was made anew has another address.
 * `ending` ends what somebody asks for without a signal of their own.
 */
function bidirectionalOf(
  sides: () => readonly [LogicalSide, LogicalSide],
  driver: PairDriver,
  clock: Clock,
  ending: AbortSignal,
): Bidirectional {
  const { replicationUser } = driver;
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
    bringBack: async (region, signal = ending) => {
      await driver.restart(region, signal);
      await untilWellAgain(directions(), clock, CAUGHT_UP_AT_MOST_MS, signal);
    },
    rebuild: async (region, signal = ending) => {
      const [survivor] = sides().filter((side) => side.region !== region);
      const options = { replicationUser, clock, signal };
      await forgetPeer(survivor!, region, options);
      await driver.startEmpty(region, signal);
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

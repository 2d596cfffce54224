// How the data of the first region comes to the second one while all is well, by strategy: streamed
// to a standby, kept there as base backups and log, or written in both.
import { STRATEGY_FACTS } from '../../drill/plan/strategies.ts';
import { untilStreaming } from '../../postgres/server/primary.ts';
import type { Bidirectional } from '../system/protection.ts';
import type { UpContext } from '../system/system.ts';
import { joinRegions, type PairDriver } from './bidirectional.ts';
import type { AnyRegion } from './region.ts';
import { untilProtected, type OpenBackups } from './repository.ts';

const STREAMING_AT_MOST_MS = 30_000;

/** The part of a runtime in it. */
export interface ProtectionDriver extends PairDriver {
  /** The second region's server is there: a standby of the first region's, or a primary. */
  startSecond(as: 'standby' | 'primary'): Promise<void>;
  /** Starts the repository in the second region, which takes log from the primary. */
  startRepository(): Promise<OpenBackups>;
}

export interface Protection {
  readonly backups: OpenBackups | null;
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

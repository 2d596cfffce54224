// A database that is dead becomes a standby of the other region's, and is proved to follow it.
import type { CheckResult } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import { untilMarkerArrives } from '../../postgres/replicate/marker.ts';
import { untilStreaming } from '../../postgres/server/primary.ts';
import type { Rebuilt } from '../system/protection.ts';
import type { NodeState } from '../system/region.ts';
import type { OpenDatabase } from './database.ts';

const CAUGHT_UP_AT_MOST_MS = 60_000;
const LOOK_MS = 5_000;

export interface Followed {
  readonly how: Rebuilt['how'];
  readonly checks: readonly CheckResult[];
}

interface WithDatabase {
  readonly name: string;
  readonly database: {
    readonly node: Pick<NodeState, 'node' | 'look'>;
    readonly store: Pick<OpenDatabase, 'address'>;
  };
}

interface Pair {
  /** The one whose database is dead. */
  readonly region: WithDatabase;
  readonly peer: WithDatabase;
  readonly clock: Clock;
}

/** `follow` makes the dead database run as a standby. */
export async function rebuilt(
  { region, peer, clock }: Pair,
  follow: (signal: AbortSignal) => Promise<Followed>,
  signal: AbortSignal,
): Promise<Rebuilt> {
  const began = clock.now();
  const { node } = region.database;
  const { state, detail } = await node.look(LOOK_MS);
  if (state !== 'dead') {
    const found = `it running (${detail})`;
    throw new OperationFailed({ what: node.node, expected: 'it dead', found });
  }
  const { how, checks } = await follow(signal);
  const primary = peer.database.store.address;
  await untilStreaming(primary, region.name, false, clock, CAUGHT_UP_AT_MOST_MS, signal);
  const pair = { primary, standby: region.database.store.address, node: node.node };
  const arrived = await untilMarkerArrives(pair, clock, CAUGHT_UP_AT_MOST_MS, signal);
  return { how, ms: clock.now() - began, checks: [...checks, arrived] };
}

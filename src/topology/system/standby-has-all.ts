// Whether the standby of the orders has, and says so, what the primary has written.
import { delayOf, replicationLink, roundTripMs, type Plan } from '../../drill/plan/plan.ts';
import { until, type Clock } from '../../host/clock.ts';
import { needed } from './region.ts';
import type { Store } from './store.ts';

const LOOK_EVERY_MS = 50;
/** A standby that follows says so by then, besides the way there and back. */
const CONFIRMED_MS = 250;

interface Within {
  readonly clock: Clock;
  readonly deadline_ms?: number;
  readonly signal?: AbortSignal;
}

/** How long a standby that follows takes at most to say that it has what is written. */
export function confirmedWithinMs(plan: Plan): number {
  return roundTripMs(delayOf(plan, replicationLink(plan.replication))) + CONFIRMED_MS;
}

/** Until the standby has said to have what is written now; null: it had not by then. */
export async function untilStandbyHasAll(
  orders: Store,
  { clock, deadline_ms = Infinity, signal }: Within,
): Promise<true | null> {
  const written = await needed(orders.log, 'replication', orders.node).position();
  const times = { clock, deadline_ms, every_ms: LOOK_EVERY_MS };
  return await until(signal === undefined ? times : { ...times, signal }, async () => {
    const seen = await orders.replication();
    if (seen?.state !== 'streaming') return null;
    return seen.written_bytes - seen.lag_bytes >= written || null;
  });
}

// What losing the active region now would lose, as far as its standby tells: said before each
// fault.
import { reasonOf } from '../../host/operation-failed.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { EventBodies } from '../../evidence/event.ts';
import { atStake } from '../../measure/journal/exposure.ts';
import type { RunContext } from '../frame/context.ts';
import { ordersIn } from '../../topology/system/region.ts';
import type { System } from '../../topology/system/system.ts';

/** Bytes of write-ahead log that the second region lacks, and how far they reach back. */
type Exposure = Omit<EventBodies['exposure.previewed'], 'region'>;

/** What losing the active region would lose. */
export type Stake = Pick<Exposure, 'bytes' | 'ms'>;

/** A preview that cannot be had is no more than that. */
export async function previewLoss(run: RunContext, system: System): Promise<Stake> {
  const { plan, emit, signal } = run;
  const region = plan.replication.from;
  const exposure = await exposureOf(plan, system).catch((error: unknown): Exposure => {
    signal.throwIfAborted();
    return { bytes: null, ms: null, detail: reasonOf(error) };
  });
  const stake = atStake(plan, exposure);
  emit('exposure.previewed', { region, ...stake });
  return stake;
}

async function exposureOf({ replication }: Plan, system: System): Promise<Exposure> {
  if (system.bidirectional !== null) {
    const { bytes, ms } = await system.bidirectional.exposure(replication.from);
    return { bytes, ms, detail: `${replication.to} lacks ${bytes ?? '?'} bytes of log` };
  }
  if (system.backups !== null) {
    const { bytes, ms } = await system.backups.missing();
    const lacks = bytes === null ? 'has no log' : `lacks the newest ${bytes} bytes of log`;
    return { bytes, ms, detail: `${system.backups.node} ${lacks}` };
  }
  const { from, to } = replication;
  const [state, ago_ms] = await Promise.all([
    ordersIn(system.region(from)).replication(),
    ordersIn(system.region(to)).log?.replayedAgo_ms() ?? null,
  ]);
  if (state === null) return { bytes: null, ms: null, detail: 'no standby is connected' };
  const bytes = state.lag_bytes;
  // Of a standby that has everything, the age of what it replayed last says nothing.
  const ms = bytes === 0 ? 0 : ago_ms;
  return { bytes, ms, detail: `${to} is ${bytes} bytes behind ${from}` };
}

// Whether what the replicating region writes now comes to the other one: the proof of a fault on
// what joins them, which does not believe whoever broke it.
import { abortAfter, until } from '../host/clock.ts';
import { OperationFailed } from '../host/operation-failed.ts';
import { delayOf, replicationLink } from '../drill/plan/plan.ts';
import type { CheckResult, LookResult } from '../evidence/event.ts';
import { lookedAlone, type FaultContext, type LookContext } from './fault.ts';
import { needed, ordersIn } from '../topology/system/region.ts';
import type { StoreLog } from '../topology/system/store.ts';
import type { System } from '../topology/system/system.ts';

/** A login is a new process, which takes long on a busy machine: so long, or while it lasts. */
const WRITE_MS = { least: 1_500, most: 5_000 } as const;
const POLL_MS = 5;
/** A share of the time that a fault lasts: what arrives afterwards tells nothing of it. */
const WATCHED_SHARE = 0.75;

type Context = Pick<FaultContext, 'plan' | 'system' | 'clock'>;

export interface Arrival {
  /** Null: it had not come when nobody waited any longer. */
  readonly ms: number | null;
  readonly detail: string;
}

/** One write, and how long it is on its way, counted from its commit. Rejects without one. */
export async function writeAcross(
  context: Context,
  atMost_ms: number,
  write_ms: number = WRITE_MS.least,
): Promise<Arrival> {
  const { plan, system, clock } = context;
  const { from, to } = plan.replication;
  const { accepted, detail } = await ordersIn(system.region(from)).tryWrite(write_ms);
  if (!accepted) {
    const expected = 'it to be taken, so that its way can be followed';
    throw new OperationFailed({ what: `a write in ${from}`, expected, found: detail });
  }
  const began = clock.now();
  const hasCome = await (system.bidirectional === null ? received : applied)(context, atMost_ms);
  const ms = Math.round(clock.now() - began);
  return hasCome
    ? { ms, detail: `a write came to ${to} after ${ms} ms` }
    : { ms: null, detail: `a write had not come to ${to} after ${ms} ms` };
}

/** What is written in one region now must not come to the other, not even late. */
export async function proveNothingCrosses(
  context: Context,
  { watch_ms, lasts_ms }: { readonly watch_ms: number; readonly lasts_ms: number },
): Promise<CheckResult> {
  const { plan } = context;
  const link = replicationLink(plan.replication);
  const { latency_ms, jitter_ms } = delayOf(plan, link);
  const late_ms = watch_ms + latency_ms + jitter_ms;
  const watched_ms = lasts_ms * WATCHED_SHARE;
  const write_ms = Math.max(WRITE_MS.least, Math.min(WRITE_MS.most, watched_ms));
  const { ms, detail } = await writeAcross(context, Math.min(late_ms, watched_ms), write_ms);
  return { name: `link ${link} is silent`, ok: ms === null, detail };
}

/**
 * Once more, while the way is what it was: whoever has been promoted or killed meanwhile tells
 * nothing of the link.
 */
export async function stillNothingCrosses(
  context: LookContext,
  is = 'silent',
): Promise<LookResult[]> {
  const { plan, watch_ms } = context;
  const link = replicationLink(plan.replication);
  return await lookedAlone(context, `link ${link} is ${is}`, async () => {
    const { ms, detail } = await writeAcross(context, watch_ms);
    return { ok: ms === null, detail };
  });
}

/** The standby is asked past the link what it has received. */
async function received({ plan, system, clock }: Context, atMost_ms: number): Promise<boolean> {
  const { from, to } = plan.replication;
  const deadline_ms = clock.now() + atMost_ms;
  const written = await logOf(system, from).position();
  const standby = logOf(system, to);
  const arrived = await until({ clock, deadline_ms, every_ms: POLL_MS }, async () =>
    (await standby.position()) < written ? null : true,
  );
  return arrived !== null;
}

/** Each of two regions that both serve has confirmed what it got from the other. */
async function applied({ system, clock }: Context, atMost_ms: number): Promise<boolean> {
  const ended = new AbortController();
  const late = abortAfter(clock, atMost_ms, new Error('too late'), ended.signal);
  const bidirectional = needed(system.bidirectional, 'bidirectional', 'the system');
  try {
    await bidirectional.catchUp(late);
    return true;
  } catch (error) {
    if (!late.aborted) throw error;
    return false;
  } finally {
    ended.abort();
  }
}

function logOf(system: System, region: string): StoreLog {
  const orders = ordersIn(system.region(region));
  return needed(orders.log, 'replication', orders.node);
}

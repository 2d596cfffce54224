// Whether what the replicating region writes now comes to the other one: the proof of a fault on
// what joins them, which does not believe whoever broke it.
import type { FaultContext } from './fault.ts';

const WRITE_MS = 1_000;
const POLL_MS = 5;

type Context = Pick<FaultContext, 'plan' | 'system' | 'clock'>;

export interface Arrival {
  /** Null: it had not come when nobody waited any longer. */
  readonly ms: number | null;
  readonly detail: string;
}

/** One write, and how long it is on its way, counted from its commit. Rejects without one. */
export async function writeAcross(context: Context, atMost_ms: number): Promise<Arrival> {
  const { plan, system, clock } = context;
  const { from, to } = plan.replication;
  const { accepted, detail } = await system.region(from).database.tryWrite(WRITE_MS);
  if (!accepted) throw new Error(`${from} took no write whose way could be followed: ${detail}`);
  const began = clock.now();
  const hasCome = await (system.twoWay === null ? received : applied)(context, atMost_ms);
  const ms = Math.round(clock.now() - began);
  return hasCome
    ? { ms, detail: `a write came to ${to} after ${ms} ms` }
    : { ms: null, detail: `a write had not come to ${to} after ${ms} ms` };
}

/** By what the standby says that it has received, asked past the link. */
async function received({ plan, system, clock }: Context, atMost_ms: number): Promise<boolean> {
  const { from, to } = plan.replication;
  const until = clock.now() + atMost_ms;
  const written = await system.region(from).database.position();
  const standby = system.region(to).database;
  while ((await standby.position()) < written) {
    if (clock.now() > until) return false;
    await clock.sleep(POLL_MS);
  }
  return true;
}

/** By what each of two regions that both serve has confirmed to the other. */
async function applied({ system }: Context, atMost_ms: number): Promise<boolean> {
  return await system.twoWay!.catchUp(AbortSignal.timeout(atMost_ms)).then(
    () => true,
    () => false,
  );
}

// What keeps a drill from hurting a system of somebody's own for long: what was broken is undone
// after so much time whatever the run has come to, and at once where their own command says so.
import { writeDuration } from '../../base/units.ts';
import { Interruption, asBug, type RunContext } from '../frame/context.ts';
import type { OwnSystem } from '../../topology/system/own.ts';
import type { System } from '../../topology/system/system.ts';
import { until } from '../../host/clock.ts';
import { unlessFailed } from '../../host/operation-failed.ts';

interface Begun {
  /** When the first fault of all started; Infinity: not yet. */
  readonly began_ms: number;
  readonly healing: AbortController;
}

const LOOK_EVERY_MS = 100;
const ASK_EVERY_MS = 500;
const ASK_AT_MOST_MS = 10_000;

/** From before the first fault until it heals; nothing of a system that drill makes. */
export function guardRun(run: RunContext, { own }: System, faults: Begun): void {
  if (own === null) return;
  const signal = AbortSignal.any([run.signal, faults.healing.signal]);
  const guarded = { ...run, signal };
  for (const guarding of [hurtsNoLonger(guarded, faults), stopsWhereItHurts(guarded, own)]) {
    guarding.catch((error: unknown) => signal.aborted || run.fail(asBug(error)));
  }
}

async function hurtsNoLonger(
  { plan, clock, signal, emit, fail }: RunContext,
  faults: Begun,
): Promise<void> {
  const { hurt_for_ms } = plan.attached!;
  await until({ clock, deadline_ms: Infinity, every_ms: LOOK_EVERY_MS, signal }, async () => {
    return clock.now() >= faults.began_ms + hurt_for_ms ? true : null;
  });
  const condition = `topology.guard.hurt_for: ${writeDuration(hurt_for_ms)}`;
  emit('run.stopped', { condition, found: 'it was not undone', verdict: 'inconclusive' });
  fail(new Interruption('stop', condition));
}

async function stopsWhereItHurts(
  { plan, clock, signal, emit, fail }: RunContext,
  own: OwnSystem,
): Promise<void> {
  const stop = plan.attached!.stop_when;
  if (stop === null) return;
  let since_ms: number | null = null;
  await until({ clock, deadline_ms: Infinity, every_ms: ASK_EVERY_MS, signal }, async () => {
    const asked_ms = clock.now();
    const asking = own.run(stop.command, ASK_AT_MOST_MS, signal).then(() => true);
    const hurts = (await unlessFailed(asking)) === true;
    since_ms = hurts ? (since_ms ?? asked_ms) : null;
    return since_ms !== null && clock.now() >= since_ms + stop.for_ms ? true : null;
  });
  const condition = `topology.guard.stop_when: ${stop.command.join(' ')}`;
  const found = `it ended with 0 for ${writeDuration(stop.for_ms)}`;
  emit('run.stopped', { condition, found, verdict: 'inconclusive' });
  fail(new Interruption('stop', condition));
}

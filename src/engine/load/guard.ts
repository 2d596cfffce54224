// What keeps a drill from hurting a system of somebody's own for long: what was broken is undone
// after so much time whatever the run has come to, and at once where their own command says so.
import { writeDuration } from '../../base/units.ts';
import { asBug, type RunContext } from '../frame/context.ts';
import type { OwnSystem } from '../../topology/system/own.ts';
import type { System } from '../../topology/system/system.ts';
import { until } from '../../host/clock.ts';
import { stopRun } from './stop-run.ts';

interface Begun {
  /** When the first fault of all started; Infinity: not yet. */
  readonly began_ms: number;
  readonly healing: AbortController;
}

const LOOK_EVERY_MS = 100;
const ASK_EVERY_MS = 500;
/** So long a drill goes on blind: more than one ask that never ends. */
const UNKNOWN_AT_MOST_MS = 15_000;

/** From before the first fault until it heals; nothing of a system that drill makes. */
export function guardRun(run: RunContext, { own }: System, faults: Begun): void {
  if (own === null) return;
  const signal = AbortSignal.any([run.signal, faults.healing.signal]);
  const guarded = { ...run, signal };
  for (const guarding of [hurtsNoLonger(guarded, faults), stopsWhereItHurts(guarded, own)]) {
    guarding.catch((error: unknown) => signal.aborted || run.fail(asBug(error)));
  }
}

/** The same alarm while service is moved back, when nothing is broken that could be undone. */
export async function whileGuarded(
  run: RunContext,
  { own }: System,
  work: () => Promise<void>,
): Promise<void> {
  if (own === null) return await work();
  const over = new AbortController();
  const signal = AbortSignal.any([run.signal, over.signal]);
  const guarding = stopsWhereItHurts({ ...run, signal }, own);
  guarding.catch((error: unknown) => signal.aborted || run.fail(asBug(error)));
  try {
    await work();
  } finally {
    over.abort();
  }
}

async function hurtsNoLonger(run: RunContext, faults: Begun): Promise<void> {
  const { plan, clock, signal } = run;
  const { hurt_for_ms } = plan.attached!;
  await until({ clock, deadline_ms: Infinity, every_ms: LOOK_EVERY_MS, signal }, async () => {
    return clock.now() >= faults.began_ms + hurt_for_ms ? true : null;
  });
  const condition = `topology.guard.hurt_for: ${writeDuration(hurt_for_ms)}`;
  stopRun(run, { condition, found: 'it was not undone', verdict: 'inconclusive' });
}

async function stopsWhereItHurts(run: RunContext, own: OwnSystem): Promise<void> {
  const { plan, clock, signal, emit } = run;
  const stop = plan.attached!.stop_when;
  if (stop === null) return;
  const condition = `topology.guard.stop_when: ${stop.command.join(' ')}`;
  let hurts_ms: number | null = null;
  let unknown_ms: number | null = null;
  const waiting = { clock, deadline_ms: Infinity, every_ms: ASK_EVERY_MS, signal };
  const found = await until(waiting, async () => {
    const asked_ms = clock.now();
    const alarm = await own.hurts(stop.command, signal);
    if (alarm.ok === null) {
      if (unknown_ms === null) emit('run.noted', { text: `${condition}: ${alarm.detail}` });
      unknown_ms ??= asked_ms;
    } else {
      unknown_ms = null;
      // What hurt before nobody knew hurts still.
      hurts_ms = alarm.ok ? (hurts_ms ?? asked_ms) : null;
    }
    const now_ms = clock.now();
    if (hurts_ms !== null && now_ms >= hurts_ms + stop.for_ms) {
      return `it ended with 0 for ${writeDuration(stop.for_ms)}`;
    }
    if (alarm.ok !== null || now_ms < unknown_ms! + UNKNOWN_AT_MOST_MS) return null;
    return `for ${writeDuration(UNKNOWN_AT_MOST_MS)} nobody knew whether it hurts: ${alarm.detail}`;
  });
  stopRun(run, { condition, found: found!, verdict: 'inconclusive' });
}

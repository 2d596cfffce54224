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

/** From before the first fault until what is left is healed; nothing of a system of drill's. */
export function guardRun(run: RunContext, { own }: System, faults: Begun): void {
  if (own === null) return;
  guardUntil(faults.healing.signal, run, own, { faults, found: STILL_BROKEN });
}

/** The same while service is moved back, which is not begun where there is no time left. */
export async function whileGuarded(
  run: RunContext,
  { own }: System,
  faults: Pick<Begun, 'began_ms'>,
  work: () => Promise<void>,
): Promise<void> {
  if (own === null) return await work();
  if (hasHurtForLong(run, faults)) return stopLate(run, NOT_BACK);
  const over = new AbortController();
  guardUntil(over.signal, run, own, { faults, found: NOT_BACK });
  try {
    await work();
  } finally {
    over.abort();
  }
}

interface Hurt {
  readonly faults: Pick<Begun, 'began_ms'>;
  /** What it is stopped for, where it hurts for too long. */
  readonly found: string;
}

function guardUntil(over: AbortSignal, run: RunContext, own: OwnSystem, hurt: Hurt): void {
  const signal = AbortSignal.any([run.signal, over]);
  const guarded = { ...run, signal };
  for (const guarding of [hurtsNoLonger(guarded, hurt), stopsWhereItHurts(guarded, own)]) {
    guarding.catch((error: unknown) => signal.aborted || run.fail(asBug(error)));
  }
}

const STILL_BROKEN = 'it was not undone';
const NOT_BACK = 'service was not moved back';

async function hurtsNoLonger(run: RunContext, { faults, found }: Hurt): Promise<void> {
  const { clock, signal } = run;
  await until({ clock, deadline_ms: Infinity, every_ms: LOOK_EVERY_MS, signal }, async () => {
    return hasHurtForLong(run, faults) ? true : null;
  });
  stopLate(run, found);
}

function hasHurtForLong({ plan, clock }: RunContext, { began_ms }: Pick<Begun, 'began_ms'>) {
  return clock.now() >= began_ms + plan.attached!.hurt_for_ms;
}

function stopLate(run: RunContext, found: string): void {
  const condition = `topology.guard.hurt_for: ${writeDuration(run.plan.attached!.hurt_for_ms)}`;
  stopRun(run, { condition, found, verdict: 'inconclusive' });
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

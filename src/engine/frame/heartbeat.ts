// Notices when the runner itself did not get to run: stopped, starved, or the machine suspended.
// CLOCK_MONOTONIC stands still while a machine sleeps and the wall clock does not, so that a
// difference between them shows it.
import type { Emit } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import { LOOK_EVERY_MS, stallBetween } from '../../host/stalls.ts';

const JUMPED_MS = 1_000;

/** Watches until `signal` aborts. */
export async function watchTheRunner(clock: Clock, emit: Emit, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const before = { now: clock.now(), wall: clock.wall() };
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
    const now = clock.now();
    const jumped = clock.wall() - before.wall - (now - before.now);
    const stall = stallBetween(before.now, now);
    if (stall !== null) emit('runner.stalled', { ms: stall.ms });
    if (Math.abs(jumped) > JUMPED_MS) emit('clock.jumped', { ms: jumped });
  }
}

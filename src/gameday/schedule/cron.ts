// The moments of a cron line in a time zone. croner finds the times that a line names, and is asked
// about the clock on the wall alone: where clocks are set back or forth, it skips or repeats hours
// (10.0, with `*/30 * * * *`). What moments those times are is worked out here, as cron on Unix
// does it: a line that names its hours comes once for each time that it names, and one of every
// hour keeps to the time that passes. Pure.
import { Cron } from 'croner';
import { isZone, momentOf, momentsOf, wallOf } from './zone.ts';

/** Five fields, such as `0 10 * * TUE`; or `@weekly`. */
export interface CronLine {
  readonly cron: string;
  readonly zone: string;
}

const HOUR_MS = 3_600_000;
/** Clocks are set back by less. */
const AHEAD_MS = 3 * HOUR_MS;
const EVERY_HOUR = /^(@hourly|\S+\s+\*(\/1)?\s)/;

/** Why no such line can be used, in words; null: it can. */
export function cronProblem({ cron, zone }: CronLine): string | null {
  if (!isZone(zone)) return `expected a time zone such as Europe/Berlin, got "${zone}"`;
  try {
    const first = wallTimes(cron).nextRun(new Date(0));
    return first === null ? `"${cron}" names no day that there is` : null;
  } catch (error) {
    return (error as Error).message.replace(/^CronPattern: /, '');
  }
}

/** The first moment after `after_ms`; null: there is none any more. */
export function nextMoment({ cron, zone }: CronLine, after_ms: number): number | null {
  const times = wallTimes(cron);
  const offset_ms = wallOf(after_ms, zone) - after_ms;
  const wall = times.nextRun(new Date(after_ms + offset_ms))?.getTime() ?? null;
  const next_ms = wall === null ? null : wall - offset_ms;
  const around = [after_ms - AHEAD_MS, (next_ms ?? after_ms) + AHEAD_MS];
  const isSteady = around.every((at_ms) => wallOf(at_ms, zone) - at_ms === offset_ms);
  return isSteady ? next_ms : nextNearChange({ cron, zone }, after_ms);
}

/** From before clocks may have been set back: what they show then, they have shown already. */
function nextNearChange({ cron, zone }: CronLine, after_ms: number): number | null {
  const times = wallTimes(cron);
  const isHourly = EVERY_HOUR.test(cron);
  let best: number | null = null;
  let wall = wallOf(after_ms, zone) - AHEAD_MS;
  for (;;) {
    const next = times.nextRun(new Date(wall))?.getTime() ?? null;
    if (next === null) return best;
    wall = next;
    const moments = isHourly ? momentsOf(wall, zone) : [momentOf(wall, zone)];
    for (const at_ms of moments) {
      if (at_ms > after_ms && (best === null || at_ms < best)) best = at_ms;
    }
    if (best !== null && wall > wallOf(best, zone) + AHEAD_MS) return best;
  }
}

const lines = new Map<string, Cron>();

function wallTimes(cron: string): Cron {
  const known = lines.get(cron);
  if (known !== undefined) return known;
  const mode = cron.startsWith('@') ? 'auto' : '5-part';
  // The same times as with `timezone: 'UTC'`, found fifteen times as fast.
  const made = new Cron(cron, { paused: true, utcOffset: 0, mode });
  lines.set(cron, made);
  return made;
}

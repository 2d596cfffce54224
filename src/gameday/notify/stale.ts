// Drills of game days whose last pass is older than their files let it be. Each is told once, and
// again whenever it has become older by as much.
import { DAYS } from '../../base/units.ts';
import type { Clock } from '../../host/clock.ts';
import { count } from '../../screen/text.ts';
import { historyOf } from '../../session/history/past-runs.ts';
import { statusOf } from '../../session/history/status.ts';
import type { Surroundings } from '../../session/session.ts';
import type { GameDayRead } from '../read.ts';
import type { FileHappening } from './message.ts';

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 3_600_000;
const HELD_MS = 60_000;

export interface StalePlace extends Pick<Surroundings, 'directory' | 'environment'> {
  readonly runs: string;
}

export function staleDrills(
  { drills }: GameDayRead,
  { runs, ...surroundings }: StalePlace,
  now_ms: number,
): FileHappening[] {
  const dated = drills.filter(({ drill }) => drill.max_age !== undefined);
  if (dated.length === 0) return [];
  const known = { runs, history: historyOf(runs), now_ms };
  return dated.flatMap((drill): FileHappening[] => {
    const { name } = drill.plan;
    const { standing, passed, max_age_ms } = statusOf(name, drill, null, known, surroundings);
    if (standing !== 'stale' || passed === null || max_age_ms === null) return [];
    const { id, age_ms } = passed;
    const times = Math.floor(age_ms / max_age_ms);
    const age = count(Math.floor(age_ms / DAY_MS), 'day');
    const detail = `its last pass is ${age} old, and max_age is ${DAYS.write(max_age_ms)}`;
    return [{ event: 'stale', key: `${id}-${times}`, drill: { name, detail } }];
  });
}

interface Watch {
  readonly clock: Clock;
  /** Reads evidence, which would disturb a drill. */
  readonly look: () => Promise<void>;
  readonly isHeld: () => boolean;
}

/** Looks now and every hour, but never beside a game day that is held. Ends when `stop` aborts. */
export async function watchStale({ clock, look, isHeld }: Watch, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const isHeldNow = isHeld();
    if (!isHeldNow) await look();
    await clock.sleep(isHeldNow ? HELD_MS : LOOK_EVERY_MS, stop).catch(() => {});
  }
}

// What the pages that change are made of, each time anew.
import { hostClock } from '../host/clock.ts';
import type { Source } from './live/feed.ts';
import type { LiveRuns } from './live/live-run.ts';
import type { Overview, OverviewOnDisk } from './model/overview.ts';
import { drillSection, nowSection } from './pages/first.ts';
import { drawnParts, stateParts } from './pages/live.ts';

const MINUTE_MS = 60_000;
/** Drawings come with each second look. */
const DRAWN_EACH = 2;

export function firstSource(past: OverviewOnDisk, live: LiveRuns): Source {
  let drawn: {
    readonly overview: Overview;
    readonly minute: number;
    readonly html: string;
  } | null = null;
  return {
    isOver: () => false,
    parts: async () => {
      const overview = await past.current();
      const now_ms = hostClock().wall();
      const minute = Math.floor(now_ms / MINUTE_MS);
      if (drawn?.overview !== overview || drawn.minute !== minute) {
        drawn = { overview, minute, html: drillSection(overview.drills, now_ms) };
      }
      const now = nowSection(past.open(overview), (id) => live.get(id));
      return new Map([
        ['now', now],
        ['drills', drawn.html],
      ]);
    },
  };
}

export function runSource(id: string, live: LiveRuns): Source {
  const parts = new Map<string, string>();
  let looks = 0;
  return {
    isOver: () => live.isOver(id),
    parts: () => {
      const run = live.get(id);
      if (run === null) return parts;
      const isDrawn = looks++ % DRAWN_EACH === 0;
      for (const [key, html] of stateParts(run)) parts.set(key, html);
      if (isDrawn) for (const [key, html] of drawnParts(run)) parts.set(key, html);
      return new Map(parts);
    },
  };
}

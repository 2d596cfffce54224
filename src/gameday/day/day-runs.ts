// The runs of a game day, from the series of its drills.
import { join } from 'node:path';
import { readResult } from '../../archive/run-list.ts';
import type { GameDayRecord } from '../../evidence/gameday-form.ts';
import { readSeries } from '../../session/series-files.ts';
import type { Result } from '../../verdict/result.ts';

/** In the order in which they began. Those whose folders are gone are left out. */
export function runsOfDay({ runs, drills }: GameDayRecord): Result[] {
  const results = drills.flatMap(({ series }) =>
    (readSeries(runs, series)?.trials ?? []).flatMap(({ run }) => {
      const result = run === null ? null : readResult(join(runs, run));
      return result === null ? [] : [result];
    }),
  );
  return results.toSorted((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at));
}

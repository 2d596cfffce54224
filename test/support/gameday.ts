// Game-day files of tests, and records of their game days.
import { expect } from 'chai';
import type { GameDayRecord } from '../../src/evidence/gameday-form.ts';
import { parseGameDay } from '../../src/gameday/file/parse-gameday.ts';
import type { GameDayRead } from '../../src/gameday/read.ts';

/** One of no drill that can be run. */
export function readOf(
  more: string,
  environment: Readonly<Record<string, string>> = {},
): GameDayRead {
  const text = `gameday: 1\nname: weekly\ndrills: [one.yaml]\n${more}\n`;
  const source = { file: 'weekly.yaml', bytes: new TextEncoder().encode(text) };
  const { gameday, diagnostics } = parseGameDay(source, { environment });
  expect(diagnostics).to.deep.equal([]);
  return { file: 'weekly.yaml', gameday: gameday!, drills: [] };
}

/** One that failed: promised 15 s, and took 21 s. */
export function failedDay(runs: string): GameDayRecord {
  const id = '20261201T090000Z-weekly';
  const at = '2026-12-01T09:00:00.000Z';
  return {
    ...{ schema: 'drill.gameday/1', id, name: 'weekly', file: 'weekly.yaml', description: '' },
    ...{ by: 'schedule', due_at: at, began_at: at, ended_at: '2026-12-01T09:05:00.000Z', runs },
    ...{ roles: { owner: 'Ada', on_call: null, observers: [] }, approved: null },
    ...{ after_failure: 'stop', stop: null, verdict: 'fail' },
    drills: [
      {
        ...{ file: 'one.yaml', name: 'one', set: [], plan_hash: 'x', findings: {} },
        ...{ series: `${id}-1`, state: 'ended' },
        outcome: {
          ...{ verdict: 'fail', measured: 'fail', trials: { made: 1, planned: 1 } },
          reasons: ['rto missed: 21 s, at most 15 s'],
          gates: [
            {
              ...{ name: 'rto', unit: 'ms', bound: 'at most', target: 15_000 },
              ...{ verdict: 'fail', decided: 21_000, finding: null },
            },
          ],
          ...{ rto_ms: 21_000, rpo_ms: 0, lost: 0 },
        },
      },
    ],
  };
}

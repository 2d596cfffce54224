// A game day of three drills and the one before it: a pass that got slower, a failure that is known,
// and a finding that is none any more.
import type { DayDrill, DayOutcome, GameDayRecord } from '../../../src/evidence/gameday-form.ts';
import type { RunOfDay } from '../../../src/report/gameday/timeline.ts';

type DayGate = DayOutcome['gates'][number];

const rto = (decided: number | null, verdict: DayGate['verdict'], finding: string | null = null) =>
  ({
    ...{ name: 'rto', unit: 'ms', bound: 'at most', target: 15_000, verdict, decided, finding },
  }) satisfies DayGate;

function outcome(verdict: DayOutcome['verdict'], gate: DayGate, more: Partial<DayOutcome> = {}) {
  const { decided } = gate;
  const trials = { made: 1, planned: 1 };
  const counted = { rto_ms: decided, rpo_ms: 120, lost: 3 };
  return { verdict, measured: verdict, reasons: [], trials, gates: [gate], ...counted, ...more };
}

function drill(name: string, number: number, ended: DayOutcome | null): DayDrill {
  return {
    ...{ file: `${name}.yaml`, name, set: [], plan_hash: 'f'.repeat(64), findings: {} },
    series: `20261201T090000Z-weekly-${number}`,
    state: ended === null ? 'skipped' : 'ended',
    outcome: ended,
  };
}

const KNOWN = 'OPS-412: the standby is promoted by hand';

export const PLANTED_DAY: GameDayRecord = {
  schema: 'drill.gameday/1',
  id: '20261201T090000Z-weekly',
  name: 'weekly',
  file: 'weekly.yaml',
  description: 'What breaks once a week, on purpose.',
  by: 'schedule',
  due_at: '2026-12-01T09:00:00.000Z',
  began_at: '2026-12-01T09:02:11.000Z',
  ended_at: '2026-12-01T09:03:02.000Z',
  runs: '/srv/drills/.drill/runs',
  roles: { owner: 'platform team', on_call: 'Ada', observers: ['Bob', 'Eve'] },
  approved: { at: '2026-12-01T09:02:05.000Z', by: 'ada, by drill gameday approve' },
  signed: [{ at: '2026-12-01T10:00:00.000Z', by: 'grace', note: 'seen; OPS-412 is next' }],
  after_failure: 'continue',
  drills: [
    drill('region-outage', 1, outcome('pass', rto(4_300, 'pass'))),
    drill(
      'slow-promotion',
      2,
      outcome('pass', rto(21_000, 'fail', KNOWN), {
        measured: 'fail',
        reasons: ['RTO 21 s is 6 s over its target of 15 s.', `Known: ${KNOWN}.`],
      }),
    ),
    drill(
      'partition',
      3,
      outcome('fail', rto(2_000, 'pass', 'OPS-7'), {
        measured: 'pass',
        reasons: ['rto passes: take its finding away (OPS-7).'],
      }),
    ),
    drill('disk-full', 4, null),
  ],
  stop: null,
  verdict: 'fail',
};

export const DAY_BEFORE_IT: GameDayRecord = {
  ...PLANTED_DAY,
  id: '20261124T090000Z-weekly',
  drills: [drill('region-outage', 1, outcome('pass', rto(3_900, 'pass')))],
};

const from = Date.parse('2026-12-01T09:02:12.000Z');

export const RUNS_OF_DAY: readonly RunOfDay[] = [
  { drill: 'region-outage', id: 'a', verdict: 'pass', began_ms: from, ended_ms: from + 14_000 },
  {
    ...{ drill: 'slow-promotion', id: 'b', verdict: 'fail' },
    ...{ began_ms: from + 15_000, ended_ms: from + 38_000 },
  },
  {
    ...{ drill: 'partition', id: 'c', verdict: 'pass' },
    ...{ began_ms: from + 39_000, ended_ms: from + 50_000 },
  },
];

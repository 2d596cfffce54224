// What is taken of a game day that another service tells of: its word, and nothing that cannot be.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DayDrill, GameDayRecord } from '../../../src/evidence/gameday-form.ts';
import { newRecord } from '../../../src/gameday/day/day.ts';
import { scheduledId } from '../../../src/gameday/day/day-files.ts';
import { endOf } from '../../../src/gameday/day/run-day.ts';
import { readGameDay, type GameDayRead } from '../../../src/gameday/read.ts';
import { toldDay } from '../../../src/gameday/service/told-day.ts';
import { gameDayPage } from '../../../src/report/gameday/page.ts';
import { gameDayText } from '../../../src/report/gameday/text.ts';
import { gameDayPage as dashboardPage } from '../../../src/dashboard/pages/game-days.ts';
import { NOOP_DRILL } from '../../support/noop/noop-source.ts';

const due_ms = Date.UTC(2026, 10, 22, 20);
const AT = '2026-11-22T20:00:00.000Z';
const LATER = '2026-11-22T20:10:00.000Z';
const HEARSAY = /is as a told it, where its runs are; not\s+verified here/;

describe('a game day as another service tells it', () => {
  let directory = '';
  let read: GameDayRead;
  let fresh: GameDayRecord;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'drill-told-day-'));
    for (const name of ['one', 'two']) {
      writeFileSync(join(directory, `${name}.yaml`), NOOP_DRILL.replace('outage', name));
    }
    writeFileSync(
      join(directory, 'weekly.yaml'),
      'gameday: 1\nname: weekly\ndrills: [one.yaml, two.yaml]\n',
    );
    read = (await readGameDay('weekly.yaml', {}, { directory, environment: {} })).read!;
    const id = scheduledId('weekly', due_ms);
    const there = { id, by: 'schedule', due_ms, runs: '/elsewhere' } as const;
    fresh = { ...newRecord(read, there), service: 'a' };
  });
  after(() => rmSync(directory, { recursive: true }));

  const gate = {
    name: 'rto',
    unit: 'ms',
    bound: 'at most',
    target: 15_000,
    verdict: 'pass',
  } as const;
  const outcome = {
    ...({ verdict: 'pass', measured: 'pass', reasons: [], lost: 0 } as const),
    ...{ trials: { made: 1, planned: 1 }, rto_ms: 7, rpo_ms: 1 },
    gates: [{ ...gate, decided: 7, finding: null }],
  };

  /** As that service left it after the first of two drills. */
  function half(change: Partial<DayDrill> = {}, own: Partial<GameDayRecord> = {}): GameDayRecord {
    const [first, second] = fresh.drills as [DayDrill, DayDrill];
    const ended = { ...first, state: 'ended', outcome, ...change } as const;
    return { ...fresh, began_at: AT, drills: [ended, second], ...own };
  }

  function whole(own: Partial<GameDayRecord> = {}): GameDayRecord {
    const drills = half().drills.map((drill) => ({ ...drill, state: 'ended', outcome }) as const);
    const record = { ...half(), drills };
    return { ...record, ...endOf(record, null, LATER), ...own };
  }

  const told = (record: GameDayRecord, known: GameDayRecord | null = null) =>
    toldDay(record, { read, runs: '/here', known });
  const valueOf = (record: GameDayRecord, known: GameDayRecord | null = null): GameDayRecord => {
    const fit = told(record, known);
    if ('problem' in fit) throw new Error(fit.problem);
    return fit.value;
  };

  it('is gone on with, and what came of it is that service’s word', () => {
    const value = valueOf(half({}, { description: 'forged', after_failure: 'continue' }));
    expect(value).to.deep.include({ runs: '/here', began_at: AT, ended_at: null });
    expect(value.description).to.equal('');
    expect(value.after_failure).to.equal('stop');
    expect(value.drills.map(({ told_by }) => told_by)).to.deep.equal(['a', undefined]);
    const third = valueOf({ ...value, service: 'b' });
    expect(third.drills[0]!.told_by, 'from one to the next').to.equal('a');
  });

  it('is what was done here where that is known', () => {
    const mine = half({ outcome: { ...outcome, rto_ms: 9 } }, { began_at: LATER });
    const value = valueOf({ ...fresh, service: 'b' }, mine);
    expect(value.began_at).to.equal(LATER);
    const [first] = value.drills;
    expect([first!.outcome!.rto_ms, first!.told_by]).to.deep.equal([9, undefined]);
  });

  it('says so in every form', () => {
    const value = valueOf(whole());
    const text = gameDayText(value, null, { columns: 100, hasColour: false });
    const html = gameDayPage({ record: value, before: null, runs: [] });
    const shown = dashboardPage({ record: value, isAtWork: false, isWaiting: false }, null, '');
    for (const form of [text, html, shown]) {
      expect(form).to.include('PASS as told').and.to.match(HEARSAY);
    }
    const own = gameDayText(whole(), null, { columns: 100, hasColour: false });
    expect(own).not.to.match(/told/);
  });

  const REFUSED: Readonly<Record<string, readonly [() => GameDayRecord, RegExp]>> = {
    'another drill': [() => half({ name: 'three' }), /drill 1 is three, not one as in weekly/],
    'an easier one': [() => half({ set: ['targets.rto=1h'] }), /drill 1 is one as it is not in/],
    'a finding of its own': [() => half({ findings: { rto: 'known' } }), /one as it is not in/],
    'one drill less': [
      () => ({ ...half(), drills: half().drills.slice(0, 1) }),
      /it has 1 drills, and weekly\.yaml here has 2/,
    ],
    'an end before its beginning': [
      () => whole({ began_at: LATER, ended_at: AT }),
      /ended before it began/,
    ],
    'a verdict that is none': [() => whole({ verdict: 'fail' }), /fail is not what/],
    'a verdict without an end': [() => half({}, { verdict: 'pass' }), /it has not ended/],
    'a pass without a run': [
      () => half({ outcome: { ...outcome, trials: { made: 0, planned: 1 } } }),
      /what it says of its drill one cannot be/,
    ],
    'a pass of what was missed': [
      () => half({ outcome: { ...outcome, gates: [{ ...outcome.gates[0]!, verdict: 'fail' }] } }),
      /drill one cannot be/,
    ],
    'an outcome of what is due': [() => half({ state: 'due' }), /drill one cannot be/],
    'an end without an outcome': [() => half({ outcome: null }), /drill one cannot be/],
    'an outcome before its beginning': [() => half({}, { began_at: null }), /drill one cannot be/],
  };
  for (const [what, [record, why]] of Object.entries(REFUSED)) {
    it(`is not believed with ${what}`, () => {
      const fit = told(record());
      expect('problem' in fit ? fit.problem : null).to.match(why);
    });
  }
});

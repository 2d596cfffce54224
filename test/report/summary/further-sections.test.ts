// What people see of failback, costs, exposure and rows that differ, in the summary, in CI and while
// the run goes on.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { eventLine } from '../../../src/report/live/event-line.ts';
import { junitReporter } from '../../../src/report/form/junit.ts';
import { liveFrame } from '../../../src/report/live/live.ts';
import { advance, startProgress } from '../../../src/report/live/progress.ts';
import { summaryText } from '../../../src/report/summary/summary.ts';
import { makePaint } from '../../../src/screen/paint.ts';
import { displayWidth } from '../../../src/screen/text.ts';
import { assess } from '../../../src/verdict/assess.ts';
import type { Cost } from '../../../src/drill/measurement.ts';
import type { Result, ResultFailback } from '../../../src/verdict/result.ts';
import { passed, plan, recovery } from '../../support/evidence/results.ts';
import { disaster, recovered, untilTheFault } from '../../support/evidence/planted-events.ts';
import { evidenceOfBack } from '../../support/evidence/failback-story.ts';

const failback: ResultFailback = {
  ...{ protected_ms: 4_120, protected_how: 'rewound', switchover_ms: 180, pause_ms: 212 },
  ...{ rto_ms: 230, uncertainty_ms: 6, outages: [], loss: passed.loss, salvaged: 14 },
};
const cost: Cost = {
  ...{ region: 'west', over_ms: 3_000, components: ['west/postgres', 'west/app-1'] },
  ...{ cpu_seconds: 0.42, cpu_share: 0.14, memory_bytes: 123e6, disk_bytes: 48e6 },
  ...{ replicated_bytes_per_s: 125_000, recovery_steps: 6 },
  monthly: {
    ...{ currency: 'EUR', instances: 146, storage: 0.005, transfer: 29.57, total: 175.575 },
    formula: '(1 postgres × 0.1 + 1 app × 0.1) × 730 h + 48 MB kept × 0.1 a GB',
  },
};
const rows = [
  { table: 'stock', key: '7', values: { east: '1-4 2-9', west: '2-9' } },
  { table: 'orders', key: '3-17', values: { east: null, west: 'b5bb9d' } },
];
const divergence = { rows: 4_000, differing: 9, ok: false, detail: '', listed: rows };
const full: Result = { ...passed, failback, cost, divergence };

function show(result: Result, columns = 80): string {
  const options = { directory: `.drill/runs/${result.id}`, commandName: 'drill', columns };
  return summaryText(result, { ...options, hasColour: false, failure: null, story: null });
}

describe('the summary', () => {
  it('shows how long the way back took, what it paused and what it lost', () => {
    const text = show(full);
    expect(text).to.match(/protected +4\.12 s, rewound/);
    expect(text).to.match(/write pause +212 ms/);
    expect(text).to.match(/RTO +230 ms, at most 6 ms less/);
    expect(text).to.match(/lost +0 of 2,412 acknowledged writes/);
    expect(text).to.match(/salvaged +14 rows that only the old primary had/);
    expect(text).to.include(`drill salvage ${full.id}`);
  });

  it('says what was acknowledged unprotected, for how long, and what that means', () => {
    const unprotected = { standby: 'west', writes: 412, writes_low: 410, writes_high: 415 };
    const text = show({ ...full, unprotected: { ...unprotected, ms: 5_200, ms_low: 5_000 } });
    expect(text).to.match(/writes +412 writes \(between 410 and 415\)/);
    expect(text).to.match(/for +5\.2 s, at most 200 ms less, until west had them all/);
    expect(text.replaceAll(/\s+/g, ' ')).to.include('they would have been lost');
    const never = show({ ...full, unprotected: { ...unprotected, ms: null, ms_low: 5_000 } });
    expect(never).to.match(/for +5 s at the least: west was not seen to have them all/);
    const none = { standby: 'west', writes: 0, writes_low: 0, writes_high: 0, ms: 0, ms_low: 0 };
    expect(show({ ...full, unprotected: none })).not.to.include('at risk');
    expect(show(full)).not.to.include('unprotected');
  });

  it('says in its first sentence what was lost on the way back, and that rows differ', () => {
    const loss = { ...passed.loss!, lost: 3 };
    const text = show({ ...full, verdict: 'fail', failback: { ...failback, loss } });
    const words = text.replaceAll(/\s+/g, ' ');
    expect(words).to.include(
      'no acknowledged write was lost; 3 acknowledged writes were lost in the failback; ' +
        'the serving databases differ in 9 rows.',
    );
    expect(text).to.include('--only lost  # 3 of them');
  });

  it('shows what stands in the recovery region and what that costs', () => {
    const text = show(full);
    expect(text).to.include('Recovery region west, before the disaster');
    expect(text).to.match(/nodes +2: west\/postgres, west\/app-1/);
    expect(text).to.match(/processor +14 % of one \(420 ms in 3 s\)/);
    expect(text).to.match(/replicated +125 kB\/s/);
    expect(text).to.match(/recovery +takes 6 steps/);
    expect(text.replaceAll(/\s+/g, ' ')).to.include(
      'a month EUR 175.57 = (1 postgres × 0.1 + 1 app × 0.1) × 730 h + 48 MB kept × 0.1 a GB',
    );
  });

  it('leaves what was not measured empty of numbers', () => {
    const none = { ...cost, cpu_seconds: null, cpu_share: null, disk_bytes: null };
    const text = show({
      ...full,
      cost: { ...none, monthly: { ...cost.monthly!, total: null, formula: 'it was not seen' } },
      failback: { ...failback, pause_ms: null, rto_ms: null, loss: null, salvaged: null },
    });
    expect(text).to.match(/processor +not measured/);
    expect(text).to.match(/a month +no figure: it was not seen/);
    expect(text).to.match(/write pause +not measured/);
    expect(text).to.match(/lost +not counted/);
    expect(text).to.not.include('salvaged');
  });

  it('says that service did not come back from the move', () => {
    const outages = [{ opened_ms: 5, closed_ms: null, last_unserved_ms: 9 }];
    const text = show({ ...full, failback: { ...failback, rto_ms: null, outages } });
    expect(text).to.match(/RTO +service did not come back while it was watched/);
    const before = { ...failback, rto_ms: null, outages, disturbed_before_ms: 700 };
    expect(show({ ...full, failback: before })).to.match(/RTO +disturbed before the move/);
    expect(show({ ...full, failback: { ...failback, rto_ms: 0 } })).to.match(/RTO +no outage/);
  });

  it('lists rows that differ with the value of each region', () => {
    const text = show(full);
    expect(text).to.match(/differ in +9 of 4,000 rows compared/);
    expect(text).to.match(/stock 7 +east 1-4 2-9 · west 2-9/);
    expect(text).to.match(/orders 3-17 +east nothing · west b5bb9d/);
    expect(text).to.match(/more +7/);
    const unended = { ...divergence, rows: null, ok: null, differing: 2 };
    expect(show({ ...full, divergence: unended })).to.include('the comparison never ended');
  });

  it('has no such sections for a run without them', () => {
    for (const word of ['Failback', 'Recovery region', 'serving databases']) {
      expect(show(passed)).to.not.include(word);
    }
  });

  it('keeps to the width', () => {
    const long = {
      ...rows[0]!,
      table: 'a long name of a table',
      values: { east: 'x '.repeat(90) },
    };
    const result = { ...full, divergence: { ...divergence, listed: [long, ...rows] } };
    for (const columns of [60, 80, 120]) {
      for (const line of show(result, columns).split('\n')) {
        if (/drill/.test(line)) continue;
        expect(displayWidth(line), line).to.be.at.most(columns);
      }
    }
  });

  it('tells a phase that a recovery has not from one that was never reached', () => {
    const phases = recovery.phases.map((phase) => {
      return phase.name === 'promote' ? { ...phase, ms: null } : phase;
    });
    const text = show({ ...passed, recovery: { ...recovery, phases } });
    expect(text).to.match(/promote +– +none in this recovery/);
    expect(text).to.not.include('never seen');
  });

  it('counts what was undone on purpose and what came late beside what was kept', () => {
    const counted = { ...passed.loss!.stores.postgres, kept: 2_300, intended: 100, late: 12 };
    const text = show({ ...passed, loss: { ...counted, stores: { postgres: counted } } });
    expect(text).to.include('2,300 kept, 12 late, 100 undone on purpose, 0 lost');
  });
});

describe('the JUnit report', () => {
  const xml = async (result: Result) => {
    let text = '';
    const reporter = junitReporter({ write: (each) => (text += each) });
    reporter.onResult?.(result, '/runs/1');
    await reporter.onEnd?.();
    return text;
  };

  it('has the numbers of failback, costs and differing rows in its output', async () => {
    const text = await xml(full);
    expect(text).to.include('Failback: protected 4.12 s, rewound; switch-over 180 ms;');
    expect(text).to.include(
      'Recovery region west, before the disaster: nodes 2: west/postgres, west/app-1;',
    );
    expect(text).to.include('The two serving databases: differ in 9 of 4,000 rows compared;');
    expect(await xml(passed)).to.not.include('Failback');
  });

  it('has a case for the target of the failback', async () => {
    const text = await xml(assess(evidenceOfBack()));
    expect(text).to.match(/<testcase [^>]*name="failback_rto" time="0\.1\d+"/);
  });
});

describe('the lines of a run', () => {
  const at = { t: 1 };
  const lines: readonly (readonly [RunEvent, string])[] = [
    [
      { ...at, event: 'backup.taken', name: 'b-1', files: 900, bytes: 3.2e7, ms: 410, lsn: '0/3' },
      'base backup b-1: 32 MB, 410 ms',
    ],
    [{ ...at, event: 'backup.failed', reason: 'no answer' }, 'a base backup failed: no answer'],
    [
      { ...at, event: 'exposure.previewed', region: 'east', bytes: 3.2e6, ms: 2_100, detail: '' },
      'losing east now loses up to 3.2 MB of log, about the last 2.1 s',
    ],
    [
      { ...at, event: 'exposure.previewed', region: 'east', bytes: null, ms: null, detail: 'deaf' },
      'what losing east now loses is not known: deaf',
    ],
    [
      { ...at, event: 'data.harmed', statement: 'delete', rows: 400, lsn: '0/3000060', name: 'n' },
      'the mistake: delete of 400 rows, just after 0/3000060',
    ],
    [
      { ...at, event: 'data.verified', rows: 400, ok: true, detail: '' },
      'what the mistake had harmed is there again (400 rows)',
    ],
    [
      { ...at, event: 'data.verified', rows: 400, ok: false, detail: '12 are missing' },
      'what the mistake had harmed is not there: 12 are missing',
    ],
    [
      { ...at, event: 'region.returned', region: 'east', ms: 900 },
      'region east is back on its own disks, after 900 ms',
    ],
    [
      { ...at, event: 'region.protected', region: 'east', how: 'cloned', ms: 4_120 },
      'region east follows again (cloned), after 4.12 s',
    ],
    [
      { ...at, event: 'switchover.started', from: 'west', to: 'east' },
      'planned move of service from west to east',
    ],
    [{ ...at, event: 'switchover.ended' }, 'service has moved'],
    [{ ...at, event: 'row.diverged', ...rows[1]! }, '  orders 3-17 (east nothing, west "b5bb9d")'],
    [
      { ...at, event: 'convergence.checked', rows: 4_000, differing: 0, ok: true, detail: '' },
      'the serving databases agree: 4,000 rows compared',
    ],
    [
      { ...at, event: 'convergence.checked', rows: 4_000, differing: 9, ok: false, detail: '' },
      'the serving databases do not agree: 9 of 4,000 rows differ',
    ],
    [
      { ...at, event: 'convergence.checked', rows: 0, differing: 0, ok: false, detail: 'deaf' },
      'whether the serving databases agree is not known: deaf',
    ],
    [{ ...at, event: 'rows.salvaged', rows: 14 }, '14 rows salvaged from the old primary'],
  ];
  for (const [event, text] of lines) {
    it(`say: ${text.trim()}`, () => {
      expect(eventLine(event)!.text).to.equal(text);
    });
  }

  it('show the failback among the phases where one is planned', () => {
    const frame = (isPlanned: boolean) =>
      liveFrame(startProgress({ ...plan, failback: isPlanned }), {
        ...{ t: 0, columns: 100, rows: 30, paint: makePaint(false) },
      });
    expect(frame(true)).to.include('failback');
    expect(frame(false)).to.not.include('failback');
  });

  it('stop the recovery clock once, whatever is sustained on the way back', () => {
    const again: RunEvent = { t: 30_000, event: 'service.sustained', rto_ms: 50 };
    const events = [...untilTheFault, ...disaster, recovered, again];
    const { rto } = events.reduce(advance, startProgress(plan));
    expect(rto!.ended).to.deep.equal({ at_ms: recovered.t, rto_ms: 2_310 });
  });
});

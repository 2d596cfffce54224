// What of the past still stands, with runs that were changed, are gone, or had a wrong clock.
import { expect } from 'chai';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { remember } from '../../../src/archive/history/history.ts';
import { drillHistories } from '../../../src/session/history/overview.ts';
import { historyOf } from '../../../src/session/history/past-runs.ts';
import { statusOf } from '../../../src/session/history/status.ts';
import { readDrill, type DrillRead } from '../../../src/session/read.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { openPast } from '../../support/evidence/past.ts';
import { plantRun } from '../../support/evidence/plant-run.ts';
import { passed, rtoGate } from '../../support/evidence/results.ts';

const NOW = Date.UTC(2026, 10, 28, 12);

describe('the status of a drill', () => {
  let directory = '';
  let runs = '';
  let drill: DrillRead;
  beforeEach(async () => {
    ({ directory, runs, drill } = await openPast('{ rto: 15s }'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const plant = (minute: number, rto_ms: number, change: Partial<Result> = {}) =>
    plantRun(runs, drill.plan, minute, { rto_ms, change });

  const status = (max_age_ms: number | null, now_ms = NOW) => {
    const all = { runs, history: historyOf(runs), now_ms };
    return statusOf('region-outage', drill, max_age_ms, all, { directory, environment: {} });
  };
  const DAY = 86_400_000;

  it('says when a drill passed last, and when that is too long ago', () => {
    expect(status(7 * DAY)).to.deep.include({ standing: 'never run', isDue: true });
    plant(1, 1800);
    expect(status(null)).to.deep.include({ standing: 'passed', isDue: false });
    expect(status(7 * DAY)).to.deep.include({ standing: 'passed', isDue: false });
    expect(status(7 * DAY, NOW + 8 * DAY)).to.deep.include({ standing: 'stale', isDue: true });
    expect(status(null, NOW + 800 * DAY)).to.deep.include({ standing: 'passed', isDue: false });
    plant(2, 16_000, { verdict: 'fail', gates: [{ ...rtoGate, verdict: 'fail' }] });
    expect(status(7 * DAY)).to.deep.include({ standing: 'failed', isDue: true });
    expect(status(7 * DAY).passed!.id).to.include('T000100Z');
  });

  const tamper = (id: string) => appendFileSync(join(runs, id, 'result.json'), ' ');

  it('has no pass of runs that are not as they were written, and keeps their failures', () => {
    const single = plant(1, 1800);
    historyOf(runs);
    tamper(single);
    expect(status(7 * DAY)).to.deep.include({ standing: 'never passed', isDue: true });
    expect(drillHistories(runs, historyOf(runs))[0]!.verdict).to.equal('inconclusive');
    const ids = [1500, 1700].map((ms, at) => plant(2 + at, ms));
    for (const id of ids) remember(runs, id, 'the-series');
    expect(status(7 * DAY)).to.deep.include({ standing: 'passed', isDue: false });
    tamper(ids[1]!);
    const left = status(7 * DAY);
    expect(left, 'one trial of two is left').to.deep.include({ standing: 'never passed' });
    expect(left.last!.verdict).to.equal('inconclusive');
    plant(5, 1800);
    expect(status(7 * DAY).standing).to.equal('passed');
    const failed = plant(6, 16_000, { verdict: 'fail', gates: [{ ...rtoGate, verdict: 'fail' }] });
    historyOf(runs);
    tamper(failed);
    expect(status(7 * DAY), 'what was missed').to.deep.include({ standing: 'failed', isDue: true });
  });

  it('judges what is left of a series by the file of the series', () => {
    const ids = [1500, 1700].map((ms, at) => plant(at, ms));
    remember(runs, ids[0]!, 'the-series');
    rmSync(join(runs, ids[1]!), { recursive: true });
    const trials = ids.map((run) => ({
      drill: 0,
      seed: passed.drill.seed,
      state: 'ended',
      run,
      verdict: 'pass',
    }));
    const file = {
      schema: 'drill.series/1',
      id: 'the-series',
      runs,
      flags: { set: [] },
      drills: [{ file: 'drill.yaml', name: 'region-outage', plan_hash: 'x', moved: true }],
      trials,
      max_failures: null,
      limit_ms: null,
      against: null,
    };
    mkdirSync(join(directory, '.drill', 'series'));
    writeFileSync(join(directory, '.drill', 'series', 'the-series.json'), JSON.stringify(file));
    expect(status(7 * DAY)).to.deep.include({ standing: 'never passed', isDue: true });
  });

  it('has no age for a pass of a clock that was far ahead', () => {
    plant(1, 1800);
    const back = (days: number) => status(7 * DAY, NOW - days * DAY).standing;
    expect([back(1), back(30)]).to.deep.equal(['passed', 'stale']);
  });

  it('names what changed since it passed', async () => {
    plant(1, 1800);
    const flags = { set: ['topology.gslb.ttl=5s'] };
    const read = await readDrill('drill.yaml', flags, { directory, environment: {} });
    drill = read.drill!;
    const keys = status(null).changed!.map(({ key }) => key);
    expect(keys).to.include('topology.gslb');
    expect(keys).not.to.include('workload.rate');
  });
});

// What of the past still stands, with runs that were changed, are gone, or had a wrong clock.
import { expect } from 'chai';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLine, writeLine } from '../../../src/archive/history/history-line.ts';
import type { HistoryEntry } from '../../../src/evidence/history-form.ts';
import { HISTORY_FILE, remember } from '../../../src/archive/history/history.ts';
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

  it('holds no pass against easier targets for one against those of the file', async () => {
    const eased = { gates: [{ ...rtoGate, target: 60_000 }] };
    plant(1, 1800, eased);
    expect(status(7 * DAY)).to.deep.include({ standing: 'eased', isDue: true });
    expect(status(null)).to.deep.include({ standing: 'eased', isDue: false });
    plant(2, 1800, { gates: [] });
    expect(status(7 * DAY), 'no target at all').to.deep.include({ standing: 'eased' });
    plant(3, 1800);
    expect(status(7 * DAY)).to.deep.include({ standing: 'passed', isDue: false });
    plant(4, 16_000, { verdict: 'fail', gates: [{ ...rtoGate, verdict: 'fail' }] });
    plant(5, 16_000, eased);
    expect(status(7 * DAY), 'what was missed').to.deep.include({ isDue: true });
    plant(6, 1800, { gates: [{ ...rtoGate, target: 1_900 }] });
    expect(status(7 * DAY), 'a harder one').to.deep.include({ standing: 'passed' });
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

  describe('and lines of the history that somebody wrote', () => {
    const file = () => join(runs, HISTORY_FILE);
    const lines = () => readFileSync(file(), 'utf8').trimEnd().split('\n');
    /** With a checksum that is right: it takes no key. */
    const edit = (id: string, change: (entry: HistoryEntry) => object) => {
      const written = lines().map((text) => {
        const read = readLine(text);
        if (!('value' in read) || !('id' in read.value) || read.value.id !== id) return `${text}\n`;
        return writeLine({ ...read.value, ...change(read.value) });
      });
      writeFileSync(file(), written.join(''));
    };
    const failing = { verdict: 'fail', gates: [{ ...rtoGate, verdict: 'fail' }] } as const;
    const passing = ({ gates }: HistoryEntry) => ({
      verdict: 'pass',
      gates: gates.map((each) => ({ ...each, verdict: 'pass' })),
    });

    it('believes the evidence of a run, whatever its line says', () => {
      const failed = plant(1, 16_000, failing);
      historyOf(runs);
      edit(failed, passing);
      expect(historyOf(runs).runs[0], 'the line says so').to.include({ verdict: 'pass' });
      expect(status(7 * DAY)).to.deep.include({ standing: 'never passed', isDue: true });
      expect(status(7 * DAY).last).to.include({ verdict: 'fail', verifiable: true });
      plant(2, 1800);
      const again = plant(3, 16_000, failing);
      historyOf(runs);
      edit(again, ({ drill: own }) => ({ drill: { ...own, name: 'another' } }));
      expect(status(7 * DAY).standing, 'a failure under another name').to.equal('failed');
      edit(again, ({ drill: own }) => ({ drill: { ...own, name: 'region-outage' }, series: 'x' }));
      expect(status(7 * DAY).standing, 'a failure of another series').to.equal('failed');
    });

    it('knows a date that was moved', () => {
      const old = plant(1, 1800);
      historyOf(runs);
      const later = new Date(NOW + 8 * DAY).toISOString();
      edit(old, () => ({ at: new Date(Date.UTC(2026, 10, 28, 12)).toISOString() }));
      expect(status(null).passed!.at, 'by half a day').to.equal('2026-11-28T00:01:00.000Z');
      edit(old, () => ({ at: later }));
      expect(historyOf(runs).damaged.join()).to.match(/line 2: at: .* is not when .* began/);
      expect(status(7 * DAY, NOW + 8 * DAY).standing).to.equal('stale');
      const moved = old.replace('20261128', '20261206');
      edit(old, () => ({ at: later, id: moved }));
      const said = status(7 * DAY, NOW + 8 * DAY);
      expect(said, 'another run').to.deep.include({ standing: 'unverified', isDue: true });
    });

    it('shows a pass of a run that is gone, and does not take it for one', () => {
      const gone = plant(1, 1800);
      historyOf(runs);
      rmSync(join(runs, gone), { recursive: true });
      expect(status(null)).to.deep.include({ standing: 'unverified', isDue: false });
      expect(status(7 * DAY)).to.deep.include({ standing: 'unverified', isDue: true });
      expect(status(null).passed).to.include({ id: gone, verifiable: false });
      edit(gone, () => failing);
      expect(status(7 * DAY).standing, 'nor a failure away').to.equal('never passed');
      plant(0, 1700);
      expect(status(7 * DAY).standing, 'one that came later').to.equal('failed');
    });

    it('takes an older pass that is there before a newer one that is gone', () => {
      const there = plant(1, 1800);
      const gone = plant(2, 1700);
      historyOf(runs);
      rmSync(join(runs, gone), { recursive: true });
      const said = status(7 * DAY);
      expect(said).to.deep.include({ standing: 'passed', isDue: false });
      expect(said.passed).to.include({ id: there, verifiable: true });
      expect(status(7 * DAY, NOW + 8 * DAY).standing).to.equal('unverified');
    });

    it('counts each run once, however often its line is there', () => {
      const gone = plant(1, 16_000, failing);
      historyOf(runs);
      rmSync(join(runs, gone), { recursive: true });
      appendFileSync(file(), `${lines().at(-1)!}\n`);
      expect(historyOf(runs)).to.deep.include({ damaged: [] });
      expect(historyOf(runs).runs).to.have.length(1);
      const read = readLine(lines().at(-1)!) as { value: HistoryEntry };
      appendFileSync(file(), writeLine({ ...read.value, verdict: 'pass' }));
      expect(historyOf(runs).damaged).to.deep.equal([
        `line 4: it says otherwise of ${gone} than a line before it`,
      ]);
      expect(status(null).standing).to.equal('never passed');
    });

    it('names what it cannot read, and counts none of it', () => {
      const gone = plant(1, 1800);
      historyOf(runs);
      rmSync(join(runs, gone), { recursive: true });
      const [facts, line] = lines();
      const { value } = readLine(line!) as { value: HistoryEntry };
      const write = (change: object) => writeLine({ ...value, ...change }).trimEnd();
      const bad: [string, string][] = [
        [line!.slice(0, -30), 'it is cut off, or no line of the history'],
        ['\0'.repeat(4096), 'it is cut off, or no line of the history'],
        [`\0\0${line!}`, 'it is not as it was written'],
        [write({ schema: 'drill.history/2' }), 'another version of drill: "drill.history/2"'],
        [write({ gates: undefined }), 'gates: expected a list'],
        [write({ verdict: 'green' }), 'verdict: expected pass or'],
        [write({ rto_ms: '1' }), 'rto_ms: expected a number'],
        [write({ id: '../x' }), 'id: '],
        [write({ settings: 'x'.repeat(50 * 2 ** 20) }), 'it is longer than'],
      ];
      writeFileSync(file(), `${[facts, ...bad.map(([text]) => text)].join('\n')}\n`);
      const { damaged, runs: known } = historyOf(runs);
      expect(known).to.deep.equal([]);
      expect(damaged).to.have.length(bad.length);
      for (const [at, [, why]] of bad.entries()) {
        expect(damaged[at])
          .to.match(new RegExp(`^line ${at + 2}: `))
          .and.contain(why);
      }
      expect(status(7 * DAY)).to.deep.include({ standing: 'never run', isDue: true });
    });
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

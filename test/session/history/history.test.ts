import { expect } from 'chai';
import { execFile, execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HISTORY_FILE, readHistory, remember } from '../../../src/archive/history/history.ts';
import { drillHistories } from '../../../src/session/history/overview.ts';
import { baselineOf, savedBaseline } from '../../../src/session/history/baseline.ts';
import { executionsOf, historyOf } from '../../../src/session/history/past-runs.ts';
import { readDrill, type DrillRead } from '../../../src/session/read.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { sparkline } from '../../../src/report/history/sparkline.ts';
import { openPast } from '../../support/evidence/past.ts';
import { plantRun } from '../../support/evidence/plant-run.ts';
import { passed, rtoGate } from '../../support/evidence/results.ts';

const NOW = Date.UTC(2026, 10, 28, 12);

describe('the history of runs', () => {
  let directory = '';
  let runs = '';
  let drill: DrillRead;
  beforeEach(async () => {
    ({ directory, runs, drill } = await openPast('{ rto: 15s, rto_regression: 20% }'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const plant = (minute: number, rto_ms: number, change: Partial<Result> = {}) =>
    plantRun(runs, drill.plan, minute, { rto_ms, change });

  const known = () => historyOf(runs).runs.map(({ id, rto_ms }) => [id, rto_ms]);
  const place = () => ({ directory, runs });

  it('has each run once, also those whose folders are gone', () => {
    const ids = [1800, 1900, 2000].map((ms, at) => plant(at, ms));
    const all = ids.map((id, at) => [id, 1800 + 100 * at]);
    expect(known(), 'from the folders').to.deep.equal(all);
    remember(runs, ids[0]!, null);
    expect(known(), 'twice in the file').to.deep.equal(all);
    rmSync(join(runs, ids[1]!), { recursive: true });
    expect(known()).to.deep.equal(all);
    expect(historyOf(runs).runs.map(({ standing }) => standing)).to.deep.equal([
      'there',
      'gone',
      'there',
    ]);
  });

  it('has one for which nothing came up among those of its drill', () => {
    plant(1, 1800);
    plant(2, 0, { runtime: null, recovery: null, gates: [], verdict: 'environment' });
    const [only, ...others] = drillHistories(runs, historyOf(runs));
    expect(others).to.deep.equal([]);
    expect(only).to.deep.include({ runtime: 'embedded', runs: 2, verdict: 'environment' });
  });

  it('holds no run against one of another size, and shows each size by itself', async () => {
    const set = ['topology.data=2GB'];
    const large = await readDrill('drill.yaml', { set }, { directory, environment: {} });
    for (const minute of [1, 2, 3]) plant(minute, 1800);
    const past = plantRun(runs, large.drill!.plan, 4, { rto_ms: 9000 });
    const samples = (of: DrillRead) => {
      return baselineOf(of, 'median:20', place()).samples.map(({ rto_ms }) => rto_ms);
    };
    expect(samples(drill)).to.deep.equal([1800, 1800, 1800]);
    expect(samples(large.drill!)).to.deep.equal([9000]);
    const other = await readDrill(
      'drill.yaml',
      { set: ['topology.data=3GB'] },
      { directory, environment: {} },
    );
    expect(baselineOf(other.drill!, 'last', place()).lacks).to.include('topology.data 3GB) in');
    const shown = drillHistories(runs, historyOf(runs));
    expect(shown.map(({ data, runs: made }) => [data, made])).to.deep.equal([
      [null, 3],
      ['2GB', 1],
    ]);
    const saved = savedBaseline(runs, drill.plan.name, 20, '2026-11-28T12:00:00Z');
    expect(
      saved.samples.map(({ run }) => run),
      'as the newest',
    ).to.deep.equal([past]);
  });

  it('takes the sizes of a drill in one series for one each', async () => {
    const set = ['topology.data=2GB'];
    const large = await readDrill('drill.yaml', { set }, { directory, environment: {} });
    const ids = [plant(1, 1800), plantRun(runs, large.drill!.plan, 2, { rto_ms: 9000 })];
    for (const id of ids) remember(runs, id, 'a-series');
    expect(executionsOf(historyOf(runs).runs).map(({ runs: own }) => own.length)).to.eql([1, 1]);
  });

  it('reads a run that was copied from another machine', () => {
    const id = plant(1, 1800);
    historyOf(runs);
    const other = join(directory, 'elsewhere');
    cpSync(join(runs, id), join(other, id), { recursive: true });
    utimesSync(join(other, id), 0, 0);
    const copied = readHistory(other, NOW);
    expect(copied.runs).to.have.length(1);
    expect(copied.runs[0]).to.deep.include({ id, rto_ms: 1800, verified: true, standing: 'there' });
    expect(copied.facts.get(copied.runs[0]!.facts)!.conditions['workload.rate']).to.equal('200/s');
  });

  it('tells damaged lines, and reads the others, after a crash too', () => {
    const ids = [plant(1, 1800), plant(2, 1900)];
    historyOf(runs);
    const file = join(runs, HISTORY_FILE);
    for (const id of ids) rmSync(join(runs, id), { recursive: true });
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"rto_ms":1800', '"rto_ms":1000'));
    expect(historyOf(runs).damaged, 'a number was changed').to.deep.equal([
      'line 2: it is not as it was written',
    ]);
    expect(known()).to.deep.equal([[ids[1], 1900]]);
    writeFileSync(file, text);
    truncateSync(file, Buffer.byteLength(text) - 20);
    const third = plant(3, 2000);
    expect(known(), 'the last line is torn').to.deep.equal([
      [ids[0], 1800],
      [third, 2000],
    ]);
    appendFileSync(file, 'what is this\n');
    expect(historyOf(runs).damaged).to.have.length(2);
  });

  it('waits for no FIFO, and neither reads nor writes where a link leads', () => {
    const id = plant(1, 1800);
    const file = join(runs, HISTORY_FILE);
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'precious');
    const made: (() => void)[] = [
      () => execFileSync('mkfifo', [file]),
      () => symlinkSync(victim, file),
      () => symlinkSync(join(directory, 'nowhere'), file),
      () => mkdirSync(file),
    ];
    for (const make of made) {
      make();
      expect(known()).to.deep.equal([[id, 1800]]);
      expect(historyOf(runs).damaged).to.deep.equal(['it cannot be read']);
      expect(() => remember(runs, id, null)).to.throw(/expected a file, found/);
      rmSync(file, { recursive: true });
    }
    expect(readFileSync(victim, 'utf8')).to.equal('precious');
    expect(existsSync(join(directory, 'nowhere'))).to.equal(false);
    const loop = join(directory, 'loop');
    symlinkSync(loop, loop);
    expect(readHistory(loop, NOW).runs, 'of a folder that leads to itself').to.deep.equal([]);
  });

  it('is whole where several processes finish runs at once', async () => {
    const ids = Array.from({ length: 24 }, (_, at) => plant(at, 1500 + at));
    const { href } = new URL('../../../src/archive/history/history.ts', import.meta.url);
    const code = `
      import { remember } from ${JSON.stringify(href)};
      for (const id of process.argv.slice(2)) remember(process.argv[1], id, null);`;
    const parts = [0, 1, 2].map((part) => ids.filter((_, at) => at % 3 === part));
    const options = ['--import=tsx/esm', '--input-type=module', '-e', code, runs];
    await Promise.all(
      parts.map(async (part) => await promisify(execFile)(process.execPath, [...options, ...part])),
    );
    for (const id of ids) rmSync(join(runs, id), { recursive: true });
    const history = historyOf(runs);
    expect(history.damaged).to.deep.equal([]);
    expect(history.runs.map(({ id }) => id)).to.deep.equal(ids);
  });

  it('says so of a run that is not as its line says, and never compares with it', () => {
    const ids = Array.from({ length: 20 }, (_, at) => plant(at, 1500 + at));
    historyOf(runs);
    const changed = join(runs, ids[3]!, 'result.json');
    writeFileSync(changed, readFileSync(changed, 'utf8').replace('"rto_ms":1503', '"rto_ms":9'));
    const own = historyOf(runs).runs.find(({ id }) => id === ids[3])!;
    expect(own).to.deep.include({ standing: 'changed', rto_ms: 1503 });
    const { samples } = baselineOf(drill, 'median:20', place());
    expect(samples).to.have.length(19);
    expect(samples.map(({ run }) => run)).not.to.include(ids[3]);
    const [shown] = drillHistories(runs, historyOf(runs));
    expect(shown).to.deep.include({ runs: 20, unverified: 1 });
  });

  it('compares with the newest runs of the same drill, strategy and runtime alone', () => {
    plant(1, 1000, { runtime: { ...passed.runtime!, kind: 'compose' } });
    plant(2, 1100, { drill: { ...passed.drill, name: 'another' } });
    plant(3, 1200, { gates: [{ ...rtoGate, verdict: 'inconclusive', reason: 'A stall.' }] });
    const right = [plant(4, 1300), plant(5, 1400)];
    const { samples, lacks } = baselineOf(drill, 'median:10', place());
    expect(samples.map(({ run }) => run)).to.deep.equal(right.toReversed());
    expect(lacks).to.equal(null);
    expect(baselineOf(drill, 'last', place()).samples.map(({ rto_ms }) => rto_ms)).to.deep.equal([
      1400,
    ]);
    expect(baselineOf(drill, 'median:1', place()).samples).to.have.length(1);
    expect(() => baselineOf(drill, 'median:x', place())).to.throw('expected median:N');
  });

  it('names the settings in which its past was another', async () => {
    plant(1, 1800);
    expect(baselineOf(drill, 'last', place()).unlike).to.deep.equal([]);
    const flags = { set: ['topology.gslb.every=800ms', 'targets.rto=9s'] };
    const at = { directory, environment: {} };
    const { drill: other } = await readDrill('drill.yaml', flags, at);
    expect(baselineOf(other!, 'last', place()).unlike).to.deep.equal([
      'The past that the RTO is held against had other settings: ' +
        'topology.gslb: every 250ms, timeout 250ms, failures 3, ttl 1s there, ' +
        'every 800ms, timeout 250ms, failures 3, ttl 1s now.',
    ]);
  });

  it('has nothing to compare with in the beginning, and says what to do', () => {
    const { samples, lacks } = baselineOf(drill, 'last', place());
    expect(samples).to.deep.equal([]);
    expect(lacks).to.include('no earlier run of region-outage').and.include('--baseline FILE');
  });

  it('counts a wait that never ended as the longest', () => {
    const never = { ...rtoGate, measured: null, low: 40_000, high: null, verdict: 'fail' } as const;
    const recovery = { ...passed.recovery!, rto_ms: null };
    plant(1, 1, { verdict: 'fail', gates: [never], recovery });
    const { samples } = baselineOf(drill, 'last', place());
    expect(samples.map(({ rto_ms }) => rto_ms)).to.deep.equal([null]);
  });

  it('saves a baseline that is read again, and refused for another drill', async () => {
    for (let at = 0; at < 5; at++) plant(at, 1500 + at);
    const saved = savedBaseline(runs, 'region-outage', 20, '2026-11-28T12:00:00.000Z');
    expect(saved.samples).to.have.length(5);
    expect(saved.conditions).not.to.have.any.keys('targets', 'seed');
    writeFileSync(join(directory, 'base.json'), JSON.stringify(saved));
    const chosen = baselineOf(drill, 'base.json', place());
    expect(chosen).to.deep.include({ from: 'base.json', allowed: 0.2, lacks: null });
    expect(chosen.samples).to.have.length(5);
    const flags = { set: ['workload.rate=300/s'] };
    const other = await readDrill('drill.yaml', flags, { directory, environment: {} });
    expect(() => baselineOf(other.drill!, 'base.json', place())).to.throw(
      'workload.rate: 200/s there, 300/s now',
    );
    const target = { set: ['targets.rto=9s', 'targets.rto_regression=5%'] };
    const same = await readDrill('drill.yaml', target, { directory, environment: {} });
    expect(baselineOf(same.drill!, 'base.json', place()).allowed).to.equal(0.05);
    expect(() => baselineOf(drill, 'none.json', place())).to.throw('there is no such file');
    const twice = { ...saved, samples: [...saved.samples, saved.samples[0]!] };
    writeFileSync(join(directory, 'base.json'), JSON.stringify(twice));
    expect(() => baselineOf(drill, 'base.json', place())).to.throw('stands in it twice');
    writeFileSync(join(directory, 'base.json'), JSON.stringify({ ...saved, samples: [] }));
    expect(() => baselineOf(drill, 'base.json', place())).to.throw('it is no baseline');
  });

  it('puts the trials of a series together', () => {
    const ids = [1500, 1700, 1600].map((ms, at) => plant(at, ms));
    for (const id of ids) remember(runs, id, 'the-series');
    const single = plant(9, 1800);
    const executions = executionsOf(historyOf(runs).runs);
    expect(executions.map(({ id, isSeries }) => [id, isSeries])).to.deep.equal([
      ['the-series', true],
      [single, false],
    ]);
    const [shown] = drillHistories(runs, historyOf(runs));
    expect(shown!.gates[0]!.values).to.deep.equal([1600, 1800]);
  });

  it('tells a trend from noise', () => {
    for (let at = 0; at < 20; at++) plant(at, 1500 + at);
    for (let at = 20; at < 25; at++) plant(at, 2000 + at);
    const [shown] = drillHistories(runs, historyOf(runs));
    expect(shown!.gates[0]!.trend).to.deep.include({ way: 'slower' });
    expect(shown!.gates[0]!.trend!.by).to.be.closeTo(0.34, 0.01);
  });
});

describe('a sparkline', () => {
  it('draws from nothing to the highest, and says what is missing', () => {
    expect(sparkline([0, 50, 100, null, Infinity], true)).to.equal('▁▅█·✗');
    expect(sparkline([0, 50, 100, null, Infinity], false)).to.equal('_=# x');
    expect(sparkline([], true)).to.equal('');
    expect(sparkline([0, 0], true)).to.equal('▁▁');
  });
});

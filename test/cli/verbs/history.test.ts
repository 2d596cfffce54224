// `drill history`, `baseline` and `status`, on planted runs.
import { expect } from 'chai';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { basePlan } from '../../support/plan/base-plan.ts';
import { plantResult } from '../../support/evidence/plant-result.ts';
import { passed, rtoGate } from '../../support/evidence/results.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { seriesFolder, writeSeries } from '../../../src/session/series-files.ts';
import type { Result } from '../../../src/verdict/result.ts';

describe('drill history', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-history-cli-'));
    for (let at = 0; at < 3; at++) plant(at, 1500 + 100 * at);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function plant(minute: number, rto_ms: number): void {
    const time = new Date(Date.UTC(2026, 10, 28, 0, minute)).toISOString();
    const id = `${time.replaceAll(/[-:]|\.\d+/g, '')}-region-outage-00aa`;
    const place = join(directory, '.drill', 'runs', id);
    mkdirSync(place, { recursive: true });
    const gates = [{ ...rtoGate, measured: rto_ms, low: rto_ms, high: rto_ms }];
    const recovery = { ...passed.recovery!, rto_ms };
    plantResult(place, { ...passed, id, started_at: time, recovery, gates });
    const workload = { ...basePlan.workload, rate_per_s: minute === 2 ? 300 : 200 };
    writeFileSync(join(place, 'plan.json'), JSON.stringify({ ...basePlan, workload }));
    utimesSync(place, 0, 0);
  }

  async function drill(...words: string[]) {
    const screen = recordingScreen();
    const code = await runCli(words, directory, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  it('shows each drill with each target over time, in 80 columns', async () => {
    const { code, out } = await drill('history');
    expect(code).to.equal(0);
    expect(out).to.include('PASS  region-outage');
    expect(out).to.match(/warm-standby on \w+ · 3 runs · last 2026-11-28 00:02/);
    expect(out).to.match(/✓ {2}rto {2}▇██ {2}1\.7 s {2}of 15 s/);
    for (const line of out.split('\n')) expect(line.length).to.be.at.most(80);
  });

  it('shows one drill run by run, with what changed', async () => {
    const { out } = await drill('history', 'region-outage');
    const rows = out.split('\n').filter((line) => line.includes('20261128T'));
    expect(rows).to.have.length(3);
    expect(rows[0]).to.include('workload.rate');
    expect(rows[1]).not.to.include('workload.rate');
  });

  it('has a row for what all trials of a series meet together', async () => {
    const id = '20261128T000200Z-region-outage-series-00aa';
    const runs = join(directory, '.drill', 'runs');
    const of = readdirSync(runs)
      .filter((each) => each.includes('-00aa'))
      .toSorted();
    for (const run of of) {
      const place = join(runs, run);
      const past = Array.from({ length: 20 }, (_, at) => ({ run: `p${at}`, rto_ms: 1000 + at }));
      const chosen = { from: 'last', judged: 'series', allowed: 0.2, samples: past } as const;
      const result = JSON.parse(readFileSync(join(place, 'result.json'), 'utf8')) as Result;
      rmSync(join(place, 'journal.ndjson'));
      plantResult(place, { ...result, baseline: { ...chosen, unlike: [], lacks: null } });
      utimesSync(place, 0, 0);
    }
    const trials = of.map((run) => {
      return { drill: 0, seed: passed.drill.seed, state: 'ended', run, verdict: 'pass' } as const;
    });
    const drills = [{ file: 'a.yaml', name: 'region-outage', plan_hash: 'x' }];
    mkdirSync(seriesFolder(runs), { recursive: true });
    writeSeries({ schema: 'drill.series/1', id, runs, flags: {}, drills, trials });
    const { out } = await drill('history');
    expect(out).to.match(/✗ {2}rto_regression +\S+ +58\.4 % +of 20 %/);
    expect(out).to.include('FAIL  region-outage');
    const [shown] = JSON.parse((await drill('history', '--json')).out) as { gates: object[] }[];
    expect(shown!.gates.at(-1)).to.deep.include({ name: 'rto_regression', verdict: 'fail' });
  });

  it('compares two runs: numbers, and what is different', async () => {
    const { out } = await drill('history', 'compare', '20261128T000000Z', '20261128T000200Z');
    expect(out).to.match(/RTO +1\.5 s +1\.7 s +13 % slower/);
    expect(out).to.include('workload.rate').and.include('was  200/s').and.include('is   300/s');
    const same = await drill('history', 'compare', '20261128T000000Z', '20261128T000100Z');
    expect(same.out).to.include('Nothing: same file');
  });

  it('says what it expected of a word that names nothing', async () => {
    expect(await drill('history', 'nothing')).to.deep.include({ code: 2 });
    expect((await drill('history', 'compare', 'a')).err).to.include('history compare A B');
    expect((await drill('history', 'compare', 'x', 'y')).err).to.include('there is no run "x"');
  });

  it('saves the runs that were made as the newest was', async () => {
    const { code, err } = await drill('baseline', 'save', 'base.json');
    expect(err).to.include('1 run of region-outage');
    expect(code).to.equal(0);
    const file = JSON.parse(readFileSync(join(directory, 'base.json'), 'utf8')) as object;
    expect(file).to.deep.include({ schema: 'drill.baseline/1', drill: 'region-outage' });
  });

  it('says which drill has expired, and ends with 1', async () => {
    const fresh = await drill('status', '--json');
    expect(fresh.code).to.equal(0);
    expect(JSON.parse(fresh.out)).to.have.length(1);
    const old = await drill('status', '--max-age', '7d');
    const isOld = Date.now() - Date.UTC(2026, 10, 28) > 7 * 86_400_000;
    expect(old.code).to.equal(isOld ? 1 : 0);
    expect(old.out).to.include('region-outage').and.include('7d');
    expect((await drill('status', '--max-age', 'soon')).code).to.equal(2);
  });
});

// `drill scale`: what it takes and refuses before anything is started.
import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRunDirectory, runsDirectory } from '../../../src/archive/run-directory.ts';
import { flagsOf } from '../../../src/cli/read-drill.ts';
import { readDrill, type DrillRead } from '../../../src/session/read.ts';
import { beginSeries } from '../../../src/session/series.ts';
import { ONCE_AS_STATED } from '../../../src/session/trials.ts';
import type { Scale } from '../../../src/verdict/scale.ts';
import { GOOD, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { plantResult } from '../../support/evidence/plant-result.ts';
import { sizedRuns } from '../../support/evidence/scaled.ts';
import { runCli } from '../../support/cli/run-cli.ts';

describe('drill scale', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    writeFileSync(join(folder, 'good.yaml'), GOOD);
  });
  afterEach(() => removeFolder(folder));

  async function scale(...args: readonly string[]) {
    const screen = recordingScreen();
    const code = await runCli(['scale', ...args], folder, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  /** Nothing may be there afterwards. */
  async function refused(...args: readonly string[]) {
    const { code, err } = await scale(...args);
    expect(existsSync(join(folder, '.drill'))).to.equal(false);
    return { code, err };
  }

  const REFUSED: Readonly<Record<string, [readonly string[], string]>> = {
    'no sizes': [[], '--data: expected 2 sizes or more'],
    'one size': [['--data', '100MB'], 'got "100MB"'],
    'one size that is too small': [['--data', '1MB'], '--data: expected 20MB to 1TB, got 1MB'],
    'one size twice': [['--data', '100MB,100000kB'], 'expected 2 sizes or more'],
    'a word': [
      ['--data', '100MB,big'],
      '--data: expected a size such as 256B, 4KiB or 1MiB, got "big"',
    ],
    'a number alone': [['--data', '100,200'], 'got "100"'],
    'a size between': [['--data', '1GB,2GB', '--to', '2GB'], '--to: expected more than 2GB'],
    'a size of nothing': [['--data', '1GB,2GB', '--to', 'x'], '--to: expected a size'],
    'data of its own': [
      ['--data', '1GB,2GB', '--set', 'topology.data=3GB'],
      'the sizes are those of --data',
    ],
    'no trial': [['--data', '1GB,2GB', '--repeat', '0'], '--repeat: expected a whole number'],
    'two forms for one place': [['--data', '1GB,2GB', '--json', '--html'], 'would both write'],
    'a size below the least': [['--data', '1MB,1GB'], '--data: expected 20MB to 1TB, got 1MB'],
  };
  for (const [what, [args, reason]] of Object.entries(REFUSED)) {
    it(`refuses ${what}`, async () => {
      const { code, err } = await refused('good.yaml', ...args);
      expect(code).to.equal(2);
      expect(err).to.include(reason);
    });
  }

  it('looks for the room of the largest size before it runs the smallest', async () => {
    const { code, err } = await refused('good.yaml', '--data', '20MB,900GB');
    expect(code).to.equal(4);
    expect(err.replaceAll(/\s+/g, ' ')).to.match(/oom for data.* free in .*, 2.8 TB needed/);
  });

  it('reads the drill once for each size, so not from the standard input', async () => {
    const { code, err } = await refused('-', '--data', '1GB,2GB');
    expect([code, err.includes('name a file')]).to.eql([2, true]);
  });

  describe('of a series that was run before', () => {
    /** As `drill scale` leaves it: the last `due` runs were not made. Returns its id. */
    async function plantSeries(sizes: readonly number[], due: number): Promise<string> {
      const place = { directory: folder, environment: {} };
      const drills: DrillRead[] = [];
      for (const mb of sizes) {
        const set = [`topology.data=${mb}MB`];
        const { drill } = await readDrill('good.yaml', { set }, place);
        drills.push({ ...drill!, set });
      }
      const flags = flagsOf({ repeat: 2, set: 'targets.rto=30s' });
      const series = beginSeries(drills, { ...ONCE_AS_STATED, repeat: 2, flags }, place);
      const turns = [0, 1].flatMap((turn) => {
        return sizes.map((_, at) => sizedRuns({ sizes_mb: sizes })[2 * at + turn]!);
      });
      for (const [number, { result, plan }] of turns.slice(0, turns.length - due).entries()) {
        const directory = createRunDirectory(runsDirectory(folder), result.id);
        const { seed } = series.file.trials[number]!;
        const { name } = series.file.drills[0]!;
        plantResult(directory, { ...result, drill: { ...result.drill, seed, name } });
        writeFileSync(join(directory, 'plan.json'), JSON.stringify(plan));
        series.note(number, { state: 'ended', run: result.id, verdict: result.verdict });
      }
      series.close();
      return series.file.id;
    }

    it('shows it again, in every form, and runs nothing', async () => {
      const id = await plantSeries([100, 200, 400], 0);
      const { code, out, err } = await scale('latest', '--to', '4GB', '--html=page.html');
      expect(code, err).to.equal(0);
      expect(out).to.match(/topology\.data +100MB +200MB +400MB/);
      expect(out).to.match(/\nrestore +2 m 44 s \(/);
      expect(readFileSync(join(folder, 'page.html'), 'utf8')).to.include('<svg');
      const json = await scale(id.slice(0, -2), '--json');
      const shown = JSON.parse(json.out) as Scale;
      expect(shown.sizes.map(({ drill }) => drill.runs.length)).to.eql([2, 2, 2]);
      expect(
        readdirSync(runsDirectory(folder)).filter((name) => name.includes('Z-')),
      ).to.have.length(6);
    });

    it('says of one that was broken off what is not made yet, which is no pass', async () => {
      await plantSeries([100, 200, 400], 2);
      const { code, out } = await scale('latest');
      expect(out).to.include('2 runs of those asked for not made.');
      expect(out).to.match(/\nRTO +.* 4\n/);
      expect(code).to.equal(3);
    });

    it('refuses what would change runs that are over, and a size that was measured', async () => {
      await plantSeries([100, 200], 0);
      for (const flag of ['--repeat=3', '--seed=2', '--set=targets.rto=1s', '--timeout=5m']) {
        const { code, err } = await scale('latest', flag);
        expect([code, err.includes('of which nothing is run')], flag).to.eql([2, true]);
      }
      const { code, err } = await scale('latest', '--to', '200MB');
      expect([code, err.includes('expected more than 200MB')]).to.eql([2, true]);
    });

    it('shows the newest of several sizes, whatever other series came after it', async () => {
      await plantSeries([100, 200, 400], 0);
      await plantSeries([100], 0);
      const { code, out, err } = await scale('latest', '--json');
      expect(code, err).to.equal(0);
      const { sizes } = JSON.parse(out) as Scale;
      expect(sizes).to.have.length(3);
    });

    it('says so of a series of one size, and of one without a run', async () => {
      await plantSeries([100], 0);
      expect((await scale('latest')).err).to.include(
        'has no runs at several sizes of topology.data',
      );
      await plantSeries([100, 200], 4);
      expect((await scale('latest')).err).to.include('has no runs at several sizes');
    });
  });
});

// What `drill run` says of trials before anything is started, and of a series that is gone on with.
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDrill } from '../../src/session/read.ts';
import { beginSeries } from '../../src/session/series.ts';
import { ONCE_AS_STATED } from '../../src/session/trials.ts';
import { recordingScreen } from '../support/cli/recording-screen.ts';
import { runCli } from '../support/cli/run-cli.ts';
import { GOOD, makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';

describe('trials that are refused', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    writeFileSync(join(folder, 'good.yaml'), GOOD);
  });
  afterEach(() => removeFolder(folder));

  async function typed(...args: string[]) {
    const screen = recordingScreen();
    const code = await runCli(args, folder, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }
  const refusal = async (...args: string[]) => {
    const { code, err } = await typed('run', ...args);
    expect(code, err).to.equal(2);
    return err;
  };

  it('for a count that is none', async () => {
    for (const count of ['0', '-1', 'ten', '10001', '1.5']) {
      expect(await refusal('good.yaml', `--repeat=${count}`)).to.include(
        'expected a whole number of trials from 1 to 10000',
      );
    }
    expect(await refusal('good.yaml', '--max-failures', '0')).to.include('--max-failures');
  });

  it('since a system that stays up would change the next one', async () => {
    const kept = await refusal('good.yaml', '--repeat', '3', '--keep', 'always');
    expect(kept).to.include('--keep: expected one run, got 3 trials of');
    const against = await refusal('good.yaml', '--repeat', '3', '--against', 'latest');
    expect(against).to.include('--against: expected one run, got 3 trials of');
  });

  it('but not for a past that is too short, which is told before the first run', async () => {
    const asked = ['good.yaml', '--set', 'targets.rto_regression=20%', '--repeat', '3'];
    const told = await refusal(...asked, '--keep', 'always');
    expect(told).to.include(
      'warning: rto_regression of good will be inconclusive: no earlier run of good',
    );
  });

  it('where neither a file nor a series is named, or both are', async () => {
    expect(await refusal()).to.include('expected: drill run <files..>, or drill run --resume');
    expect(await refusal('good.yaml', '--resume', 'latest')).to.include('name no file');
    expect(await refusal('--resume', 'latest')).to.include('there is no series "latest" in');
  });

  describe('of a series that was broken off', () => {
    let id = '';
    beforeEach(async () => {
      const { drill } = await readDrill('good.yaml', {}, { directory: folder, environment: {} });
      const how = { ...ONCE_AS_STATED, repeat: 3, flags: {} };
      const series = beginSeries([drill!], how, { directory: folder });
      series.close();
      ({ id } = series.file);
    });

    it('with other settings than it was begun with', async () => {
      for (const flag of ['--repeat=5', '--seed=3', '--set=targets.rto=1s', '--same-seed']) {
        const name = flag.split('=')[0]!;
        expect(await refusal('--resume', id, flag)).to.include(`${name}: the series keeps what`);
      }
    });

    it('with a drill that was changed since', async () => {
      writeFileSync(join(folder, 'good.yaml'), GOOD.replace('rto: 15s', 'rto: 16s'));
      const said = await refusal('--resume', 'latest');
      expect(said).to.include('good.yaml: expected the drill as it was when the series');
    });

    it('is listed, and says how to go on', async () => {
      const { code, out } = await typed('list', 'series');
      expect(code).to.equal(0);
      expect(out).to.include(`0 of 3, go on with: drill run --resume ${id}`);
      expect((await typed('list', 'series', '--json')).out).to.include('"due": 3');
      expect((await typed('show', id)).err).to.include('no trial of it has a result');
    });
  });

  it('a short flag that the verb does not have', async () => {
    expect(await refusal('good.yaml', '-y')).to.include('there is no flag -y');
    expect((await typed('run', '--help')).out).to.match(/-x, --fail-fast {2}/);
  });
});

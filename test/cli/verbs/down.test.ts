import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRunDirectory, runsDirectory } from '../../../src/archive/run-directory.ts';
import { processStarted } from '../../../src/host/process/processes.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';

const UP = '20261122T201000Z-shop-00aa';
const DONE = '20261122T201100Z-shop-00bb';

describe('systems that are up', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-down-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  function plant(id: string, ending: 'kept' | 'done'): string {
    const place = createRunDirectory(runsDirectory(directory), id);
    const owner = { undo: 'owner', run: id, owner: { pid: 2 ** 22 + 1, started: '1' } };
    const lines = [owner, { undo: ending }].map((one) => `${JSON.stringify(one)}\n`);
    writeFileSync(join(place, 'undo.ndjson'), lines.join(''));
    return place;
  }

  /** A claim of the process that started the tests. */
  function claim(place: string): void {
    const owner = { pid: process.ppid, started: processStarted(process.ppid) };
    mkdirSync(join(place, 'claims'));
    writeFileSync(join(place, 'claims', 'one.json'), JSON.stringify({ by: 'run other', owner }));
  }

  async function drill(...args: readonly string[]) {
    const screen = recordingScreen();
    const code = await runCli(args, directory, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  it('are listed as up, with who works on them', async () => {
    const place = plant(UP, 'kept');
    plant(DONE, 'done');
    expect((await drill('list', 'runs')).out).to.match(/00aa +– +– +– +up$/m);
    claim(place);
    const { out } = await drill('list', 'runs');
    expect(out).to.match(/00aa +– +– +– +up, in use by run other$/m);
    expect(out).to.match(/00bb +no result +– +–$/m);
    const [, entry] = JSON.parse((await drill('list', 'runs', '--json')).out) as unknown[];
    expect(entry).to.deep.include({ id: UP, state: 'kept', in_use_by: ['run other'] });
  });

  it('do not come down while somebody works on them, by whatever verb', async () => {
    const place = plant(UP, 'kept');
    claim(place);
    for (const words of [
      ['down', UP],
      ['down', '--all'],
      ['clean', UP],
    ]) {
      const { code, out } = await drill(...words);
      expect(out, words.join(' ')).to.contain(`in use by run other (process ${process.ppid})`);
      expect(code, words.join(' ')).to.equal(4);
    }
  });

  it('are the ones that latest means, newer runs or not', async () => {
    plant(UP, 'kept');
    plant(DONE, 'done');
    const down = await drill('down', 'latest');
    expect([down.code, down.out.split('\n')[0]]).to.deep.equal([0, `${UP}: down`]);
    const again = await drill('down', UP);
    expect([again.code, again.out]).to.deep.equal([0, `${UP}: nothing of it is up\n`]);
    expect((await drill('down', '--all')).out).to.equal('no system is up\n');
  });

  it('must be named', async () => {
    const { code, err } = await drill('down');
    expect(code).to.equal(2);
    expect(err).to.contain('expected a run, or --all');
    expect((await drill('down', UP, '--all')).code).to.equal(2);
  });
});

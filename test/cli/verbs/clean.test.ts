// `drill clean` on planted runs: what it leaves alone, what it says of it, and how it ends.
import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRunDirectory, runsDirectory } from '../../../src/archive/run-directory.ts';
import { ownProcess } from '../../../src/host/process/processes.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';

const RUNNING = '20261122T201000Z-shop-00aa';
const KILLED = '20261122T201100Z-shop-00bb';
const GONE = { pid: 2 ** 22 + 1, started: '1' };

describe('drill clean', () => {
  let directory = '';
  const temporary = process.env['TMPDIR'];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-clean-'));
    // Without a name, killed runs of everybody on this machine would be cleaned.
    process.env['TMPDIR'] = directory;
  });
  afterEach(() => {
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
    rmSync(directory, { recursive: true });
  });

  function plant(run: string, owner: object, ...entries: readonly object[]): void {
    const place = createRunDirectory(runsDirectory(directory), run);
    const lines = [{ undo: 'owner', run, owner }, ...entries].map((one) => JSON.stringify(one));
    writeFileSync(join(place, 'undo.ndjson'), `${lines.join('\n')}\n`);
  }

  async function drill(...args: readonly string[]) {
    const screen = recordingScreen();
    const code = await runCli(args, directory, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  it('does not end well where the run that was named is left as it is', async () => {
    plant(RUNNING, ownProcess());
    const where = `process ${process.pid}, ${join(runsDirectory(directory), RUNNING)}`;
    const said = `${RUNNING}: still running (${where}); stop it there with Ctrl-C\n`;
    for (const verb of ['clean', 'down']) {
      const { code, out } = await drill(verb, RUNNING);
      expect([code, out], verb).to.deep.equal([4, said]);
    }
    const { code, out } = await drill('clean', RUNNING, '--json');
    expect(code).to.equal(4);
    const [cleaned] = JSON.parse(out) as object[];
    expect(cleaned).to.deep.include({ outcome: { state: 'running', pid: process.pid } });
  });

  it('cleans all that it can while other runs are at work, and ends well', async () => {
    const scratch = join(directory, `drill-${KILLED}`);
    mkdirSync(scratch);
    writeFileSync(join(scratch, '.drill-run'), KILLED);
    plant(RUNNING, ownProcess());
    plant(KILLED, GONE, { undo: 'directory', path: scratch });
    const { code, out } = await drill('clean');
    expect(out).to.contain(`${RUNNING}: still running`).and.to.contain(`${KILLED}: cleaned\n`);
    expect([code, existsSync(scratch)]).to.deep.equal([0, false]);
    expect((await drill('clean', KILLED)).out).to.equal('nothing to clean\n');
  });

  it('names what it could not remove, and says what to type', async () => {
    const unmarked = join(directory, 'mine');
    mkdirSync(unmarked);
    writeFileSync(join(unmarked, 'notes'), '');
    plant(KILLED, GONE, { undo: 'directory', path: unmarked });
    for (const verb of ['clean', 'down']) {
      const { code, out } = await drill(verb, KILLED);
      expect(code, verb).to.equal(5);
      expect(out).to.match(/: not (clean|down) yet\n {2}directory .*mine: /);
      expect(out).to.contain(`\n  try again: drill clean ${KILLED}\n`);
    }
  });
});

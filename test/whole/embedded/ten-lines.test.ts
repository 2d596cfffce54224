// The ten lines of docs/gamedays.md take a new user from `npm ci` to a game day on a schedule and a
// dashboard. A shell and npx run them as they stand, but for the dashboard's port, which somebody
// may have taken.
import { expect } from 'chai';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { listDays } from '../../../src/gameday/day/day-files.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { freePort } from '../../../src/host/ports.ts';
import { EXIT } from '../../../src/verdict/exit-code.ts';
import { it } from '../../support/commands.ts';
import { PATIENT_DRILL, ROOT } from '../../support/whole/drill-cli.ts';

const text = readFileSync(join(ROOT, 'docs', 'gamedays.md'), 'utf8');
const section = text.split('\n## In ten lines\n')[1]!.split('\n## ')[0]!;
const LINES = section.split('\n').flatMap((line) => /^ {4}(\S.*)$/.exec(line)?.[1] ?? []);

describe('ten lines from npm ci to a game day with a dashboard', function () {
  this.timeout(300_000);
  let folder: string;
  let env: NodeJS.ProcessEnv;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-ten-lines-'));
    env = { ...process.env, NO_COLOR: '1' };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (line: string) => {
    return spawnSync('bash', ['-c', line], { cwd: folder, env, encoding: 'utf8' });
  };
  const expectDone = (line: string) => {
    const { status, stdout, stderr } = run(line);
    expect(status, `${line}\n${stdout}${stderr}`).to.equal(0);
    return stdout;
  };
  /** Once more where it was inconclusive: a machine that had other things to do proves nothing. */
  const holdNow = (line: string) => {
    if (run(line).status !== EXIT.inconclusive) return;
    expectDone(line);
  };

  it('there are ten, and the README leads to them', () => {
    expect(LINES).to.have.length(10);
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    expect(readme).to.include('docs/gamedays.md#in-ten-lines');
  });

  it('each does what it says, with a drill that is soon over', async () => {
    mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
    symlinkSync(join(ROOT, 'bin', 'drill.js'), join(folder, 'node_modules', '.bin', 'drill'));
    const npm = join(folder, 'npm');
    writeFileSync(npm, '#!/bin/sh\ntest "$*" = ci\n', { mode: 0o755 });
    env = { ...env, PATH: `${folder}${delimiter}${env['PATH']}` };
    const [install, init] = LINES;
    expectDone(install!);
    rmSync(npm); // npx asks nobody else for drill
    expectDone(init!);
    const file = join(folder, 'weekly.yaml');
    const written = readFileSync(file, 'utf8');
    expect(written).to.include('  - region-outage\n');
    writeFileSync(file, written.replace('  - region-outage\n', '  - short.yaml\n'));
    writeFileSync(join(folder, 'short.yaml'), PATIENT_DRILL);
    await fromThirdLine();
  });

  it.full('each does what it says, in a fresh checkout', async () => {
    const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT });
    execFileSync('xargs', ['-0', 'cp', '--parents', '-t', folder], { cwd: ROOT, input: files });
    const [install, init] = LINES;
    expectDone(install!);
    expectDone(init!);
    await fromThirdLine();
  });

  async function fromThirdLine(): Promise<void> {
    const [check, next, hold, show, report] = LINES.slice(2);
    expect(expectDone(check!)).to.include('weekly.yaml: ok, 1 drill, next due');
    expect(expectDone(next!).match(/^weekly {2}Tue .* 10:00 Europe\/Berlin/gm)).to.have.length(5);
    holdNow(hold!);
    const [{ id, verdict } = { id: '', verdict: null }] = listDays(runsDirectory(folder));
    expect(verdict).to.equal('pass');
    expect(expectDone(show!)).to.include(id);
    expectDone(report!);
    expect(existsSync(join(folder, 'gameday.html'))).to.equal(true);
    await serveAndEnd(id);
  }

  /** The last three, of one shell, as at a terminal: its jobs are groups of their own. */
  async function serveAndEnd(id: string): Promise<void> {
    const port = await freePort();
    const [days, dashboard, end] = LINES.slice(7);
    const elsewhere = dashboard!.replace(' &', ` --listen 127.0.0.1:${port} &`);
    const script = ['set -m', days, elsewhere, 'read -r', end, 'wait'].join('\n');
    const shell = spawn('bash', ['-c', script], { cwd: folder, env });
    let said = '';
    shell.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const closed = new Promise<void>((resolve) => shell.on('close', () => resolve()));
    try {
      while (!said.includes('serving 1 game day: weekly') || !said.includes('dashboard: ')) {
        expect(shell.exitCode, said).to.equal(null);
        await hostClock().sleep(50);
      }
      const page = await fetch(`http://127.0.0.1:${port}/gamedays`);
      const html = await page.text();
      expect(html).to.include(`/gamedays/${id}`);
      expect(html).to.include('10:00 Europe/Berlin');
    } finally {
      shell.stdin.end('\n');
    }
    // All that wrote there has ended by then, and drill more slowly than npx.
    await closed;
    expect(said).to.include('stopped; what was under way goes on with the next service');
  }
});

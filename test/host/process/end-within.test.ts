// Commands that are run to their end: what is told of each, and that nothing of them goes on.
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostClock, until } from '../../../src/host/clock.ts';
import { runCommand } from '../../../src/host/command.ts';
import { commandLines } from '../../../src/host/process/command-lines.ts';
import { commandOutput } from '../../../src/host/process/command-output.ts';

const environment = { PATH: process.env['PATH'] };
const LONG_MS = 30_000;

describe('a command that is run to its end', () => {
  const directory = mkdtempSync(join(tmpdir(), 'drill-command-'));
  const logFile = join(directory, 'log');
  const child = join(directory, 'child');
  after(() => rmSync(directory, { recursive: true }));

  const sh = (script: string) => ['sh', '-c', script];
  /** It has a child of its own, which says who it is. */
  const hanging = sh(`sleep 60 & echo $! > ${child}; wait`);
  const ways = {
    'for what it prints': (command: string[], atMost_ms: number, signal?: AbortSignal) =>
      commandOutput(command, { environment, atMost_ms, signal }),
    'into a log': (command: string[], atMost_ms: number, signal?: AbortSignal) =>
      runCommand(command, { environment, logFile, atMost_ms, signal }),
  };
  const said = async (work: Promise<unknown>) =>
    await work.then(
      () => 'done',
      (error: Error) => error.message,
    );
  /** Its child is no more, or nobody has waited for it yet. */
  const isGone = async () => {
    const deadline_ms = hostClock().now() + LONG_MS;
    const pid = readFileSync(child, 'utf8').trim();
    return await until({ clock: hostClock(), deadline_ms, every_ms: 5 }, async () => {
      try {
        return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? true : null;
      } catch {
        return true;
      }
    });
  };

  for (const [way, run] of Object.entries(ways)) {
    it(`fails with its exit code, or as what there is not (${way})`, async () => {
      expect(await said(run(['true'], LONG_MS))).to.equal('done');
      expect(await said(run(sh('exit 3'), LONG_MS))).to.match(/expected exit code 0.*exit code 3/s);
      expect(await said(run(sh('kill -9 $$'), LONG_MS))).to.contain('SIGKILL');
      expect(await said(run(['/no/such/program'], LONG_MS))).to.contain('ENOENT');
    });

    it(`goes with what it has started where it takes too long (${way})`, async () => {
      expect(await said(run(hanging, 300))).to.contain('it was not done within 0.3 s');
      expect(await isGone()).to.equal(true);
    });

    it(`goes with what it has started where nobody waits for it (${way})`, async () => {
      const stopped = new AbortController();
      const running = said(run(hanging, LONG_MS, stopped.signal));
      setTimeout(() => stopped.abort(new Error('stopped')), 200);
      expect(await running).to.equal('stopped');
      expect(await isGone()).to.equal(true);
    });

    it(`is not gone on with where it was stopped before (${way})`, async () => {
      const stopped = AbortSignal.abort(new Error('stopped'));
      expect(await said(run(['sleep', '60'], LONG_MS, stopped))).to.equal('stopped');
    });
  }

  it('tells what it printed, and no more than that fits', async () => {
    const own = { environment, atMost_ms: LONG_MS };
    expect(await commandOutput(sh('echo one; echo two >&2'), own)).to.equal('one\n');
    const much = sh('head -c 70000 /dev/zero; exit 0');
    expect(await said(commandOutput(much, own))).to.contain('more than 65536 bytes');
    const full = await commandOutput(sh('head -c 65536 /dev/zero'), own);
    expect(full).to.have.length(65_536);
    const secret = sh('printf s3; echo cret; exit 1');
    expect(await said(commandOutput(secret, own))).not.to.contain('s3cret');
  });

  it('hands over each of its lines, to the last one', async () => {
    const own = { environment, atMost_ms: LONG_MS };
    const lines: string[] = [];
    await commandLines(sh('seq 20000; printf last'), own, (line) => lines.push(line));
    expect(lines).to.have.length(20_001);
    expect(lines.at(-1)).to.equal('last');
    expect(await said(commandLines(sh('echo one; exit 1'), own, () => {}))).to.contain('code 1');
    const wrong = () => {
      throw new Error('no such line');
    };
    expect(await said(commandLines(sh('echo one; sleep 60'), own, wrong))).to.equal('no such line');
  });

  it('goes where a line of it has no end', async () => {
    const own = { environment, atMost_ms: LONG_MS };
    const lines: string[] = [];
    const endless = commandLines(sh('echo one; exec cat /dev/zero'), own, (each) =>
      lines.push(each),
    );
    expect(await said(endless)).to.contain('more than 1 MB in one line');
    expect(lines).to.deep.equal(['one']);
  });

  it('is not waited for by what it has started, which may hold its output open', async () => {
    const own = { environment, atMost_ms: LONG_MS };
    const leaves = sh(`echo one; sleep 60 & echo $! > ${child}`);
    const end = () => process.kill(Number(readFileSync(child, 'utf8')));
    expect(await commandOutput(leaves, own)).to.equal('one\n');
    end();
    // Whether that were all of its lines nobody knows.
    expect(await said(commandLines(leaves, own, () => {}))).to.contain('holds its output open');
    end();
  });
});

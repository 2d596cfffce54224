import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Effect } from '../../src/evidence/undo.ts';
import { makeMarkedDirectory } from '../../src/host/tree/marked-directory.ts';
import { findRunProcesses, sendSignal } from '../../src/host/process/processes.ts';
import { findUser } from '../../src/host/users.ts';
import { databaseIdentity } from '../../src/postgres/server/identity.ts';
import { performUndo } from '../../src/topology/undo.ts';
import type { RunPlace } from '../../src/topology/system/system.ts';
import { provenRun } from '../support/system/proven-run.ts';
import { sharedMemoryOf, stillThere } from '../support/system/shared-memory-of.ts';

const RUNNER = fileURLToPath(new URL('../support/system/doomed-runner.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Said {
  readonly place?: RunPlace;
  readonly entry?: Effect;
  readonly up?: true;
  readonly down?: true;
}

/** What a runner in a process of its own said, until it said what was waited for or ended. */
async function runUntil(child: ChildProcess, isEnough: (said: Said) => boolean): Promise<Said[]> {
  const all: Said[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    all.push(JSON.parse(line) as Said);
    if (isEnough(all.at(-1)!)) break;
  }
  return all;
}

function startRunner(mode: string, options: { uid?: number; gid?: number; cache?: string } = {}) {
  const { cache, ...user } = options;
  return spawn(process.execPath, ['--import=tsx', RUNNER, mode], {
    cwd: ROOT,
    env: { ...process.env, ...(cache === undefined ? {} : { DRILL_CACHE: cache, HOME: cache }) },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...user,
  });
}

const segments = () =>
  readFileSync('/proc/sysvipc/shm', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[1]);

function pidFileOf(data: string): string[] {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'latin1').split('\n');
  } catch {
    return []; // it comes and goes
  }
}

/** The segment of whichever PostgreSQL works there now; it stands still from then on. */
async function heldSegment(data: string): Promise<string> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const lines = pidFileOf(data);
    const segment = lines[6]?.trim().split(/\s+/)[1];
    if (segment === undefined) continue;
    const pid = Math.abs(Number(lines[0])); // below 0: no server, but one that works alone
    if (sendSignal(pid, 'SIGSTOP') && segments().includes(segment)) return segment;
    sendSignal(pid, 'SIGCONT');
  }
}

async function undoAll(said: readonly Said[]): Promise<string[]> {
  const { id, scratch, directory } = said[0]!.place!;
  const entries = said.flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
  const left: string[] = [];
  for (const entry of entries.toReversed()) {
    const own = provenRun(id, scratch, directory);
    left.push(...(await performUndo(entry, { own, system: null, environment: process.env })));
  }
  return left;
}

describe('undoing a run whose runner was killed', function () {
  this.timeout(60_000);

  const moments: [string, string, (said: Said) => boolean][] = [
    ['while it comes up', 'stay', (said) => said.entry?.undo === 'processes'],
    ['when it is up', 'stay', (said) => said.up === true],
    ['when a region is dead', 'kill-east', (said) => said.up === true],
  ];
  for (const [when, mode, isEnough] of moments) {
    it(`leaves no process, directory or shared memory ${when}`, async () => {
      const child = startRunner(mode);
      const said = await runUntil(child, isEnough);
      const { id, scratch, directory } = said[0]!.place!;
      const held = sharedMemoryOf(findRunProcesses(id, scratch));
      expect(held.join(), 'nothing where others share a little space').not.to.contain('/dev/shm');
      child.kill('SIGKILL');
      expect(await undoAll(said)).to.deep.equal([]);
      expect(findRunProcesses(id, scratch)).to.deep.equal([]);
      expect(existsSync(scratch)).to.equal(false);
      expect(await undoAll(said), 'a second time').to.deep.equal([]);
      rmSync(dirname(directory), { recursive: true, force: true });
      expect(stillThere(held)).to.deep.equal([]);
    });
  }

  it('leaves no shared memory of an initdb that was killed with it', async function () {
    if (!existsSync('/proc/sysvipc/shm')) this.skip();
    const cache = mkdtempSync(join(tmpdir(), 'drill-cache-'));
    chmodSync(cache, 0o755);
    const child = startRunner('stay', { cache });
    try {
      let data: string | null = null;
      const said = await runUntil(child, ({ entry, up }) => {
        const of = entry?.undo === 'database' ? String(entry['data']) : '';
        if (of.startsWith(cache)) data = of;
        return up === true || (data !== null && entry?.undo === 'processes');
      });
      expect(data, 'where initdb works').not.to.equal(null);
      const segment = await heldSegment(data!);
      child.kill('SIGKILL');
      expect(await undoAll(said)).to.deep.equal([]);
      expect(segments()).not.to.include(segment);
      rmSync(dirname(said[0]!.place!.directory), { recursive: true, force: true });
    } finally {
      child.kill('SIGKILL');
      rmSync(cache, { recursive: true, force: true });
    }
  });

  it('remembers a database that it could not clean until somebody has', async () => {
    const root = mkdtempSync(join(tmpdir(), 'drill-stale-'));
    const scratch = join(root, 'scratch');
    try {
      const data = join(scratch, 'east', 'data');
      makeMarkedDirectory(scratch, 'stale', 0o700);
      mkdirSync(data, { recursive: true });
      const pidFile = join(data, 'postmaster.pid');
      writeFileSync(pidFile, '1\n');
      const { uid, gid } = databaseIdentity();
      chownSync(data, uid, gid);
      const entry = { undo: 'database', data } as const;
      const asked = { own: provenRun('stale', scratch), system: null, environment: process.env };
      for (let i = 0; i < 2; i++) {
        expect((await performUndo(entry, asked)).join()).to.contain(`rm ${pidFile}; drill clean`);
      }
      if (existsSync('/proc/sysvipc/shm')) {
        // Of a segment that is no more: removed by hand, or by a restart of the machine.
        writeFileSync(pidFile, `1\n${'\n'.repeat(5)}  5432001 2147483647\n`);
        expect(await performUndo(entry, asked)).to.deep.equal([]);
      }
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('has nothing to do for a template that was finished, and has its own name by now', async () => {
    const root = mkdtempSync(join(tmpdir(), 'drill-finished-'));
    try {
      makeMarkedDirectory(join(root, 'scratch'), 'finished', 0o700);
      const made = join(root, 'template-3-18.4.making-1-1');
      const asked = { own: provenRun('finished', join(root, 'scratch')), system: null };
      const scrubbed = await performUndo({ undo: 'database', data: join(made, 'data') }, asked);
      const removed = await performUndo({ undo: 'directory', path: made }, asked);
      expect([...scrubbed, ...removed]).to.deep.equal([]);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('touches no directory that drill did not make', async () => {
    const foreign = mkdtempSync(join(tmpdir(), 'drill-foreign-'));
    try {
      mkdirSync(join(foreign, 'data'));
      writeFileSync(join(foreign, 'data', 'postmaster.pid'), '1\n');
      const asked = { own: provenRun('foreign', foreign), system: null };
      const removed = await performUndo({ undo: 'directory', path: foreign }, asked);
      const data = join(foreign, 'data');
      const scrubbed = await performUndo({ undo: 'database', data }, asked);
      expect(removed.join()).to.contain('does not carry the mark');
      expect(scrubbed.join()).to.contain('not in the scratch directory');
      expect(existsSync(join(data, 'postmaster.pid'))).to.equal(true);
    } finally {
      rmSync(foreign, { recursive: true, force: true });
    }
  });
});

describe('a damaged page', () => {
  const page = {
    ...{ undo: 'damaged-page', node: 'east/postgres', file: 'base/16384/16399.1', offset: 16 },
    ...{ before: '00ff', after: 'ff00' },
  };

  it('is put back in a table’s file alone, and in bytes', async () => {
    const asked = { own: provenRun('gone', '/none'), system: null };
    expect(await performUndo(page, asked)).to.deep.equal([]);
    const wrong = [
      ...['base/1/../2', '/etc/passwd', 'base/1/2; reboot', 'pg_wal/1/2'].map((file) => ({ file })),
      ...[{ offset: -1 }, { before: '0' }, { after: '$(reboot)' }],
    ];
    for (const part of wrong) {
      const [left] = await performUndo({ ...page, ...part }, asked);
      expect(left, JSON.stringify(part)).to.contain('is not what it should be');
    }
  });
});

describe('an ordinary user', function () {
  this.timeout(60_000);

  it('gets a system up and down as root does, first run included', async function () {
    const nobody = findUser('nobody');
    if (process.getuid?.() !== 0 || nobody === null) {
      // Whoever runs the tests is an ordinary user already: every other test here shows it.
      return;
    }
    const cache = mkdtempSync(join(tmpdir(), 'drill-nobody-'));
    chownSync(cache, nobody.uid, nobody.gid);
    try {
      const child = startRunner('down', { uid: nobody.uid, gid: nobody.gid, cache });
      const said = await runUntil(child, (each) => each.down === true);
      child.kill('SIGKILL');
      expect(said.at(-1)).to.deep.equal({ down: true });
      expect(existsSync(said[0]!.place!.scratch)).to.equal(false);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });
});

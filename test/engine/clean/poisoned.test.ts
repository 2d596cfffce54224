// Undo logs that somebody else wrote: each kind of entry that points outside its run, and files that
// are no files. Nothing outside is touched, and each is told in a line.
import { expect } from 'chai';
import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '../../../src/base/random.ts';
import { makeScratch } from '../../../src/engine/begin/scratch.ts';
import { identify, isStillThere, RUN_MARK } from '../../../src/host/process/processes.ts';
import { cleanRuns } from '../../../src/session/clean.ts';
import { requirePart } from '../../support/require.ts';

const RUN = '20261122T201000Z-shop-00aa';
const KEY = '0123456789abcdef0123456789abcdef';
const GONE = { pid: 2 ** 22 + 1, started: '1' };
const SESSION = new URL('../../../src/session/clean.ts', import.meta.url).href;

describe('a poisoned undo log', function () {
  this.timeout(30_000);
  let root = '';
  let place = '';
  let scratch = '';
  let outside = '';
  let canary: ChildProcess;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'drill-poison-'));
    place = join(root, 'runs', RUN);
    scratch = join(root, `drill-${RUN}`);
    outside = join(root, 'outside');
    mkdirSync(place, { recursive: true });
    mkdirSync(join(outside, 'data'), { recursive: true });
    writeFileSync(join(outside, 'data', 'postmaster.pid'), '1\n');
    writeFileSync(join(outside, 'precious'), 'precious');
    canary = spawn('sleep', ['300'], { cwd: outside, stdio: 'ignore' });
  });
  afterEach(() => {
    canary.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  });

  const owner = (more: object = {}) => {
    return { undo: 'owner', run: RUN, owner: GONE, key: KEY, scratch, ...more };
  };
  function plant(entries: readonly object[], first: object = owner()): void {
    const lines = [first, ...entries].map((one) => `${JSON.stringify(one)}\n`);
    writeFileSync(join(place, 'undo.ndjson'), lines.join(''));
  }
  /** What `drill clean` says is left, after the canaries were looked at. */
  async function clean(): Promise<readonly string[]> {
    const [cleaned] = await cleanRuns([place], false, { environment: { PATH: '/nowhere' } });
    expect(readFileSync(join(outside, 'precious'), 'utf8')).to.equal('precious');
    expect(readFileSync(join(outside, 'data', 'postmaster.pid'), 'utf8')).to.equal('1\n');
    expect(readdirSync(outside).toSorted()).to.deep.equal(['data', 'precious']);
    expect([canary.exitCode, canary.signalCode]).to.deep.equal([null, null]);
    const { outcome } = cleaned!;
    if (outcome.state === 'refused') return [outcome.reason];
    return outcome.state === 'cleaned' ? outcome.left : [outcome.state];
  }
  const own = () => makeScratch(scratch, { run: RUN, key: KEY, owner: GONE }, place);

  const ENTRIES: Readonly<Record<string, () => object>> = {
    'a directory outside': () => ({ undo: 'directory', path: outside }),
    'a directory by a way up': () => ({ undo: 'directory', path: `${scratch}/../outside` }),
    'a database outside': () => ({ undo: 'database', data: join(outside, 'data') }),
    'a database by a way up': () => ({ undo: 'database', data: `${scratch}/../outside/data` }),
    'a directory that is a number': () => ({ undo: 'directory', path: 7 }),
    'the processes of another run': () => ({ undo: 'processes', run: 'other' }),
    'processes of everybody': () => ({ undo: 'processes', run: '' }),
    'containers of another run': () => ({ undo: 'compose', run: 'other', docker: 'x' }),
    'containers at another engine': () => {
      return { undo: 'compose', run: RUN, docker: 'tcp://192.0.2.1:2375' };
    },
    'an effect that there is not': () => ({ undo: 'levitation', path: outside }),
    'toxics at an address of its own': () => {
      return { undo: 'toxics', url: 'http://192.0.2.1/', toxics: ['x-0123456789ab'] };
    },
    'processes to go on by their ids': () => {
      return { undo: 'stopped-processes', processes: [{ pid: -1, started: '1' }] };
    },
  };
  for (const [what, entry] of Object.entries(ENTRIES)) {
    it(`that names ${what} touches nothing, and says so in a line`, async () => {
      own();
      plant([entry()]);
      const left = await clean();
      expect(left, left.join('\n')).to.have.length(1);
    });
  }

  it('that names all of them has a line for each, and what is its own goes', async () => {
    own();
    plant([{ undo: 'processes', run: RUN }, ...Object.values(ENTRIES).map((entry) => entry())]);
    expect(await clean()).to.have.length(Object.keys(ENTRIES).length);
  });

  it('kills no process with another run’s mark, or with its own mark where nothing proves it', async () => {
    const env = { ...process.env, [RUN_MARK]: RUN };
    const marked = spawn('sleep', ['300'], { env, stdio: 'ignore' });
    try {
      plant([{ undo: 'processes', run: RUN }]);
      const [left] = await clean();
      expect(left).to.contain(`process ${marked.pid}`).and.to.contain('--orphans');
      expect(isStillThere(identify([marked.pid!])[0]!)).to.equal(true);
      own();
      expect(await clean()).to.deep.equal([]);
      expect(marked.exitCode ?? marked.signalCode ?? 'SIGKILL').to.equal('SIGKILL');
    } finally {
      marked.kill('SIGKILL');
    }
  });

  const FIRST_LINES: Readonly<Record<string, () => object>> = {
    'is missing': () => ({ undo: 'directory', path: scratch }),
    'names no process': () => owner({ owner: {} }),
    'names a run with a way up': () => owner({ run: '../../etc' }),
    'has another key': () => owner({ key: 'f'.repeat(32) }),
    'has no key': () => ({ undo: 'owner', run: RUN, owner: GONE, scratch }),
    'names another run': () => owner({ run: '20261122T201000Z-shop-00bb' }),
    'names a scratch directory outside': () => owner({ scratch: outside }),
  };
  for (const [what, first] of Object.entries(FIRST_LINES)) {
    it(`whose first line ${what} permits nothing`, async () => {
      own();
      plant([{ undo: 'directory', path: scratch }], first());
      expect(await clean()).to.have.length(1);
      expect(existsSync(scratch)).to.equal(true);
    });
  }

  it('follows no link: its scratch directory may lead elsewhere', async () => {
    symlinkSync(outside, scratch);
    plant([{ undo: 'directory', path: scratch }]);
    const [left] = await clean();
    expect(left).to.contain('it is no directory');
  });

  it('follows no link in the scratch directory to a database', async () => {
    own();
    mkdirSync(join(scratch, 'east'));
    symlinkSync(join(outside, 'data'), join(scratch, 'east', 'data'));
    plant([{ undo: 'database', data: join(scratch, 'east', 'data') }]);
    const [left] = await clean();
    expect(left).to.contain('it is no directory');
  });

  it('that is a FIFO, a socket, a device or gigabytes is refused without being opened', async () => {
    const log = join(place, 'undo.ndjson');
    execFileSync('mkfifo', [log]);
    expect((await clean()).join()).to.contain('a FIFO');
    rmSync(log);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(log, resolve));
    expect((await clean()).join()).to.contain('a socket');
    await new Promise((resolve) => server.close(resolve));
    rmSync(log, { force: true });
    symlinkSync('/dev/zero', log);
    expect((await clean()).join()).to.match(/a link|foreign/);
    rmSync(log);
    writeFileSync(log, '');
    truncateSync(log, 3 * 2 ** 30);
    expect((await clean()).join()).to.contain('at most 16 MB, found 3072');
  });

  it('waits for no FIFO among the claims, and writes to no folder that they lead to', async () => {
    own();
    plant([{ undo: 'directory', path: scratch }]);
    symlinkSync(outside, join(place, 'claims'));
    expect((await clean()).join()).to.contain('expected a folder');
    expect(existsSync(scratch)).to.equal(true);
    rmSync(join(place, 'claims'));
    mkdirSync(join(place, 'claims'));
    execFileSync('mkfifo', [join(place, 'claims', 'other.json')]);
    expect(await clean()).to.deep.equal([]);
    expect(existsSync(scratch)).to.equal(false);
  });

  it('starts no server as whoever owns a database', async function () {
    requirePart(this, 'superuser', process.getuid?.() === 0, 'only root can make files of others');
    own();
    const data = join(scratch, 'east', 'data');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'postmaster.pid'), '1\n');
    chownSync(data, 12345, 12345);
    plant([{ undo: 'database', data }]);
    expect((await clean()).join()).to.contain('it belongs to uid 12345');
  });

  it('is not obeyed where /proc shows the processes of another namespace', function () {
    requirePart(this, 'superuser', process.getuid?.() === 0, 'only root can make a namespace');
    own();
    plant([{ undo: 'directory', path: scratch }]);
    const script =
      `import(${JSON.stringify(SESSION)}).then(async ({ cleanRuns }) => console.log(` +
      `JSON.stringify(await cleanRuns([${JSON.stringify(place)}], false, { environment: {} }))))`;
    const node = [process.execPath, '--import=tsx', '-e', script];
    const cwd = new URL('../../..', import.meta.url);
    const said = execFileSync('unshare', ['--pid', '--fork', ...node], { cwd, encoding: 'utf8' });
    expect(said).to.contain('"state":"refused"').and.to.contain('another PID namespace');
    expect(existsSync(scratch)).to.equal(true);
  });

  it('harms nothing outside whatever is changed in it', async () => {
    own();
    const draw = randomStream(7);
    const sound = [owner(), { undo: 'directory', path: scratch }, { undo: 'processes', run: RUN }]
      .map((one) => `${JSON.stringify(one)}\n`)
      .join('');
    const words = [outside, `${scratch}/../outside`, '/', '..', 'other', '-1', '1', '"', '{', '\n'];
    for (let round = 0; round < 200; round++) {
      const at = Math.floor(draw() * sound.length);
      const until = at + Math.floor(draw() * 30);
      const word = words[Math.floor(draw() * words.length)]!;
      writeFileSync(join(place, 'undo.ndjson'), sound.slice(0, at) + word + sound.slice(until));
      await clean();
      if (!existsSync(scratch)) own();
    }
  });

  it('of another user is not obeyed, nor one in a folder of another user', async function () {
    requirePart(this, 'superuser', process.getuid?.() === 0, 'only root can make files of others');
    own();
    plant([{ undo: 'directory', path: scratch }]);
    chownSync(place, 65534, 65534);
    expect(await clean()).to.deep.equal(['foreign']);
    chownSync(place, 0, 0);
    chownSync(scratch, 65534, 65534);
    expect((await clean()).join()).to.contain('it belongs to another user');
    expect(statSync(scratch).uid).to.equal(65534);
  });

  it('of a runner in another PID namespace is left alone while that may live', async function () {
    requirePart(this, 'superuser', process.getuid?.() === 0, 'only root can make a namespace');
    // A runner with the same ids as somebody else here, as they are in a container.
    const script =
      'import("./src/host/process/runner.ts").then(({ thisRunner }) => {' +
      ' console.log(JSON.stringify(thisRunner())); setTimeout(() => {}, 20000); })';
    const inside = spawn(
      'unshare',
      [
        '--pid',
        '--fork',
        '--kill-child',
        '--mount-proc',
        process.execPath,
        '--import=tsx',
        '-e',
        script,
      ],
      { cwd: new URL('../../..', import.meta.url), stdio: ['ignore', 'pipe', 'ignore'] },
    );
    try {
      const text = await new Promise<string>((resolve, reject) => {
        inside.stdout.once('data', (data: Buffer) => resolve(data.toString()));
        inside.once('exit', () => reject(new Error('unshare ended')));
      });
      const runner = JSON.parse(text) as { pid: number; started: string; namespace: string };
      expect(runner.pid).to.equal(1);
      own();
      plant([{ undo: 'directory', path: scratch }], owner({ owner: runner }));
      expect(['running', 'unseen']).to.include((await clean())[0]);
      expect(existsSync(scratch)).to.equal(true);
    } finally {
      inside.kill('SIGKILL');
    }
  });

  it('is cleaned by two at once, and both end well', async () => {
    own();
    chmodSync(scratch, 0o700);
    plant([
      { undo: 'directory', path: scratch },
      { undo: 'processes', run: RUN },
    ]);
    const both = await Promise.all(
      [1, 2].map(() => cleanRuns([place], false, { environment: {} })),
    );
    const states = both.flat().map(({ outcome }) => outcome.state);
    expect(states).to.include('cleaned');
    expect(['cleaned', 'nothing']).to.include.members(states);
    expect(existsSync(scratch)).to.equal(false);
  });
});

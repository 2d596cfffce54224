// The lines are real ones, of programs that were started under `prlimit --nproc`, `--nofile` and
// on full disks.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOf, linesAtEnd, partFailure } from '../../../src/host/machine/last-words.ts';
import type { Tasks } from '../../../src/host/machine/limits.ts';
import { findUser, ownUid } from '../../../src/host/users.ts';
import { requirePart } from '../../support/require.ts';

const AT = '2026-11-29 04:30:16.080 UTC [23801] ';
const free = () => ({ has: 40, most: 4_096 });
const full = () => ({ has: 61, most: 70 });
const end = (...said: string[]) => endOf('exit code 1', said, free);
const expected = (...said: string[]) => end(...said).lack?.expected ?? null;

const NODE_ASSERTION = `
  #  node[31316]: std::unique_ptr<long unsigned int> node::WorkerThreadsTaskRunner::DelayedTaskScheduler::Start() at ../src/node_platform.cc:68
  #  Assertion failed: (0) == (uv_thread_create(t.get(), start_thread, this))

----- Native stack trace -----

 1: 0xcb5167 node::Assert(node::AssertionInfo const&) [node]
 2: 0xd35c5e node::WorkerThreadsTaskRunner::WorkerThreadsTaskRunner(int) [node]`;

const GO_STACKS = Array.from({ length: 60 }, (_, i) => [
  `goroutine ${i + 1} gp=0x1e25901021c0 m=0 mp=0xf0b2a0 [running]:`,
  'runtime.systemstack_switch()',
  '\truntime/asm_amd64.s:479 +0x8 fp=0x1e2590dddf78 sp=0x1e2590dddf68 pc=0x48ee68',
]).flat();

describe('the last words of a part', () => {
  it('tell that no process or thread could be started', () => {
    const said = {
      postgres: [
        `${AT}LOG:  listening on IPv4 address "127.0.0.1", port 38401`,
        `${AT}LOG:  could not fork "startup" process: Resource temporarily unavailable`,
        `${AT}LOG:  database system is shut down`,
      ],
      initdb: [
        `performing post-bootstrap initialization ... ${AT}FATAL:  could not execute command "locale -a": Cannot allocate memory`,
        `${AT}STATEMENT:  SELECT pg_import_system_collations('pg_catalog');`,
        'child process exited with exit code 1',
      ],
      node: NODE_ASSERTION.split('\n'),
      'a running node': ['node[4265]: pthread_create: Resource temporarily unavailable'],
      redis: [
        '5948:M 29 Nov 2026 04:16:55.574 # Server initialized',
        "5948:M 29 Nov 2026 04:16:55.574 # Fatal: Can't initialize Background Jobs.",
      ],
      toxiproxy: [
        '{"level":"info","address":"localhost:55435","caller":"api.go:57","time":"2026-11-29T04:16:59Z","message":"Starting Toxiproxy HTTP server"}',
        'runtime: failed to create new OS thread (have 7 already; errno=11)',
        'runtime: may need to increase max user processes (ulimit -u)',
        'fatal error: newosproc',
        'runtime: failed to create new OS thread (have 7 already; errno=11)',
        'fatal error: newosproc',
        '',
        ...GO_STACKS,
      ],
      shell: ['sh: 0: Cannot fork', 'bash: fork: retry: Resource temporarily unavailable'],
    };
    for (const [program, lines] of Object.entries(said)) {
      expect(expected(...lines), program).to.equal('that this user may start another process');
    }
    expect(end(...said.postgres).how).to.equal(
      'exit code 1: could not fork "startup" process: Resource temporarily unavailable',
    );
  });

  it('tell what else there was none of', () => {
    const disk = `${AT}PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device`;
    expect(expected(disk, `${AT}LOG:  server process ended`)).to.contain('a disk');
    const mapped = `${AT}FATAL:  could not open shared memory segment "pg_dynshmem/mmap.43"`;
    expect(expected(`${mapped}: No space left on device`)).to.contain('a disk');
    const control = `${AT}PANIC:  could not open file "global/pg_control"`;
    expect(expected(`${control}: Read-only file system`)).to.contain('mounted for writing');
    expect(expected(`${control}: Input/output error`)).to.contain('a disk without errors');
    const port = 'listen tcp 127.0.0.1:0: bind: address already in use';
    const problem = { what: 'POST /proxies', expected: 'it', found: port, hint: '' };
    expect(partFailure(problem).message).to.contain('a free port for each connection');
    // Of a port that was asked for, it is somebody else who has it.
    expect(endOf(port.replace(':0', ':80'), []).lack).to.equal(null);
    expect(expected('accept tcp: accept4: too many open files')).to.contain('file descriptors');
    const accept = '{"level":"error","error":"accept tcp 127.0.0.1:8474: too many open files"}';
    expect(expected(accept)).to.contain('file descriptors');
    const memory = 'could not map anonymous memory: Cannot allocate memory';
    expect(expected(`${AT}FATAL:  ${memory}`)).to.contain('memory for another');
    const shared = 'could not create shared memory segment: No space left on device';
    expect(expected(`${AT}FATAL:  ${shared}`)).to.contain('shared memory');
  });

  it('are not what was said long before, or by somebody else', () => {
    const later = Array.from(
      { length: 60 },
      () => `${AT}LOG:  checkpoint complete: wrote 3 buffers`,
    );
    const forked = `${AT}LOG:  could not fork "io_worker" process: Resource temporarily unavailable`;
    expect(end(forked, ...later)).to.deep.equal({ how: 'exit code 1', lack: null });
    const quoted = [
      `${AT}ERROR:  invalid input syntax for type integer: "No space left on device"`,
      `${AT}STATEMENT:  insert into orders (note)`,
      "\tvalues ('Too many open files, ENOMEM')",
      `${AT}DETAIL:  Failing row contains (1, Cannot allocate memory).`,
      `${AT}LOG:  statement: select 'could not fork'`,
    ];
    expect(end(...quoted)).to.deep.equal({ how: 'exit code 1', lack: null });
    expect(expected('node:internal/modules/run_main: Cannot find module')).to.equal(null);
  });

  it('are those of a failure of its own where there is nothing else', () => {
    expect(end(`${AT}FATAL:  the lock file is gone`).how).to.equal(
      'exit code 1: the lock file is gone',
    );
    expect(end('PANIC: \u001b[31mred', 'No').how).to.equal('exit code 1: [31mred');
    expect(end(`${AT}LOG:  checkpoint complete`).how).to.equal('exit code 1');
  });

  it('are none where libuv ends a program: then the user’s processes are counted', () => {
    const silent = endOf('signal SIGABRT', [''], full);
    expect(silent.lack?.expected).to.contain('another process');
    expect(silent.how).to.contain('61 of 70 processes and threads');
    expect(endOf('gslb did not answer "start" within 20000 ms', [], full).lack).not.to.equal(null);
    for (const how of ['signal SIGABRT', 'gslb did not answer "start" within 20000 ms']) {
      expect(endOf(how, [], free), how).to.deep.equal({ how, lack: null });
      expect(
        endOf(how, [], () => null),
        how,
      ).to.deep.equal({ how, lack: null });
    }
    expect(endOf('signal SIGKILL', [], full).lack, 'somebody killed it').to.equal(null);
    expect(endOf('signal SIGABRT', [`${AT}PANIC:  bad page`], full).lack, 'a word').to.equal(null);
  });

  it('can be how it ended: nothing was started at all', () => {
    const { lack } = endOf('it could not be started: spawn /usr/bin/node EAGAIN', [], free);
    expect(lack?.expected).to.contain('another process');
  });

  it('make a failure with what to do, and the log', () => {
    const root = mkdtempSync(join(tmpdir(), 'drill-words-'));
    try {
      const log = join(root, 'west.log');
      const lines = Array.from({ length: 30 }, (_, i) => `${AT}LOG:  ${i}`);
      writeFileSync(log, [...lines, `${AT}LOG:  could not fork`, ''].join('\n'));
      const part = {
        what: 'west',
        expected: 'a server',
        found: 'exit code 1',
        hint: `read ${log}`,
      };
      const { problem } = partFailure({ ...part, log: linesAtEnd(log) });
      expect(problem).to.include({ what: 'west', isMachine: true });
      expect(problem.hint).to.contain('ulimit -u').and.contain(log);
      expect(problem.found).to.equal('exit code 1: could not fork');
      expect(problem.log).to.have.length(10);
      const other = partFailure({ ...part, log: linesAtEnd(join(root, 'none')) }).problem;
      expect(other).to.deep.equal({ ...part, log: [] });
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('the processes of a user', () => {
  it('are counted where a limit holds them', function () {
    const nobody = findUser('nobody');
    requirePart(this, 'superuser', ownUid() === 0 && nobody !== null, 'root has no such limit');
    const module = JSON.stringify(new URL('../../../dist/host/machine/limits.js', import.meta.url));
    const script = `import { tasksOfUser } from ${module}; console.log(JSON.stringify(tasksOfUser()))`;
    const node = [process.execPath, '--input-type=module', '-e', script];
    const { uid, gid } = nobody!;
    const args = ['-c', 'ulimit -u 1500; exec "$@"', 'bash', ...node];
    const told = JSON.parse(execFileSync('bash', args, { uid, gid, cwd: '/' }).toString()) as Tasks;
    expect(told.most).to.be.at.most(1_500);
    expect(told.has, 'Node alone has some threads').to.be.greaterThan(4).and.below(told.most);
  });
});

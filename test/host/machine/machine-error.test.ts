import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { machineError } from '../../../src/host/machine/machine-error.ts';
import { driverFailure, reasonOf } from '../../../src/host/operation-failed.ts';
import { describeExit, exitOf } from '../../../src/host/process/detached.ts';
import { runToEnd } from '../../../src/host/process/run-to-end.ts';

const errno = (code: string, syscall: string) =>
  Object.assign(new Error(`${code}: said by the system, ${syscall}`), { code, syscall });

describe('what the machine has run out of', () => {
  it('is known by the code of the operating system', () => {
    const known: [string, string, string][] = [
      ['ENOSPC', 'write', 'a disk'],
      ['EDQUOT', 'open', 'a disk'],
      ['EMFILE', 'open', 'file descriptors'],
      ['ENFILE', 'connect', 'file descriptors'],
      ['EAGAIN', 'spawn postgres', 'another process'],
      ['ENOMEM', 'spawn', 'memory'],
      ['EROFS', 'open', 'mounted for writing'],
      ['EIO', 'read', 'a disk without errors'],
      ['EACCES', 'mkdir', 'this user may use'],
      ['EPERM', 'unlink', 'this user may use'],
      ['EADDRNOTAVAIL', 'connect', 'a free port'],
    ];
    for (const [code, syscall, expected] of known) {
      const problem = machineError(errno(code, syscall), 'writing the journal')?.problem;
      expect(problem?.expected, code).to.contain(expected);
      expect(problem, code).to.include({ what: 'writing the journal', isMachine: true });
    }
  });

  it('is known as the cause of what a driver says', () => {
    const told = driverFailure(errno('EMFILE', 'connect'), 'PostgreSQL at here:1');
    expect(machineError(told, 'asking')?.problem.expected).to.contain('file descriptors');
    expect(() => reasonOf(told)).to.throw(told);
    expect(reasonOf(driverFailure(errno('ECONNREFUSED', 'connect'), 'it'))).to.contain('REFUSED');
  });

  it('is a permission too, where it ends something, and is a reason where it was asked for', () => {
    const closed = errno('EACCES', 'mkdir');
    expect(machineError(closed, 'making a folder')?.problem.hint).to.contain('ls -ld');
    expect(reasonOf(closed)).to.equal(closed.message);
  });

  it('is nothing else', () => {
    for (const [code, syscall] of [
      ['ENOENT', 'open'],
      ['EACCES', 'spawn /bin/true'],
      ['EACCES', 'listen'],
      ['EPERM', 'kill'],
      ['EAGAIN', 'read'],
      ['ECONNREFUSED', 'connect'],
    ] as const) {
      expect(machineError(errno(code, syscall), ''), code).to.equal(null);
    }
    expect(machineError(new Error('No space left on device'), ''), 'no code').to.equal(null);
  });

  it('stays what it is when it was told already, and is no reason for a step that failed', () => {
    const problem = { what: 'west', expected: 'memory', found: 'none', hint: '' };
    const told = new EnvironmentError({ ...problem, isMachine: true });
    expect(machineError(told, 'asking')).to.equal(told);
    expect(() => reasonOf(told)).to.throw(told);
    expect(reasonOf(new EnvironmentError(problem))).to.contain('found none');
  });

  it('is told where not even a program can be started', async () => {
    const child = spawn('/nonexistent/program', []);
    expect(describeExit(await exitOf(child))).to.match(
      /^it could not be started: spawn .* ENOENT$/,
    );
    const { problem } = await runToEnd('/nonexistent/program', [], { atMost_ms: 1_000 });
    expect(problem).to.equal('ENOENT');
  });

  it('is no answer of those who were to be asked: where nothing can be asked, nothing is proved', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const module = (path: string) =>
      JSON.stringify(new URL(`../../../dist/${path}`, import.meta.url));
    const script = `
      import { openSync } from 'node:fs';
      import { mayListen } from ${module('host/http.js')};
      import { probe } from ${module('host/probe.js')};
      const at = { host: '127.0.0.1', port: ${port} };
      const asked = () => [mayListen(at, 'run', 500), probe(at.host, at.port, 50)];
      const said = (all) => all.map((each) => each.value?.detail ?? each.reason.code).join();
      const before = said(await Promise.allSettled(asked()));
      try { for (;;) openSync('/dev/null'); } catch {}
      console.log(before + ' / ' + said(await Promise.allSettled(asked())));
      process.exit();`;
    const node = [process.execPath, '--input-type=module', '-e', script];
    const child = spawn('sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', ...node]);
    let heard = '';
    child.stdout.on('data', (text: Buffer) => (heard += text.toString()));
    await once(child, 'close');
    server.close();
    expect(heard).to.match(/^connected.*nothing was heard.* \/ EMFILE,EMFILE\n$/);
  });
});

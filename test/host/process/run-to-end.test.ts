// Short commands, run to their end.
import { expect } from 'chai';
import { runToEnd } from '../../../src/host/process/run-to-end.ts';

const AT_MOST = { atMost_ms: 10_000 };

describe('a command that is run to its end', () => {
  it('gives what it said on both streams, and was given', async () => {
    const script = 'read line; echo "heard $line"; echo trouble >&2';
    const end = await runToEnd('/bin/sh', ['-c', script], { ...AT_MOST, input: 'hello\n' });
    expect(end.stdout).to.equal('heard hello\n');
    expect(end.all).to.include('heard hello\n').and.to.include('trouble\n');
    expect(end.problem).to.equal(null);
  });

  it('says how it ended', async () => {
    const end = await runToEnd('/bin/sh', ['-c', 'exit 3'], AT_MOST);
    expect(end.problem).to.equal('exit code 3');
  });

  it('gives the error code of what cannot be started', async () => {
    expect((await runToEnd('/nowhere/at/all', [], AT_MOST)).problem).to.equal('ENOENT');
    expect((await runToEnd('/etc/passwd', [], AT_MOST)).problem).to.equal('EACCES');
  });

  it('is killed when it takes too long, and when its signal aborts', async () => {
    const slow = await runToEnd('/bin/sleep', ['60'], { atMost_ms: 20 });
    expect(slow.problem).to.equal('SIGKILL');
    const stopped = new AbortController();
    const running = runToEnd('/bin/sleep', ['60'], { ...AT_MOST, signal: stopped.signal });
    stopped.abort();
    expect((await running).problem).to.equal('ABORT_ERR');
  });

  it('has the environment that it is given, and no other', async () => {
    const environment = { ONLY: 'this' };
    const { stdout } = await runToEnd('/usr/bin/env', [], { ...AT_MOST, environment });
    expect(stdout).to.equal('ONLY=this\n');
  });
});

// What happens when a proxy server cannot start, dies, hangs, or talks nonsense: a clear error, in
// bounded time.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostClock } from '../../src/host/clock.ts';
import { sendSignal, untilGone } from '../../src/host/process/processes.ts';
import { connectClient, originOf } from '../../src/link/client.ts';
import { LinkError } from '../../src/link/links.ts';
import { startLinks } from '../../src/link/start.ts';
import { SERVERS, startTestedLinks } from '../support/servers/toxiproxy.ts';

const GONE_AT_MOST_MS = 5_000;

for (const server of SERVERS) {
  describe(`a failing ${server}`, () => {
    it('is told when it is killed, and every call then fails and names the server', async function () {
      let tell: (exit: unknown) => void;
      const exited = new Promise((resolve) => (tell = resolve));
      const started = await startTestedLinks(this, server, { onExit: (exit) => tell(exit) });
      try {
        const link = started.links.create('east-west');
        await link.addProxy('east-west.a', { host: '127.0.0.1', port: 1 });
        sendSignal(started.pid, 'SIGKILL');
        expect(await exited).to.deep.equal({ code: null, signal: 'SIGKILL' });
        const calls = [
          () => link.sever(),
          () => link.restore(),
          () => link.isSevered(),
          () => link.delay(1, 0),
        ];
        for (const call of calls) {
          const error = await rejection(call());
          expect(error).to.be.instanceOf(LinkError);
          expect(error.message)
            .to.include(originOf(started.links.url))
            .and.include('cannot be reached');
        }
      } finally {
        await started.stop();
      }
    });

    it('that is stopped does not answer, and a call ends at its time limit', async function () {
      const started = await startTestedLinks(this, server);
      try {
        const client = connectClient(started.links.url, 200);
        sendSignal(started.pid, 'SIGSTOP');
        // The signal takes effect a moment after the call.
        await hostClock().sleep(100);
        const error = await rejection(client.proxies());
        expect(error.message).to.match(/^GET \/proxies: .* did not answer within 200 ms$/);
      } finally {
        sendSignal(started.pid, 'SIGCONT');
        await started.stop();
      }
    });

    it('is gone after its stop, and nobody is told that it ended', async function () {
      let told = 0;
      const started = await startTestedLinks(this, server, { onExit: () => (told += 1) });
      await started.stop();
      expect(await untilGone([started.pid], hostClock(), 0)).to.deep.equal([]);
      expect(told).to.equal(0);
    });
  });
}

describe('starting a proxy server', () => {
  let folder = '';
  let logFile = '';
  const environment = { PATH: process.env['PATH'] };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-link-'));
    logFile = join(folder, 'proxy.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const fakeServer = (lines: string) => {
    const path = join(folder, 'toxiproxy-server');
    writeFileSync(path, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
    return path;
  };

  it('says with which exit code one ended that ends at once', async () => {
    const toxiproxyServer = fakeServer('echo the disk is full >&2; exit 3');
    const { message } = await rejection(startLinks({ environment, logFile, toxiproxyServer }));
    expect(message).to.include(`start ${toxiproxyServer}: it ended with exit code 3`);
  });

  it('says so when there is no such program', async () => {
    const toxiproxyServer = join(folder, 'nowhere');
    const error = await rejection(startLinks({ environment, logFile, toxiproxyServer }));
    expect(error).to.be.instanceOf(LinkError);
    expect(error.message).to.include(toxiproxyServer).and.include('ENOENT');
  });

  it('takes another port when the first one was taken meanwhile, and gives up in the end', async () => {
    const tries = join(folder, 'tries');
    const toxiproxyServer = fakeServer(
      `echo x >> ${tries}; echo "bind: address already in use" >&2; exit 1`,
    );
    await rejection(startLinks({ environment, logFile, toxiproxyServer }));
    expect(readFileSync(tries, 'utf8')).to.equal('x\n'.repeat(5));
  });

  it('ends when it is aborted, and leaves no process', async () => {
    const pidFile = join(folder, 'pid');
    const toxiproxyServer = fakeServer(`echo $$ > ${pidFile}; exec sleep 60`);
    const abort = new AbortController();
    const starting = startLinks({ environment, logFile, toxiproxyServer, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 200);
    expect((await rejection(starting)).message).to.equal('enough');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(await untilGone([pid], hostClock(), 0)).to.deep.equal([]);
  });

  for (const stays of [false, true]) {
    const title = stays
      ? 'lets the built-in one outlive its parent when it was asked to stay'
      : 'ends the built-in one when its parent is killed';
    it(title, async () => {
      const start = new URL('../../src/link/start.ts', import.meta.url).href;
      const code = `
        const { startLinks } = await import(${JSON.stringify(start)});
        const options = { environment: process.env, toxiproxyServer: null };
        const started = await startLinks({ ...options, logFile: ${JSON.stringify(logFile)} });
        if (${stays}) await started.stay();
        console.log(started.pid, started.links.url);`;
      const flags = ['--import=tsx', '--input-type=module', '-e', code];
      const parent = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const [pid, url] = line.toString().trim().split(' ') as [string, string];
      parent.kill('SIGKILL');
      await once(parent, 'exit');
      if (stays) {
        await hostClock().sleep(300);
        expect(await connectClient(url).proxies()).to.have.property('size', 0);
        sendSignal(Number(pid), 'SIGKILL');
      }
      expect(await untilGone([Number(pid)], hostClock(), GONE_AT_MOST_MS)).to.deep.equal([]);
    });
  }
});

describe('the client of a proxy server', () => {
  it('says what it found when something else answers', async () => {
    const server = createServer((_request, response) => response.end('<html>hello</html>'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = connectClient(url);
    const version = await rejection(client.version());
    expect(version.message).to.include('expected the version').and.include('<html>');
    expect((await rejection(client.proxies())).message).to.include('expected JSON');
    server.closeAllConnections();
    server.close();
  });

  it('names an address where nothing listens', async () => {
    const error = await rejection(connectClient('http://127.0.0.1:1').version());
    expect(error).to.be.instanceOf(LinkError);
    expect(error.message).to.include('http://127.0.0.1:1 cannot be reached');
  });
});

async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}

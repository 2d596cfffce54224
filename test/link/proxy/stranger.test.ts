// Who may steer the built-in proxy, and from where: nobody without the token of its run, and nobody
// from another machine.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { originOf } from '../../../src/link/client.ts';
import { startLinks, type StartedLinks } from '../../../src/link/start.ts';

const MAIN = fileURLToPath(new URL('../../../src/link/proxy/main.ts', import.meta.url));

describe('the built-in proxy', () => {
  let folder: string;
  let started: StartedLinks;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drill-stranger-'));
    const environment = { PATH: process.env['PATH'] };
    const logFile = join(folder, 'log');
    started = await startLinks({ environment, logFile, toxiproxyServer: null, seed: 1 });
    await started.links.create('a').addProxy('a.one', { host: '127.0.0.1', port: 9 });
  });
  after(async () => {
    await started.stop();
    rmSync(folder, { recursive: true });
  });

  const ask = async (url: string, method = 'GET', body?: object) => {
    const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
    return { status: response.status, text: await response.text() };
  };
  const proxies = async () =>
    JSON.parse((await ask(`${started.links.url}/proxies`)).text) as object;

  it('does nothing for who does not know the token of its run', async () => {
    const origin = originOf(started.links.url);
    const token = started.links.url.slice(origin.length + 1);
    expect(token).to.match(/^[0-9a-f]{48}$/);
    const before = await proxies();
    for (const base of ['', `/${token.slice(1)}`, `/${token}0`, '/', `/%20${token}`]) {
      for (const [method, path] of [
        ['GET', '/version'],
        ['GET', '/proxies'],
        ['POST', '/reset'],
        ['DELETE', '/proxies/a.one'],
        ['POST', '/proxies/a.one'],
      ] as const) {
        const { status, text } = await ask(
          origin + base + path,
          method,
          method === 'POST' ? { enabled: false } : undefined,
        );
        expect(status, base + path).to.equal(401);
        expect(text).to.contain('expected the token of the run').and.not.contain(token);
      }
    }
    expect(await proxies()).to.deep.equal(before);
  });

  it('has no token on a command line or in its log', () => {
    const token = started.links.url.split('/').at(-1)!;
    expect(readFileSync(`/proc/${started.pid}/cmdline`, 'latin1')).not.to.contain(token);
    expect(readFileSync(join(folder, 'log'), 'utf8')).not.to.contain(token);
  });

  it('makes no proxy where other machines reach it', async () => {
    for (const listen of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0']) {
      const body = { name: 'b', listen, upstream: '127.0.0.1:9' };
      const { status, text } = await ask(`${started.links.url}/proxies`, 'POST', body);
      expect(status, text).to.equal(500);
      expect(text).to.contain('not on loopback');
      // Nor is one moved there, nor enabled there by a reset.
      const disabled = { ...body, name: 'c', enabled: false };
      expect((await ask(`${started.links.url}/proxies`, 'POST', disabled)).status).to.equal(201);
      expect((await ask(`${started.links.url}/reset`, 'POST')).status).to.equal(500);
      await ask(`${started.links.url}/proxies/c`, 'DELETE');
    }
    for (const listen of ['127.0.0.1:0', 'localhost:0', ':0', '127.3.2.1:0']) {
      const body = { name: 'd', listen, upstream: '127.0.0.1:9' };
      expect((await ask(`${started.links.url}/proxies`, 'POST', body)).status, listen).to.equal(
        201,
      );
      await ask(`${started.links.url}/proxies/d`, 'DELETE');
    }
  });

  it('listens on loopback only, unless it is told otherwise', async () => {
    const begin = (...args: string[]) =>
      spawn(process.execPath, ['--import=tsx', MAIN, '-port', '0', ...args]);
    const refused = begin('-host', '0.0.0.0');
    const said = textOf(refused.stderr);
    const [code] = (await once(refused, 'exit')) as [number];
    expect(code).to.equal(1);
    expect(await said).to.match(
      /expected -host 127\.0\.0\.1, .*found 0\.0\.0\.0; -anywhere allows/,
    );
    const allowed = begin('-host', '0.0.0.0', '-anywhere');
    const [line] = (await once(allowed.stdout, 'data')) as [Buffer];
    allowed.kill('SIGKILL');
    expect(line.toString()).to.match(/listens on 0\.0\.0\.0:\d+/);
  });
});

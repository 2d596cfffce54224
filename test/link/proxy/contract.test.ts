// The contract of the proxy API, run against toxiproxy-server and the built-in proxy alike: every
// call, its status, its JSON, its errors. Toxics have files of their own.
import { expect } from 'chai';
import { echo, startTcpServer, TcpClient, type TcpServer } from '../../support/servers/tcp.ts';
import {
  ask,
  expectError,
  portOf,
  SERVERS,
  startTestedLinks,
  type ProxyJson,
  type TestedLinks,
} from '../../support/servers/toxiproxy.ts';

for (const server of SERVERS) {
  describe(`the proxy API of ${server}`, () => {
    let started: TestedLinks;
    let upstream: TcpServer;
    let count = 0;
    let name = '';

    before(async function () {
      started = await startTestedLinks(this, server);
      upstream = await startTcpServer(echo);
    });
    after(async () => {
      await started?.stop();
      await upstream?.close();
    });
    beforeEach(() => {
      count += 1;
      name = `proxy-${count}`;
    });

    const call = (method: string, path: string, body?: unknown) => {
      return ask(started.links.url, method, path, body);
    };
    const create = async (more: object = {}) => {
      const body = { name, listen: '127.0.0.1:0', upstream: upstream.address, ...more };
      const reply = await call('POST', '/proxies', body);
      expect(reply.status).to.equal(201);
      return reply.body as ProxyJson;
    };
    const addToxic = (body: unknown) => call('POST', `/proxies/${name}/toxics`, body);
    const isForwarding = async ({ listen }: ProxyJson) => {
      const client = await TcpClient.to(portOf(listen)).catch(() => null);
      if (client === null) return false;
      client.send('x');
      const hasAnswered = await client.received(1).then(
        () => true,
        () => false,
      );
      client.close();
      return hasAnswered;
    };

    it('tells its version', async () => {
      const { status, body } = await call('GET', '/version');
      expect(status).to.equal(200);
      expect((body as { version: unknown }).version).to.be.a('string');
    });

    it('creates an enabled proxy and states the real port for port 0', async () => {
      const proxy = await create();
      const { listen, ...rest } = withoutLogger(proxy);
      expect(rest).to.deep.equal({ name, upstream: upstream.address, enabled: true, toxics: [] });
      expect(listen).to.match(/^127\.0\.0\.1:[1-9]\d*$/);
      expect(await isForwarding(proxy)).to.equal(true);
    });

    it('creates a disabled proxy that does not listen', async () => {
      const proxy = await create({ enabled: false });
      expect(proxy).to.include({ enabled: false, listen: '127.0.0.1:0' });
    });

    it('shows one proxy and all proxies by name', async () => {
      const created = await create();
      expect(await call('GET', `/proxies/${name}`)).to.deep.equal({ status: 200, body: created });
      const { status, body } = await call('GET', '/proxies');
      expect(status).to.equal(200);
      expect((body as Record<string, unknown>)[name]).to.deep.equal(created);
    });

    it('disables and enables a proxy on its port, by POST and by PATCH', async () => {
      const proxy = await create();
      const off = await call('POST', `/proxies/${name}`, { enabled: false });
      expect(off).to.deep.equal({ status: 200, body: { ...proxy, enabled: false } });
      expect(await isForwarding(proxy)).to.equal(false);
      const on = await call('PATCH', `/proxies/${name}`, { enabled: true });
      expect(on).to.deep.equal({ status: 200, body: proxy });
      expect(await isForwarding(proxy)).to.equal(true);
    });

    it('closes open connections at once when a proxy is disabled', async () => {
      const { listen } = await create();
      const client = await TcpClient.to(portOf(listen));
      client.send('x');
      await client.received(1);
      await call('POST', `/proxies/${name}`, { enabled: false });
      expect((await client.ended()).by).to.be.oneOf(['end', 'ECONNRESET']);
    });

    it('moves a proxy to another upstream on the same port', async () => {
      const proxy = await create({ upstream: '127.0.0.1:1' });
      expect(await isForwarding(proxy)).to.equal(false);
      const moved = await call('POST', `/proxies/${name}`, { upstream: upstream.address });
      expect(moved.body).to.include({ listen: proxy.listen, upstream: upstream.address });
      expect(await isForwarding(proxy)).to.equal(true);
    });

    it('moves a proxy to another listening address', async () => {
      const proxy = await create();
      const { body } = await call('POST', `/proxies/${name}`, { listen: '127.0.0.1:0' });
      expect((body as ProxyJson).listen).to.not.equal(proxy.listen);
      expect(await isForwarding(proxy)).to.equal(false);
      expect(await isForwarding(body as ProxyJson)).to.equal(true);
    });

    it('accepts and then closes when the upstream is dead', async () => {
      const { listen } = await create({ upstream: '127.0.0.1:1' });
      const client = await TcpClient.to(portOf(listen));
      expect((await client.ended()).bytes.length).to.equal(0);
    });

    it('deletes a proxy with its listener', async () => {
      const proxy = await create();
      expect((await call('DELETE', `/proxies/${name}`)).status).to.equal(204);
      expect(await isForwarding(proxy)).to.equal(false);
      expectError(await call('GET', `/proxies/${name}`), 404, 'proxy not found');
    });

    it('answers 404 for a proxy that is not there, whatever is asked of it', async () => {
      for (const [method, path] of [
        ['GET', ''],
        ['POST', ''],
        ['DELETE', ''],
        ['GET', '/toxics'],
        ['POST', '/toxics'],
        ['GET', '/toxics/t'],
        ['POST', '/toxics/t'],
        ['DELETE', '/toxics/t'],
      ] as const) {
        const body = method === 'POST' ? {} : undefined;
        expectError(await call(method, `/proxies/none${path}`, body), 404, 'proxy not found');
      }
    });

    it('answers 409 for a name that is taken', async () => {
      await create();
      const again = { name, listen: '127.0.0.1:0', upstream: upstream.address };
      expectError(await call('POST', '/proxies', again), 409, 'proxy already exists');
    });

    it('answers 400 for a missing field and for a body that is not what it should be', async () => {
      const missing = (body: object) => call('POST', '/proxies', body);
      expectError(await missing({ upstream: 'a:1' }), 400, 'missing required field: name');
      expectError(await missing({ name: 'x' }), 400, 'missing required field: upstream');
      await create();
      for (const body of ['', '{broken', '[]', '{"name":5}', '{"enabled":"yes"}']) {
        expectError(await call('POST', '/proxies', body), 400, /^bad request body: /);
        const isUsable = body === '{"name":5}';
        if (!isUsable) {
          expectError(await call('POST', `/proxies/${name}`, body), 400, /^bad request body: /);
        }
      }
    });

    it('answers 500 with the reason when it cannot listen', async () => {
      const { listen } = await create();
      const taken = { name: `${name}-b`, listen, upstream: upstream.address };
      expectError(await call('POST', '/proxies', taken), 500, /address already in use/);
      for (const [bad, reason] of [
        ['nonsense', /missing port in address/],
        ['127.0.0.1:99999', /invalid port/],
      ] as const) {
        expectError(await call('POST', '/proxies', { ...taken, listen: bad }), 500, reason);
      }
      expectError(await call('GET', `/proxies/${name}-b`), 404, 'proxy not found');
    });

    it('answers 404 for an unknown path and 405 for a wrong method', async () => {
      expect((await call('GET', '/nowhere')).status).to.equal(404);
      expect((await call('PUT', '/proxies')).status).to.equal(405);
    });

    it('on reset removes every toxic and enables every proxy', async () => {
      const proxy = await create();
      await addToxic({ type: 'timeout' });
      await call('POST', `/proxies/${name}`, { enabled: false });
      expect((await call('POST', '/reset')).status).to.equal(204);
      expect(await call('GET', `/proxies/${name}`)).to.deep.equal({ status: 200, body: proxy });
      expect(await isForwarding(proxy)).to.equal(true);
    });
  });
}

/** Toxiproxy shows an empty `Logger` too. */
function withoutLogger(proxy: ProxyJson): ProxyJson {
  const { Logger: _, ...rest } = proxy as ProxyJson & { Logger?: unknown };
  return rest;
}

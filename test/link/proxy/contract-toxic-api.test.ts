// The contract of the proxy API's toxics, against both proxy servers: what can be asked, and the
// answers. What toxics do to the bytes is in contract-toxics.test.ts.
import { expect } from 'chai';
import {
  ask,
  expectError,
  SERVERS,
  startTestedLinks,
  type ProxyJson,
  type Reply,
  type TestedLinks,
} from '../../support/servers/toxiproxy.ts';

for (const server of SERVERS) {
  describe(`toxics in the proxy API of ${server}`, () => {
    let started: TestedLinks;
    let count = 0;
    let name = '';

    before(async function () {
      started = await startTestedLinks(this, server);
    });
    after(async () => {
      await started?.stop();
    });
    beforeEach(async () => {
      count += 1;
      name = `proxy-${count}`;
      const body = { name, listen: '127.0.0.1:0', upstream: '127.0.0.1:1' };
      expect((await call('POST', '/proxies', body)).status).to.equal(201);
    });

    const call = (method: string, path: string, body?: unknown) => {
      return ask(started.links.url, method, path, body);
    };
    const addToxic = (body: unknown) => call('POST', `/proxies/${name}/toxics`, body);

    it('adds a toxic with its defaults and shows it', async () => {
      const toxic = {
        attributes: { latency: 7, jitter: 0 },
        name: 'latency_downstream',
        type: 'latency',
        stream: 'downstream',
        toxicity: 1,
      };
      const attributes = { latency: 7, unknown: 1 };
      expect(await addToxic({ type: 'latency', attributes })).to.deep.equal(ok(toxic));
      const path = `/proxies/${name}/toxics`;
      expect(await call('GET', path)).to.deep.equal(ok([toxic]));
      expect(await call('GET', `${path}/latency_downstream`)).to.deep.equal(ok(toxic));
      const { body } = await call('GET', `/proxies/${name}`);
      expect((body as ProxyJson).toxics).to.deep.equal([toxic]);
    });

    it('reads keys in any case of letters', async () => {
      const wanted = {
        Name: 'B',
        STREAM: 'upstream',
        Type: 'bandwidth',
        Attributes: { Rate: 100 },
      };
      const { status, body } = await addToxic(wanted);
      expect(status).to.equal(200);
      expect(body).to.deep.include({ name: 'B', stream: 'upstream', type: 'bandwidth' });
      expect((body as { attributes: object }).attributes).to.deep.equal({ rate: 100 });
      const other = { Name: `${name}-cap`, Listen: '127.0.0.1:0', uPStream: '127.0.0.1:1' };
      const made = await call('POST', '/proxies', other);
      expect(made.status).to.equal(201);
      expect(made.body).to.deep.include({ name: `${name}-cap`, upstream: '127.0.0.1:1' });
    });

    it('takes whole numbers that are longer than a double holds', async () => {
      const { status } = await addToxic({ type: 'limit_data', attributes: { bytes: 2 ** 60 } });
      expect(status).to.equal(200);
    });

    it('reads the first document of a body, and gives its answers a number', async () => {
      const text = '{"type":"latency","attributes":{"latency":3}} {"type":"none"} rest';
      const reply = await fetch(`${started.links.url}/proxies/${name}/toxics`, {
        method: 'POST',
        body: text,
      });
      expect(reply.status).to.equal(200);
      expect(reply.headers.get('x-toxiproxy-request-id')).to.match(/^[0-9a-z]{20}$/);
      expect(await reply.json()).to.deep.include({ type: 'latency' });
    });

    it('knows every toxic and its settings', async () => {
      for (const [type, attributes] of Object.entries({
        latency: { latency: 0, jitter: 0 },
        bandwidth: { rate: 0 },
        timeout: { timeout: 0 },
        reset_peer: { timeout: 0 },
        slow_close: { delay: 0 },
        slicer: { average_size: 0, size_variation: 0, delay: 0 },
        limit_data: { bytes: 0 },
      })) {
        const body = { name: `a-${type}`, type, stream: 'upstream', toxicity: 0.5, attributes };
        expect(await addToxic({ ...body, attributes: {} })).to.deep.equal(ok(body));
      }
    });

    it('lists upstream toxics first, in the order in which they were added', async () => {
      for (const [name, stream] of [
        ['a', 'downstream'],
        ['b', 'upstream'],
        ['c', 'UPSTREAM'],
      ]) {
        await addToxic({ name, stream, type: 'latency' });
      }
      const { body } = await call('GET', `/proxies/${name}/toxics`);
      expect((body as { name: string }[]).map(({ name }) => name)).to.deep.equal(['b', 'c', 'a']);
    });

    it('merges a partial update, and changes neither name nor type nor stream', async () => {
      await addToxic({ type: 'latency', attributes: { latency: 7 } });
      const path = `/proxies/${name}/toxics/latency_downstream`;
      const jitter = await call('POST', path, { attributes: { jitter: 3 } });
      expect(jitter.body).to.deep.include({ attributes: { latency: 7, jitter: 3 }, toxicity: 1 });
      const change = { toxicity: 0.25, stream: 'upstream', type: 'timeout', name: 'other' };
      expect((await call('PATCH', path, change)).body).to.deep.equal({
        attributes: { latency: 7, jitter: 3 },
        name: 'latency_downstream',
        type: 'latency',
        stream: 'downstream',
        toxicity: 0.25,
      });
    });

    it('removes a toxic', async () => {
      await addToxic({ type: 'latency' });
      const path = `/proxies/${name}/toxics/latency_downstream`;
      expect((await call('DELETE', path)).status).to.equal(204);
      expectError(await call('DELETE', path), 404, 'toxic not found');
      expectError(await call('GET', path), 404, 'toxic not found');
      expectError(await call('POST', path, {}), 404, 'toxic not found');
    });

    it('refuses a toxic that it does not know, twice, or with bad settings', async () => {
      expectError(await addToxic({ type: 'nope' }), 400, 'invalid toxic type');
      expectError(await addToxic({ name: 'n' }), 400, 'invalid toxic type');
      expectError(
        await addToxic({ type: 'latency', stream: 'sideways' }),
        400,
        /^stream was invalid/,
      );
      await addToxic({ type: 'latency' });
      expectError(await addToxic({ type: 'latency' }), 409, 'toxic already exists');
      for (const latency of ['x', 1.5]) {
        const toxic = { name: 'q', type: 'latency', attributes: { latency } };
        expectError(await addToxic(toxic), 400, /^bad request body: /);
        const path = `/proxies/${name}/toxics/latency_downstream`;
        expectError(await call('POST', path, toxic), 400, /^bad request body: /);
      }
      expectError(await addToxic('{broken'), 400, /^bad request body: /);
    });
  });
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

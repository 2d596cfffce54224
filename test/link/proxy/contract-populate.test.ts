// The contract of `POST /populate`, against both proxy servers.
import { expect } from 'chai';
import { freePort } from '../../../src/host/ports.ts';
import {
  ask,
  SERVERS,
  startTestedLinks,
  type TestedLinks,
} from '../../support/servers/toxiproxy.ts';

const UPSTREAM = '127.0.0.1:1';

interface Populated {
  readonly error?: string;
  readonly proxies: readonly { name: string; enabled: boolean; toxics: unknown[] }[] | null;
}

for (const server of SERVERS) {
  describe(`populate of ${server}`, () => {
    let started: TestedLinks;
    let listen = '';

    beforeEach(async function () {
      started = await startTestedLinks(this, server);
      listen = `127.0.0.1:${await freePort()}`;
    });
    afterEach(async () => {
      await started?.stop();
    });

    const populate = async (...wanted: unknown[]) => {
      const { status, body } = await ask(started.links.url, 'POST', '/populate', wanted);
      return { status, ...(body as Populated) };
    };
    const show = async (name: string) =>
      (await ask(started.links.url, 'GET', `/proxies/${name}`)).body;

    it('creates every proxy and answers with them in order', async () => {
      const other = `127.0.0.1:${await freePort()}`;
      const { status, proxies } = await populate(
        { name: 'b', listen, upstream: UPSTREAM },
        { name: 'a', listen: other, upstream: UPSTREAM, enabled: false },
      );
      expect(status).to.equal(201);
      expect(proxies?.map(({ name, enabled }) => [name, enabled])).to.deep.equal([
        ['b', true],
        ['a', false],
      ]);
    });

    it('keeps a proxy whose addresses stay the same, with its toxics, enabled as it was', async () => {
      await populate({ name: 'a', listen, upstream: UPSTREAM });
      await ask(started.links.url, 'POST', '/proxies/a/toxics', { type: 'latency' });
      const before = await show('a');
      await populate({ name: 'a', listen, upstream: UPSTREAM, enabled: false });
      expect(await show('a'))
        .to.deep.equal(before)
        .and.include({ enabled: true });
    });

    it('replaces a proxy that has another upstream now, and drops its toxics', async () => {
      await populate({ name: 'a', listen, upstream: UPSTREAM });
      await ask(started.links.url, 'POST', '/proxies/a/toxics', { type: 'latency' });
      const { proxies } = await populate({ name: 'a', listen, upstream: '127.0.0.1:2' });
      expect(proxies?.[0]).to.deep.include({ upstream: '127.0.0.1:2', listen, toxics: [] });
    });

    it('stops at a port that is taken and answers with the proxies before it', async () => {
      const { status, error, proxies } = await populate(
        { name: 'a', listen, upstream: UPSTREAM },
        { name: 'b', listen, upstream: UPSTREAM },
      );
      expect(status).to.equal(500);
      expect(error).to.include('address already in use');
      expect(proxies?.map(({ name }) => name)).to.deep.equal(['a']);
    });

    it('changes nothing when one of the proxies lacks a field', async () => {
      const { status, error, proxies } = await populate(
        { name: 'a', listen, upstream: UPSTREAM },
        { listen, upstream: UPSTREAM },
      );
      expect({ status, error, proxies }).to.deep.equal({
        status: 400,
        error: 'missing required field: name at proxy 2',
        proxies: null,
      });
      expect((await ask(started.links.url, 'GET', '/proxies')).body).to.deep.equal({});
    });

    it('refuses a body that is not a list of proxies', async () => {
      for (const body of ['{}', 'x', '']) {
        const { status, body: answer } = await ask(started.links.url, 'POST', '/populate', body);
        expect(status).to.equal(400);
        expect((answer as Populated).error).to.match(/^bad request body: /);
      }
    });
  });
}

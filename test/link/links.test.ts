// Links on both proxy servers: cut, restored, delayed, and what a user is told when the server
// fails.
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Link, LinkError } from '../../src/link/links.ts';
import { echo, startTcpServer, TcpClient, type TcpServer } from '../support/servers/tcp.ts';
import { SERVERS, startTestedLinks, type TestedLinks } from '../support/servers/toxiproxy.ts';

for (const server of SERVERS) {
  describe(`links on ${server}`, () => {
    let started: TestedLinks;
    let upstream: TcpServer;
    let link: Link;
    let count = 0;

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
      link = started.links.create(`link-${count}`);
    });

    const add = (name: string) => {
      return link.addProxy(`${link.name}.${name}`, { host: '127.0.0.1', port: upstream.port });
    };

    it('says which server runs', () => {
      const expected = server === 'built-in' ? /^built-in$/ : /^toxiproxy \S+$/;
      expect(started.links.server).to.match(expected);
    });

    it('forwards each proxy of a link to its upstream on a port of its own', async () => {
      const [first, second] = [await add('a'), await add('b')];
      expect(first.port).to.not.equal(second.port);
      expect(link.proxies.map(({ name }) => name)).to.deep.equal([first.name, second.name]);
      for (const { port } of [first, second]) {
        const client = await TcpClient.to(port);
        client.send('hello');
        await client.received(5);
        expect(client.bytes().toString()).to.equal('hello');
        client.close();
      }
    });

    it('closes connections and refuses new ones on every proxy when cut', async () => {
      const ports = [(await add('a')).port, (await add('b')).port];
      const clients = await Promise.all(ports.map((port) => TcpClient.to(port)));
      for (const client of clients) client.send('x');
      await Promise.all(clients.map((client) => client.received(1)));
      expect(await link.isSevered()).to.equal(false);
      await link.sever();
      expect(await link.isSevered()).to.equal(true);
      for (const client of clients) await client.ended();
      for (const port of ports)
        expect(await rejection(TcpClient.to(port))).to.match(/ECONNREFUSED/);
    });

    it('may be cut twice and comes back on the same ports', async () => {
      const { port } = await add('a');
      await link.sever();
      await link.sever();
      await link.restore();
      expect(await link.isSevered()).to.equal(false);
      const client = await TcpClient.to(port);
      client.send('back');
      await client.received(4);
      client.close();
    });

    it('fails to restore with the address named when another process took the port', async () => {
      const { port, name } = await add('a');
      await link.sever();
      const thief = createServer().listen(port, '127.0.0.1');
      await once(thief, 'listening');
      const message = await rejection(link.restore());
      thief.close();
      await once(thief, 'close');
      expect(message).to.include(`restore link ${link.name}`).and.include(name);
      expect(message).to.include(`its address 127.0.0.1:${port}, found another process there`);
      await link.restore();
      expect(await link.isSevered()).to.equal(false);
    });

    it('keeps a proxy that is added to a cut link cut as well', async () => {
      await add('a');
      await link.sever();
      const { port } = await add('b');
      expect(await link.isSevered()).to.equal(true);
      expect(await rejection(TcpClient.to(port))).to.match(/ECONNREFUSED/);
      await link.restore();
      (await TcpClient.to(port)).close();
    });

    it('delays each way, on present and future proxies', async () => {
      const early = await add('early');
      await link.delay(60, 0);
      const late = await add('late');
      for (const { port } of [early, late]) {
        const client = await TcpClient.to(port);
        client.send('x');
        expect(await client.received(1)).to.be.at.least(116);
        client.close();
      }
    });

    it('changes the delay when it is set again', async () => {
      const { port } = await add('a');
      await link.delay(60_000, 0);
      await link.delay(30, 1);
      const client = await TcpClient.to(port);
      client.send('x');
      expect(await client.received(1)).to.be.at.least(56);
      client.close();
    });

    it('has a disturbance on every proxy until it is undone', async () => {
      const ports = [(await add('a')).port, (await add('b')).port];
      const attributes = { bytes: 3 };
      const shortened = link.disturb([
        { name: 'short', type: 'limit_data', stream: 'downstream', toxicity: 1, attributes },
      ]);
      await shortened.act();
      for (const port of ports) {
        const client = await TcpClient.to(port);
        client.send('12345');
        expect((await client.ended()).bytes.toString()).to.equal('123');
      }
      await shortened.undo();
      for (const port of ports) {
        const client = await TcpClient.to(port);
        client.send('12345');
        await client.received(5);
        client.close();
      }
    });

    it('says what was asked, the status and the reason when a toxic is refused', async () => {
      const { name } = await add('a');
      const toxic = { name: 't', type: 'nope', stream: 'upstream', toxicity: 1, attributes: {} };
      const refused = link.disturb([toxic as never]);
      const error = await refused.act().catch((error: unknown) => error);
      expect(error).to.be.instanceOf(LinkError);
      const [toxicName] = refused.entry.toxics;
      expect(error).to.include({
        status: 400,
        what: `add toxic ${toxicName} to link ${link.name}`,
      });
      expect((error as LinkError).message)
        .to.include(name)
        .and.include('invalid toxic type');
    });

    it('refuses names that the API could not address', async () => {
      expect(() => started.links.create('a/b')).to.throw(LinkError, /must not .* contain "\/"/);
      expect(await rejection(link.addProxy('a/b', { host: 'h', port: 1 }))).to.include('"a/b"');
    });

    it('names the links that there are when one is asked for that is not', () => {
      expect(() => started.links.get('nowhere')).to.throw(LinkError, /link-1/);
      expect(started.links.get(link.name)).to.equal(link);
      expect(() => started.links.create(link.name)).to.throw(LinkError, /there is one/);
    });
  });
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('expected a rejection');
}

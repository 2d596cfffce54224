// A link that swallows, on both proxy servers: bytes vanish each way, nobody is told, and afterwards
// everything is as before, but for what was cut meanwhile.
import { expect } from 'chai';
import type { Link } from '../../src/link/links.ts';
import { probe, connectTo } from '../../src/host/probe.ts';
import { echo, pause, startTcpServer, TcpClient, type TcpServer } from '../support/servers/tcp.ts';
import { ask, SERVERS, startTestedLinks, type TestedLinks } from '../support/servers/toxiproxy.ts';
import { BLACKHOLE } from '../../src/link/toxics.ts';

const SILENCE_MS = 150;

for (const server of SERVERS) {
  describe(`a black hole on ${server}`, () => {
    let started: TestedLinks;
    let upstream: TcpServer;
    let arrived: Buffer[];
    let link: Link;
    let count = 0;

    before(async function () {
      started = await startTestedLinks(this, server);
      upstream = await startTcpServer((socket) => {
        socket.on('data', (chunk) => arrived.push(chunk));
        echo(socket);
      });
    });
    after(async () => {
      await started?.stop();
      await upstream?.close();
    });
    beforeEach(() => {
      arrived = [];
      count += 1;
      link = started.links.create(`black-${count}`);
    });

    const add = (name: string) =>
      link.addProxy(`${link.name}.${name}`, { host: '127.0.0.1', port: upstream.port });
    const talking = async (port: number) => {
      const client = await TcpClient.to(port);
      client.send('hello');
      await client.received(5);
      return client;
    };
    const isOpen = ({ socket }: TcpClient) => !socket.readableEnded && !socket.destroyed;

    it('swallows what is sent each way, on old connections and new ones, and closes none', async () => {
      const { port } = await add('a');
      const old = await talking(port);
      const hole = link.disturb(BLACKHOLE);
      await hole.act();
      expect(await link.isSevered()).to.equal(false);
      const fresh = await TcpClient.to(port);
      old.send('lost');
      fresh.send('lost');
      for (const socket of upstream.sockets) socket.write('lost too');
      await pause(SILENCE_MS);
      expect(old.bytes().toString()).to.equal('hello');
      expect(fresh.bytes().toString()).to.equal('');
      expect(Buffer.concat(arrived).toString()).to.equal('hello');
      expect([isOpen(old), isOpen(fresh)]).to.deep.equal([true, true]);
      expect(await probe('127.0.0.1', port, SILENCE_MS)).to.include({ isSilent: true });
      old.close();
      fresh.close();
    });

    it('swallows on a proxy that is added later', async () => {
      await add('a');
      const hole = link.disturb(BLACKHOLE);
      await hole.act();
      const { port } = await add('b');
      expect(await probe('127.0.0.1', port, SILENCE_MS)).to.include({ isSilent: true });
      await hole.undo();
      (await talking(port)).close();
    });

    it('closes what was in it when it ends, and lets everything new pass', async () => {
      const { port } = await add('a');
      const old = await talking(port);
      const hole = link.disturb(BLACKHOLE);
      await hole.act();
      old.send('lost');
      await hole.undo();
      await old.ended();
      expect(Buffer.concat(arrived).toString()).to.equal('hello');
      (await talking(port)).close();
      expect((await probe('127.0.0.1', port, 5_000)).isSilent).to.equal(false);
    });

    it('may begin and end twice, and keeps the delay of the link', async () => {
      const { name } = await add('a');
      await link.delay(5, 0);
      const toxics = async () => {
        const { body } = await ask(started.links.url, 'GET', `/proxies/${name}/toxics`);
        return (body as { name: string }[]).map((toxic) => toxic.name).toSorted();
      };
      const delays = ['delay-downstream', 'delay-upstream'];
      const hole = link.disturb(BLACKHOLE);
      await hole.act();
      await hole.act();
      expect(await toxics()).to.deep.equal([...hole.entry.toxics.toSorted(), ...delays]);
      await hole.undo();
      await hole.undo();
      expect(await toxics()).to.deep.equal(delays);
    });

    it('leaves cut what was cut in it', async () => {
      const { port } = await add('a');
      const old = await talking(port);
      const hole = link.disturb(BLACKHOLE);
      await hole.act();
      await link.sever();
      await old.ended();
      await hole.undo();
      expect(await link.isSevered()).to.equal(true);
      expect(await connectTo('127.0.0.1', port, 1_000)).to.equal('refused');
      expect(await probe('127.0.0.1', port, SILENCE_MS)).to.deep.include({
        isSilent: false,
        detail: 'refused',
      });
      await link.restore();
      (await talking(port)).close();
    });

    it('is taken away from every proxy when it could not be made on all of them', async () => {
      const [first, second] = [await add('a'), await add('b')];
      const hole = link.disturb(BLACKHOLE);
      // In the way on one proxy only.
      await ask(started.links.url, 'POST', `/proxies/${second.name}/toxics`, {
        name: hole.entry.toxics[0],
        type: 'latency',
        stream: 'upstream',
      });
      let problem = '';
      await hole.act().catch((error: Error) => (problem = error.message));
      expect(problem).to.contain(second.name);
      await hole.undo();
      for (const { port } of [first, second]) (await talking(port)).close();
    });
  });
}

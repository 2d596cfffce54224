// The contract of the toxics, against both proxy servers, over real TCP and in both directions.
import { expect } from 'chai';
import type { Socket } from 'node:net';
import { hostNow } from '../../../src/host/clock.ts';
import {
  pause,
  startTcpServer,
  TcpClient,
  watch,
  type TcpServer,
} from '../../support/servers/tcp.ts';
import {
  ask,
  portOf,
  SERVERS,
  startTestedLinks,
  type ProxyJson,
  type TestedLinks,
} from '../../support/servers/toxiproxy.ts';

/** Timers of either server may be this much early by rounding. */
const EARLY_MS = 2;

for (const server of SERVERS) {
  for (const stream of ['upstream', 'downstream'] as const) {
    describe(`toxics of ${server}, ${stream}`, () => {
      let started: TestedLinks;
      let count = 0;
      let path = '';
      let port = 0;
      let far: TcpServer;
      let accepted: Socket[] = [];

      before(async function () {
        started = await startTestedLinks(this, server);
        far = await startTcpServer((socket) => accepted.push(socket));
      });
      after(async () => {
        await started?.stop();
        await far?.close();
      });
      beforeEach(async () => {
        accepted = [];
        count += 1;
        const body = { name: `p${count}`, listen: '127.0.0.1:0', upstream: far.address };
        const reply = await ask(started.links.url, 'POST', '/proxies', body);
        path = `/proxies/p${count}`;
        port = portOf((reply.body as ProxyJson).listen);
      });

      const add = async (type: string, attributes: object, toxicity = 1) => {
        const body = { name: 't', type, stream, toxicity, attributes };
        const reply = await ask(started.links.url, 'POST', `${path}/toxics`, body);
        expect(reply.status).to.equal(200);
      };
      const update = (body: object) => ask(started.links.url, 'POST', `${path}/toxics/t`, body);
      const remove = () => ask(started.links.url, 'DELETE', `${path}/toxics/t`);

      /** A connection seen from its sending and its receiving side, whichever is the client. */
      const open = async () => {
        const client = await TcpClient.to(port);
        for (let i = 0; accepted.length === 0; i++) {
          if (i === 200) throw new Error('nothing arrived at the upstream');
          await pause(5);
        }
        const other = accepted.shift()!;
        const isUp = stream === 'upstream';
        const sender = isUp ? client.socket : other;
        const receiver = watch(isUp ? other : client.socket);
        return { sender, receiver, close: () => (client.close(), other.destroy()) };
      };

      it('latency delays the bytes and keeps them whole', async () => {
        await add('latency', { latency: 80 });
        const { sender, receiver, close } = await open();
        sender.write('hello');
        const got = await receiver.until(5);
        expect(got.bytes.toString()).to.equal('hello');
        expect(got.first_ms).to.be.at.least(80 - EARLY_MS);
        close();
      });

      it('latency with jitter keeps the order of bytes', async () => {
        await add('latency', { latency: 20, jitter: 20 });
        const { sender, receiver, close } = await open();
        const sent = Buffer.alloc(200 * 4);
        for (let i = 0; i < 200; i++) {
          sent.writeUInt32BE(i, i * 4);
          sender.write(sent.subarray(i * 4, i * 4 + 4));
          if (i % 20 === 0) await pause(3);
        }
        expect((await receiver.until(sent.length)).bytes.equals(sent)).to.equal(true);
        close();
      });

      it('latency does not touch the other direction', async () => {
        await add('latency', { latency: 60_000 });
        const client = await TcpClient.to(port);
        while (accepted.length === 0) await pause(5);
        const other = accepted.shift()!;
        if (stream === 'upstream') {
          other.write('quick');
          await client.received(5);
        } else {
          const receiver = watch(other);
          client.send('quick');
          await receiver.until(5);
        }
        client.close();
        other.destroy();
      });

      it('a toxicity of 0 spares every connection', async () => {
        await add('timeout', { timeout: 10 }, 0);
        const { sender, receiver, close } = await open();
        await pause(40);
        sender.write('through');
        expect((await receiver.until(7)).bytes.toString()).to.equal('through');
        close();
      });

      it('a toxicity of a half spares some connections and not all', async () => {
        await add('timeout', { timeout: 0 }, 0.5);
        const connections = [];
        for (let i = 0; i < 24; i++) connections.push(await open());
        for (const { sender } of connections) sender.write('x');
        await pause(150);
        const passed = connections.filter(({ receiver }) => receiver.now().bytes.length === 1);
        expect(passed.length).to.be.within(1, 23);
        for (const { close } of connections) close();
      });

      it('bandwidth is never above the stated rate', async () => {
        await add('bandwidth', { rate: 100 });
        const { sender, receiver, close } = await open();
        const from = hostNow();
        sender.write(Buffer.alloc(50_000));
        await receiver.until(50_000);
        expect(hostNow() - from).to.be.at.least(380);
        close();
      });

      it('bandwidth of 0 lets nothing through until it is raised', async () => {
        await add('bandwidth', { rate: 0 });
        const { sender, receiver, close } = await open();
        sender.write('held');
        await pause(60);
        expect(receiver.now().bytes.length).to.equal(0);
        await update({ attributes: { rate: 1_000 } });
        expect((await receiver.until(4)).bytes.toString()).to.equal('held');
        close();
      });

      it('timeout lets nothing through and closes after its time', async () => {
        await add('timeout', { timeout: 100 });
        const { sender, receiver } = await open();
        sender.write('x');
        const end = await receiver.end();
        expect(end.bytes.length).to.equal(0);
        expect(end.ended_ms).to.be.at.least(100 - EARLY_MS - 20);
      });

      it('timeout of 0 holds the connection open, and removing it closes the connection', async () => {
        await add('timeout', { timeout: 0 });
        const { sender, receiver } = await open();
        sender.write('x');
        await pause(80);
        expect(receiver.now()).to.deep.include({ ended_ms: null, reads: [] });
        expect((await remove()).status).to.equal(204);
        expect((await receiver.end()).bytes.length).to.equal(0);
      });

      it('reset_peer ends the connection with a real RST on both sides', async () => {
        await add('reset_peer', { timeout: 50 });
        const { sender, receiver } = await open();
        const back = watch(sender);
        sender.write('x');
        const [there, here] = await Promise.all([receiver.end(), back.end()]);
        expect([there.by, here.by]).to.deep.equal(['ECONNRESET', 'ECONNRESET']);
        expect(there.bytes.length).to.equal(0);
        expect(there.ended_ms).to.be.at.least(50 - EARLY_MS - 20);
      });

      it('slow_close passes data at once and the end later', async () => {
        await add('slow_close', { delay: 150 });
        const { sender, receiver, close } = await open();
        sender.end('bye');
        const end = await receiver.end();
        expect(end.bytes.toString()).to.equal('bye');
        expect(end.ended_ms! - end.first_ms).to.be.at.least(150 - EARLY_MS - 10);
        close();
      });

      it('slicer cuts the data into slices and keeps them in order', async () => {
        await add('slicer', { average_size: 50, size_variation: 10, delay: 3_000 });
        const { sender, receiver, close } = await open();
        const sent = Buffer.from(Array.from({ length: 500 }, (_, i) => i % 251));
        sender.write(sent);
        const got = await receiver.until(500);
        expect(got.bytes.equals(sent)).to.equal(true);
        expect(got.reads.length).to.be.at.least(4);
        close();
      });

      it('limit_data closes the connection after so many bytes', async () => {
        await add('limit_data', { bytes: 10 });
        const { sender, receiver } = await open();
        sender.write('12345');
        await receiver.until(5);
        sender.write('6789abcdef');
        const end = await receiver.end();
        expect(end.bytes.toString()).to.equal('123456789a');
      });

      it('works on a connection that is open already, and is gone after its removal', async () => {
        const { sender, receiver, close } = await open();
        sender.write('1');
        await receiver.until(1);
        await add('latency', { latency: 60 });
        const from = hostNow();
        sender.write('2');
        await receiver.until(2);
        expect(hostNow() - from).to.be.at.least(60 - EARLY_MS);
        await update({ attributes: { latency: 60_000 } });
        sender.write('3');
        await pause(20);
        await remove();
        expect((await receiver.until(3)).bytes.toString()).to.equal('123');
        close();
      });

      it('toxics add up in the order in which they were added', async () => {
        await add('latency', { latency: 40 });
        const body = { name: 'u', type: 'latency', stream, attributes: { latency: 50 } };
        await ask(started.links.url, 'POST', `${path}/toxics`, body);
        const { sender, receiver, close } = await open();
        sender.write('x');
        expect((await receiver.until(1)).first_ms).to.be.at.least(90 - 2 * EARLY_MS);
        close();
      });
    });
  }
}

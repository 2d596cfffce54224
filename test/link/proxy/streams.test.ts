// The built-in proxy under real traffic: half-closing, back-pressure, order, and peers that die.
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Socket } from 'node:net';
import type { Disturbance, Link } from '../../../src/link/links.ts';
import {
  pause,
  startTcpServer,
  TcpClient,
  watch,
  type TcpServer,
} from '../../support/servers/tcp.ts';
import { startTestedLinks, type TestedLinks } from '../../support/servers/toxiproxy.ts';

describe('the built-in proxy', () => {
  let started: TestedLinks;
  let upstream: TcpServer;
  let serve: (socket: Socket) => void = () => {};
  let link: Link;
  let port = 0;
  let count = 0;

  before(async function () {
    started = await startTestedLinks(this, 'built-in');
    upstream = await startTcpServer((socket) => serve(socket));
  });
  after(async () => {
    await started?.stop();
    await upstream?.close();
  });
  beforeEach(async () => {
    count += 1;
    link = started.links.create(`link-${count}`);
    ({ port } = await link.addProxy(link.name, { host: '127.0.0.1', port: upstream.port }));
  });

  const addToxic = async (stream: 'upstream' | 'downstream', type: string, attributes = {}) => {
    const toxic = { name: `${type}-${stream}`, type, stream, toxicity: 1, attributes };
    const disturbance = link.disturb([toxic]);
    await disturbance.act();
    return disturbance;
  };

  it('passes on that the client has finished, and still delivers the answer', async () => {
    serve = (socket) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('end', () => socket.end(`got ${Buffer.concat(chunks).toString()}`));
    };
    const client = await TcpClient.to(port);
    client.socket.end('question');
    const { bytes, by } = await client.ended();
    expect([bytes.toString(), by]).to.deep.equal(['got question', 'end']);
  });

  it('delivers all that an upstream wrote before it closed, to a client that is still sending', async () => {
    serve = (socket) => {
      socket.once('data', () => socket.end(Buffer.alloc(300_000, 1)));
    };
    const client = await TcpClient.to(port);
    client.send('x');
    expect((await client.ended()).bytes.length).to.equal(300_000);
  });

  it('closes the upstream connection when the client is gone', async () => {
    const accepted = new Promise<Socket>((resolve) => (serve = resolve));
    const client = await TcpClient.to(port);
    const seen = watch(await accepted);
    client.socket.resetAndDestroy();
    expect((await seen.end()).by).to.be.oneOf(['end', 'ECONNRESET']);
  });

  it('stops reading from the sender when the receiver does not read', async () => {
    serve = (socket) => socket.pause();
    const client = await TcpClient.to(port);
    const bytes = 64 * 1024 * 1024;
    for (let sent = 0; sent < bytes; sent += 1024 * 1024) client.send(Buffer.alloc(1024 * 1024));
    await pause(300);
    expect(client.socket.writableLength).to.be.above(bytes / 2);
    client.close();
  });

  it('stops reading from the sender when a toxic holds back the data', async () => {
    serve = () => {};
    await addToxic('upstream', 'bandwidth', { rate: 1 });
    const client = await TcpClient.to(port);
    const bytes = 64 * 1024 * 1024;
    for (let sent = 0; sent < bytes; sent += 1024 * 1024) client.send(Buffer.alloc(1024 * 1024));
    await pause(300);
    expect(client.socket.writableLength).to.be.above(bytes / 2);
    client.close();
  });

  it('moves megabytes both ways through toxics without losing or swapping a byte', async () => {
    serve = (socket) => socket.pipe(socket);
    await addToxic('upstream', 'latency', { latency: 3, jitter: 3 });
    await addToxic('upstream', 'slicer', { average_size: 9_000, size_variation: 4_000 });
    await addToxic('downstream', 'latency', { latency: 2, jitter: 2 });
    await addToxic('downstream', 'bandwidth', { rate: 20_000 });
    const sent = Buffer.alloc(4 * 1024 * 1024);
    for (let at = 0; at < sent.length; at += 4) sent.writeUInt32BE(at, at);
    const client = await TcpClient.to(port);
    client.socket.end(sent);
    const { bytes, by } = await client.ended();
    expect([bytes.length, by]).to.deep.equal([sent.length, 'end']);
    expect(bytes.equals(sent)).to.equal(true);
  });

  it('keeps order and content while toxics come, change and go', async () => {
    serve = (socket) => socket.pipe(socket);
    const step = fc.constantFrom('add', 'change', 'remove', 'send');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const client = await TcpClient.to(port);
        const sent: Buffer[] = [];
        const send = () => {
          sent.push(Buffer.from(`${sent.length} `.repeat(50)));
          client.send(sent.at(-1)!);
        };
        let added: Disturbance | null = null;
        for (const step of steps) {
          send();
          if (step === 'add') {
            added ??= await addToxic('upstream', 'latency', { latency: 4, jitter: 4 });
          }
          if (step === 'remove') {
            await added?.undo();
            added = null;
          }
          if (step === 'change') await link.delay(sent.length % 4, 2);
        }
        await added?.undo();
        client.socket.end();
        const { bytes } = await client.ended();
        expect(bytes.toString()).to.equal(Buffer.concat(sent).toString());
      }),
      { numRuns: 25 },
    );
  });

  it('refuses a page in a browser', async () => {
    const headers = { 'user-agent': 'Mozilla/5.0' };
    const response = await fetch(`${started.links.url}/proxies`, { headers });
    expect(response.status).to.equal(403);
  });
});

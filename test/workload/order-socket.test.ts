// The socket that tells the usual reply to an insert by its bytes, against a server that sends
// pieces of replies.
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { OrderSocket } from '../../src/workload/transport/order-socket.ts';

const BOUND = '2\0\0\0\x04';
const ROW = (timeline: string) => `D\0\0\0\x12\0\x01\0\0\0\x08${timeline}`;
const INSERTED = 'C\0\0\0\x0fINSERT 0 1\0';
const READY = 'Z\0\0\0\x05I';
const USUAL = BOUND + ROW('0000000A') + INSERTED + READY;
const NOTICE = 'N\0\0\0\x0cSWARNING\0\0';

describe('the socket of inserts', () => {
  let server: Server;
  let socket: OrderSocket;
  let peer: Socket;
  /** In order: what pg gets, and what was told as a timeline. */
  let seen: string[];
  let onSeen = () => {};

  before(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());
  beforeEach(async () => {
    seen = [];
    socket = new OrderSocket();
    socket.on('data', (chunk: Buffer) => note(`pg: ${chunk.toString('latin1')}`));
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
    [peer] = (await once(server, 'connection')) as [Socket];
  });
  afterEach(() => {
    socket.destroy();
    peer.destroy();
  });

  const note = (what: string) => {
    seen.push(what);
    onSeen();
  };
  const expectReply = () => socket.expect((timeline) => note(`timeline ${timeline}`));
  /** Each piece comes by itself: the next one is sent when it has been seen. */
  const send = async (...pieces: readonly string[]) => {
    for (const piece of pieces) {
      const arrived = new Promise<void>((resolve) => (onSeen = resolve));
      peer.write(piece, 'latin1');
      await arrived;
    }
  };

  it('tells the timeline of a usual reply, of which pg hears nothing', async () => {
    expectReply();
    await send(USUAL);
    expectReply();
    await send(USUAL.replace('A', 'B'));
    expect(seen).to.deep.equal(['timeline 0000000A', 'timeline 0000000B']);
  });

  it('gives a reply to pg that nobody expects, and that comes after the expected one', async () => {
    await send(USUAL);
    expectReply();
    await send(USUAL, USUAL);
    expect(seen).to.deep.equal([`pg: ${USUAL}`, 'timeline 0000000A', `pg: ${USUAL}`]);
  });

  const others: Readonly<Record<string, string>> = {
    'an error': `E\0\0\0\x0fSERROR\0C40001\0\0${READY}`,
    'a notice before it': NOTICE + USUAL,
    'a notice after it': USUAL + NOTICE,
    'no row inserted': USUAL.replace('INSERT 0 1', 'INSERT 0 0'),
    'another row': BOUND + ROW('0000000A').replace('\x08', '\x07') + INSERTED + READY,
    'an open transaction': USUAL.replace(/I$/, 'T'),
    'a failed transaction': USUAL.replace(/I$/, 'E'),
    'a statement that was parsed for it': `1\0\0\0\x04${USUAL}`,
    'two replies': USUAL + USUAL,
  };
  for (const [name, reply] of Object.entries(others)) {
    it(`leaves to pg: ${name}`, async () => {
      expectReply();
      await send(reply);
      expect(seen).to.deep.equal([`pg: ${reply}`]);
    });
  }

  it('leaves a reply in two pieces to pg, wherever it is cut, and then tells others again', async () => {
    const wanted: string[] = [];
    for (let cut = 1; cut < USUAL.length; cut++) {
      const pieces = [USUAL.slice(0, cut), USUAL.slice(cut)];
      // Whether a message ended shows by its whole end alone: without it the next reply is pg's too.
      const isEndWhole = pieces[1]!.endsWith(READY);
      for (const reply of [pieces, [USUAL], [USUAL]]) {
        expectReply();
        await send(...reply);
      }
      wanted.push(...pieces.map((piece) => `pg: ${piece}`));
      wanted.push(isEndWhole ? 'timeline 0000000A' : `pg: ${USUAL}`, 'timeline 0000000A');
    }
    expect(seen).to.deep.equal(wanted);
  });

  it('takes nothing for a reply that may be the rest of a message', async () => {
    const torn = 'N\0\0\0\x5aMa notice whose text ends with ';
    await send(torn);
    expectReply();
    await send(USUAL);
    expect(seen).to.deep.equal([`pg: ${torn}`, `pg: ${USUAL}`]);
  });

  it('gives pg bytes that later ones do not change', async () => {
    const kept: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => kept.push(chunk));
    await send('first', 'other');
    expect(Buffer.concat(kept).toString()).to.equal('firstother');
  });

  it('tells when the server ends the connection', async () => {
    const ended = once(socket, 'end');
    peer.end();
    await ended;
  });
});

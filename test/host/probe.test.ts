// What is heard in time on a connection: a process that did not get to run learns nothing by it.
import { expect } from 'chai';
import { createServer, type AddressInfo } from 'node:net';
import { hostNow } from '../../src/host/clock.ts';
import { exchange, watch } from '../../src/host/probe.ts';
import { it } from '../support/commands.ts';

const WATCHED_MS = 40;
const ANSWERS_AFTER_MS = 80;
const STANDS_STILL_MS = 150;

/** Hangs up after a while; with `stalls`, so often this process stands still meanwhile. */
async function withServer(after_ms: number, stalls: number, use: (port: number) => Promise<void>) {
  let left = stalls;
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    setTimeout(() => socket.end(), after_ms);
    if (left-- > 0) setTimeout(standStill, WATCHED_MS / 2);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function standStill(): void {
  const until = hostNow() + STANDS_STILL_MS;
  while (hostNow() < until);
}

const once = { atMost_ms: WATCHED_MS };
const at = (port: number) => ({ host: '127.0.0.1', port });

describe('a watch of a connection', () => {
  it('is made again where this process stood still', async () => {
    await withServer(ANSWERS_AFTER_MS, 1, async (port) => {
      const seen = await exchange(at(port), 'x', once);
      expect(seen.end, 'heard late, by a single one').to.equal('closed');
    });
    await withServer(ANSWERS_AFTER_MS, 1, async (port) => {
      expect((await watch(at(port), 'x', once)).end).to.equal('open');
    });
  });

  it('says what it heard in time', async () => {
    await withServer(0, 0, async (port) => {
      expect((await watch(at(port), 'x', once)).end).to.equal('closed');
    });
  });

  it('counts as heard what came late each time', async () => {
    await withServer(ANSWERS_AFTER_MS, Infinity, async (port) => {
      expect((await watch(at(port), 'x', once)).end).to.equal('closed');
    });
  });
});

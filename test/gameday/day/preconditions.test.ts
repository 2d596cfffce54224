// What has to hold before a game day begins, one by one, and how long each is waited for.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokenPrecondition } from '../../../src/gameday/day/preconditions.ts';
import type { Precondition } from '../../../src/gameday/file/schema.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const command = (script: string, within = 60_000): Precondition => {
  return { kind: 'command', command: [process.execPath, '-e', script], within };
};

describe('preconditions of a game day', () => {
  let directory = '';
  let server: Server;
  let clock: ManualClock;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-preconditions-'));
    clock = new ManualClock();
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
    server?.closeAllConnections();
    server?.close();
  });

  async function address(answer: RequestListener): Promise<string> {
    server = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  }

  const place = () => {
    const logFile = join(directory, 'day.log');
    const own = { id: 'a-day', runs: directory, environment: {}, logFile };
    return { ...own, interrupt: new AbortController().signal, clock };
  };
  const broken = async (...all: Precondition[]) => await brokenPrecondition(all, place());
  const answer = (url: string, status = 200): Precondition => {
    return { kind: 'url', url, status, within: 240_000 };
  };

  it('hold, or the first that does not is told', async () => {
    const url = await address((_, reply) => reply.writeHead(503).end());
    expect(await broken(answer(url, 503), command('process.exit(0)'))).to.equal(null);
    expect(await broken(answer(url))).to.match(/health: expected status 200 within .*, got 503$/);
    expect(await broken(answer(url, 503), command('process.exit(3)'))).to.include('code 3');
    const refused = /got .*(ECONNREFUSED|bad port)/;
    expect(await broken(answer('http://127.0.0.1:9/'))).to.match(refused);
    expect(clock.sleeping, 'nobody waits any more').to.equal(0);
  });

  it('are waited for as long as the file says, by the clock of the day', async () => {
    const url = await address(() => {});
    const silent = await clock.runUntil(broken(answer(url)));
    expect(silent).to.include('expected status 200 within 4 m 00 s, got no answer');
    const slow = await clock.runUntil(broken(command('setInterval(() => {}, 1e6)', 240_000)));
    expect(slow).to.include('expected exit code 0 within 4 m 00 s');
    expect(clock.sleeping).to.equal(0);
  });
});

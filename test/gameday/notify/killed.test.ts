// Whoever sends messages is killed before each change of the disk: the next process sends what was
// not sent, and nothing is sent under another id.
import { expect } from 'chai';
import { execa } from 'execa';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { howItEnded } from '../../../src/gameday/day/happening.ts';
import { Notifier } from '../../../src/gameday/notify/notifier.ts';
import { Outbox } from '../../../src/gameday/notify/outbox.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { failedDay, readOf } from '../../support/gameday.ts';
import { webhookServer } from '../../support/servers/webhook.ts';

const CHILD = fileURLToPath(new URL('../../support/killed-notifier.ts', import.meta.url));
const CHANGES_MOST = 40;

/** The next process, which takes the game day up again. */
async function tellIn(directory: string, url: string): Promise<void> {
  const reads = [readOf(`notify: [{ webhook: '${url}' }]`)];
  const runs = runsDirectory(directory);
  const own = {
    runs,
    directory,
    environment: {},
    clock: hostClock(),
    draw: () => 0,
    say: () => {},
  };
  const next = new Notifier({ ...own, reads: () => reads });
  await next.tell(howItEnded(failedDay(runs)));
  expect(await next.end(10_000, new AbortController().signal)).to.deep.equal([]);
}

describe('a process that is killed while it sends messages', () => {
  it('loses none, at whatever moment', async () => {
    const server = await webhookServer();
    const ends: (string | number | undefined)[] = [];
    const sentTwice: number[] = [];
    try {
      for (let at = 1; at <= CHANGES_MOST && ends.at(-1) !== 0; at++) {
        const directory = mkdtempSync(join(tmpdir(), 'drill-killed-'));
        const before = server.came.length;
        const args = ['--import=tsx/esm', CHILD, directory, server.url, String(at)];
        const killed = await execa(process.execPath, args, { reject: false });
        ends.push(killed.signal ?? killed.exitCode);
        await tellIn(directory, server.url);
        const came = server.came.slice(before).map(({ headers }) => headers['x-drill-message']);
        expect([...new Set(came)], `change ${at}`).to.deep.equal(['20261201T090000Z-weekly-ended']);
        if (came.length > 1) sentTwice.push(at);
        const stored = await new Outbox(runsDirectory(directory)).list();
        expect(stored.map(({ entry }) => entry.state)).to.deep.equal(['sent']);
        const names = readdirSync(join(directory, '.drill', 'gamedays', 'outbox'));
        expect(names.filter((name) => name.endsWith('.json'))).to.have.length(1);
        rmSync(directory, { recursive: true });
      }
    } finally {
      await server.close();
    }
    expect(ends.at(-1), 'it came to its end').to.equal(0);
    expect(ends.slice(0, -1)).to.include('SIGKILL').and.not.include(1);
    expect(ends.length).to.be.above(8);
    // It arrived, and this could not be noted any more.
    expect(sentTwice.length).to.be.within(1, 3);
  }).timeout(120_000);
});

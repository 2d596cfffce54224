// Runs that are looked at while they go on: each is read by one reader, and by none once nobody asks
// for it, though nobody says that they have left.
import { expect } from 'chai';
import { readdirSync, readlinkSync } from 'node:fs';
import { LiveRuns } from '../../src/dashboard/live/live-run.ts';
import { RunsInTest } from '../support/dashboard.ts';
import { ManualClock } from '../support/manual-clock.ts';

const ID = '20261128T120000Z-region-outage-00aa';

/** How many of the files that this process has open lie in that folder. */
function openIn(folder: string): number {
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // that of this very look
    }
  });
  return open.filter((path) => path.startsWith(folder)).length;
}

describe('runs that go on', () => {
  let place: RunsInTest;
  beforeEach(() => (place = new RunsInTest()));
  afterEach(() => place.remove());

  it('are read by one reader while somebody asks, and by none a while later', async () => {
    const { lines } = place.begin('warm-standby', ID);
    place.append(ID, lines.slice(0, 20));
    const readers = () => openIn(place.directory);
    const clock = new ManualClock();
    const live = new LiveRuns(place.runs, clock);
    for (let at = 0; at < 10; at++) {
      expect(live.get(ID)).to.not.equal(null);
      expect(readers()).to.equal(1);
      await clock.advance(50_000);
    }
    await clock.advance(120_000);
    expect(readers()).to.equal(0);
    expect(clock.sleeping, 'nothing is looked after for nobody').to.equal(0);
    expect(live.get(ID)).to.not.equal(null);
    live.close();
    await clock.advance(0);
    expect([readers(), clock.sleeping]).to.deep.equal([0, 0]);
  });
});

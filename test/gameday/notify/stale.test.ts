import { expect } from 'chai';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOfFile } from '../../../src/gameday/notify/message.ts';
import { staleDrills, watchStale } from '../../../src/gameday/notify/stale.ts';
import { readGameDay } from '../../../src/gameday/read.ts';
import { openPast } from '../../support/evidence/past.ts';
import { plantRun } from '../../support/evidence/plant-run.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
const DAY_MS = 86_400_000;

describe('a drill of a game day that is too old', () => {
  it('is told once for each time that it may be old', async () => {
    const { directory, runs, drill } = await openPast('{ rto: 15s }');
    try {
      const file = join(directory, 'drill.yaml');
      writeFileSync(file, `${readFileSync(file, 'utf8')}max_age: 7d\n`);
      const day = 'gameday: 1\nname: weekly\ndrills: [drill.yaml]\n';
      writeFileSync(join(directory, 'weekly.yaml'), day);
      const place = { directory, environment: {}, runs };
      const read = (await readGameDay('weekly.yaml', {}, place)).read!;
      const told = (days: number) => {
        const stale = staleDrills(read, place, NOW + days * DAY_MS);
        return stale.map((each) => messageOfFile(each, read, 0));
      };
      expect(told(8), 'it was never run').to.deep.equal([]);
      const id = plantRun(runs, drill.plan, 1, { rto_ms: 1_800, change: {} });
      expect(told(0)).to.deep.equal([]);
      const [first] = told(8);
      expect(first!.text).to.equal(
        'region-outage of game day weekly is stale: its last pass is 8 days old, and max_age is 7d',
      );
      expect(first!.id).to.equal(`weekly-${id}-1-stale`);
      expect(told(9)[0]!.id).to.equal(first!.id);
      expect(told(15)[0]!.id).to.equal(`weekly-${id}-2-stale`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('is looked for every hour, and never beside a game day that is held', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    let looks = 0;
    let isHeld = false;
    const look = () => Promise.resolve(void (looks += 1));
    const watching = watchStale({ clock, look, isHeld: () => isHeld }, stop.signal);
    await clock.advance(3_500_000);
    expect(looks).to.equal(1);
    isHeld = true;
    await clock.advance(7_200_000);
    expect(looks).to.equal(1);
    isHeld = false;
    await clock.advance(60_000);
    expect(looks).to.equal(2);
    stop.abort();
    await watching;
  });
});

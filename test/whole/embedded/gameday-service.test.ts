// A service of the built command that is killed in the middle of real drills, three times: the next
// one cleans up, and each drill of the game day is held once.
import { expect } from 'chai';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { randomStream } from '../../../src/base/random.ts';
import type { GameDayRecord } from '../../../src/evidence/gameday-form.ts';
import { newRecord } from '../../../src/gameday/day/day.ts';
import { claimDay, listDays, scheduledId } from '../../../src/gameday/day/day-files.ts';
import { readGameDay } from '../../../src/gameday/read.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { listSeries } from '../../../src/session/series-files.ts';
import { it } from '../../support/commands.ts';
import { sessionIn } from '../../support/cli/session.ts';
import { orphanedSegments, PATIENT_DRILL, Workplace } from '../../support/whole/drill-cli.ts';

const KILLS = 3;
const SEED = 11;
/** A drill takes some eight seconds. */
const KILL_WITHIN_MS = 9_000;
const DAY = "gameday: 1\nname: weekly\nschedule: '0 4 * * SUN'\ndrills: [one.yaml, two.yaml]\n";

describe('a service of game days on this machine', function () {
  this.timeout(300_000);
  let place: Workplace;
  beforeEach(() => (place = new Workplace()));
  afterEach(() => place.remove());

  const runs = () => runsDirectory(place.directory);
  const dayOf = (): GameDayRecord => listDays(runs())[0]!;

  async function claim(): Promise<void> {
    for (const name of ['one', 'two']) {
      place.write(`${name}.yaml`, PATIENT_DRILL.replace('name: short', `name: ${name}`));
    }
    place.write('weekly.yaml', DAY);
    const { directory } = place;
    const session = sessionIn({ directory, interrupt: new AbortController(), told: [] });
    const { read } = await readGameDay('weekly.yaml', {}, session);
    const due_ms = Date.UTC(2026, 10, 1, 4);
    const id = scheduledId('weekly', due_ms);
    claimDay(newRecord(read!, { id, by: 'schedule', due_ms, runs: runs() }));
  }

  it.full(`loses no drill and holds none twice where it is killed ${KILLS} times`, async () => {
    await claim();
    const random = randomStream(SEED);
    const said: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const service = place.start(['gameday', 'serve', 'weekly.yaml']);
      await service.event('a run', () => true);
      await hostClock().sleep(random() * KILL_WITHIN_MS);
      service.child.kill('SIGKILL');
      said.push((await service.ended).stdout);
    }
    const service = place.start(['gameday', 'serve', 'weekly.yaml']);
    while (dayOf().ended_at === null) await hostClock().sleep(100);
    service.child.kill('SIGTERM');
    const { code, stdout, stderr } = await service.ended;
    expect(code, stderr).to.equal(0);
    // By the next one each time: the last of them may have killed nothing.
    expect([...said, stdout].join('')).to.contain('was broken off: cleaned up');
    const { drills, stop } = dayOf();
    expect(stop).to.equal(null);
    for (const { series, outcome, state } of drills) {
      expect([state, outcome!.trials], series).to.deep.equal(['ended', { made: 1, planned: 1 }]);
      const file = listSeries(runs()).find(({ id }) => id === series)!;
      expect(file.trials.map((each) => each.state)).to.deep.equal(['ended']);
    }
    expect(place.leftBehind()).to.deep.equal([]);
    expect(orphanedSegments(place.postmasters())).to.deep.equal([]);
  });
});

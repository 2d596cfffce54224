// Whole drills of the built command, for each way in which a region can be lost and three seeds: the
// loss and the recovery time that it reports, against a count and a client that have nothing to do
// with drill's own. And stopped half-way, with parts that stand still: nothing stays behind.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { LOSS_WAYS, type LossWay } from '../../../src/drill/fault/lose-region.ts';
import { areStopped } from '../../../src/host/process/processes.ts';
import { idsFrom } from '../../support/disk.ts';
import { SHORT_DRILL, Workplace, type Ended } from '../../support/whole/drill-cli.ts';
import {
  drillAndProbe,
  expectExactLoss,
  expectRightTime,
  keptDatabase,
} from '../../support/whole/independent-count.ts';
import { requirePart } from '../../support/require.ts';
import { TOO_BUSY } from '../../support/whole/run-measured.ts';
import { sharedMemoryOf, stillThere } from '../../support/system/shared-memory-of.ts';
import { it, some } from '../../support/commands.ts';

/** Far apart, so that something is lost. */
const drillOf = (how: LossWay) =>
  SHORT_DRILL.replace('region: east }', `region: east, how: ${how} }`).replace(
    '  gslb:',
    '  links: { east-west: { latency: 80ms } }\n  gslb:',
  );
const words = ({ stdout, stderr }: Ended) => stdout + stderr;

for (const how of LOSS_WAYS) {
  describe(`a region that is lost by ${how}`, function () {
    this.timeout(180_000);
    let place: Workplace;

    beforeEach(() => (place = new Workplace(drillOf(how))));
    afterEach(async () => {
      await place.run(['clean', '--kept']);
      const left = place.leftBehind();
      place.remove();
      expect(left).to.deep.equal([]);
    });

    for (const [seed, it] of some([1, 2, 3], how === 'kill' ? 1 : 0)) {
      it(`costs what an independent count and client say (seed ${seed})`, async function () {
        const drilled = await drillAndProbe(place, ['--seed', String(seed)]);
        const result = place.result();
        const isEven = !result.reasons.some((reason) => TOO_BUSY.test(reason));
        requirePart(this, 'idle-machine', isEven, 'the machine was too busy to keep the schedule');
        expect(result.verdict, words(drilled.ended)).to.equal('pass');
        const gone = await expectExactLoss(place, await idsInWest(place));
        if (how !== 'freeze') expect(gone, 'something is lost').to.be.above(0);
        expectRightTime(result, drilled);
      });
    }
  });
}

for (const how of ['partition', 'freeze'] as const) {
  describe(`a run that is stopped while a region is lost by ${how}`, function () {
    this.timeout(120_000);
    let place: Workplace;
    let held: ReturnType<typeof sharedMemoryOf>;

    beforeEach(() => {
      // Nobody declares it, so that nothing is fenced when the run is stopped.
      const drill = `${drillOf(how)}declare: after 10s\n`;
      place = new Workplace(drill);
    });
    afterEach(() => place.remove());

    const left = () => [...place.leftBehind(), ...stillThere(held)];
    const untilLost = async () => {
      const run = place.start(['run', 'drill.yaml', '--reporter', 'plain']);
      await run.event('the fault', ({ event }) => event === 'fault.proved');
      held = sharedMemoryOf(place.processes());
      return run;
    };

    it.full('by Ctrl-C heals, cleans up and exits with 130', async () => {
      const run = await untilLost();
      run.child.kill('SIGINT');
      const ended = await run.ended;
      expect(left()).to.deep.equal([]);
      expect(ended.code, words(ended)).to.equal(130);
      expect(place.events().map(({ event }) => event)).to.include('fault.healed');
      expect(place.result().cleanup).to.deep.equal({ clean: true, left: [] });
    });

    it.full('by SIGKILL is cleaned by drill clean', async () => {
      const run = await untilLost();
      run.child.kill('SIGKILL');
      await run.ended;
      const stopped = place.processes().filter((pid) => areStopped([pid]));
      if (how === 'freeze') expect(stopped, 'stand still').to.have.length.at.least(2);
      const cleaned = await place.run(['clean']);
      expect(cleaned.code, words(cleaned)).to.equal(0);
      expect(left()).to.deep.equal([]);
    });
  });
}

/** Asked in the system that was kept, with a plain client. */
async function idsInWest(place: Workplace): Promise<string[]> {
  const { url, passfile } = keptDatabase(place, 'west/postgres');
  const password = readFileSync(passfile, 'utf8').trim().split(':').at(-1)!;
  const { hostname, port, username, pathname } = url;
  const to = { host: hostname, port: Number(port), user: username, password };
  return await idsFrom({ ...to, database: pathname.slice(1) });
}

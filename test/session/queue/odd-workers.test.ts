// Workers and askers that are not as they should be: one that stands still for longer than its
// lease, one of another version, two that ask for the same series.
import { expect } from 'chai';
import { cpSync, rmSync } from 'node:fs';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { hostNow } from '../../../src/host/clock.ts';
import { SharedQueue } from '../../../src/queue/queue.ts';
import { trialQueue } from '../../../src/queue/trial-job.ts';
import { seriesLock } from '../../../src/session/series-files.ts';
import { it } from '../../support/commands.ts';
import { startQueueDatabase, type QueueDatabase } from '../../support/queue/queue-database.ts';
import { slowWay } from '../../support/queue/slow-way.ts';
import { SpreadPlace } from '../../support/queue/spread-place.ts';
import { startTestedLinks } from '../../support/servers/toxiproxy.ts';

describe('a series with odd workers', function () {
  this.timeout(180_000);
  let database: QueueDatabase;
  let place: SpreadPlace;
  before(async () => (database = await startQueueDatabase()));
  after(async () => await database.stop());
  beforeEach(() => (place = new SpreadPlace(database)));
  afterEach(async () => await place.remove());

  for (const when of ['while another one has its trial', 'once another one has made it']) {
    it.full(`counts nothing of one that stood still and wakes ${when}`, async () => {
      const sleeper = await place.start('sleeper');
      const { made, said } = await place.spread(1);
      await sleeper.said('begun');
      sleeper.child.kill('SIGSTOP');
      const other = await place.start('other');
      await other.said('begun');
      if (when.startsWith('once')) await made;
      sleeper.child.kill('SIGCONT');
      await sleeper.said('wanted no more');
      expect(place.expectAll(await made, 1)).to.deep.equal(['other']);
      expect(said).to.include('trial 1 of 1: the worker sleeper was lost with it');
      // It goes on as a worker.
      const next = await place.spread(1);
      expect((await next.made).series!.file.trials[0]!.state).to.equal('ended');
    });
  }

  it.full('leaves trials of another version to others, and says so', async () => {
    const queue = await SharedQueue.open(database.address);
    const strange = trialQueue('9.9.9', 'embedded');
    const id = '11111111-1111-4111-8111-111111111111';
    await queue.send(strange, id, {});
    const worker = await place.start('one');
    await worker.said('9.9.9-embedded: trials wait that this one does not make');
    const { made } = await place.spread(1);
    expect(place.expectAll(await made, 1)).to.deep.equal(['one']);
    expect(await queue.waiting(strange)).to.deep.equal([id]);
    await queue.remove(strange, [id]);
    await queue.close();
  });

  it.full('does not miss workers while it fetches slowly what one has made', async function () {
    const links = await startTestedLinks(this, 'built-in');
    try {
      const worker = await place.start('one');
      const over = await slowWay(links, database.address, 5, ['downstream']);
      const { made, said } = await place.spread(1, { over });
      await worker.said('was sent');
      const from = hostNow();
      expect(place.expectAll(await made, 1)).to.deep.equal(['one']);
      // Longer than it waits for a worker.
      expect(hostNow() - from).to.be.above(5_000);
      expect(said.join()).not.to.include('no worker');
    } finally {
      await links.stop();
    }
  });

  it.full('makes each trial once though two folders ask for the same series', async () => {
    const stop = new AbortController();
    const first = await place.spread(2, { interrupt: stop });
    cpSync(place.folder('asks'), place.folder('twin'), { recursive: true });
    const runs = runsDirectory(place.folder('twin'));
    rmSync(seriesLock(runs, first.id), { recursive: true });
    const second = await place.spread(2, { id: first.id, folder: 'twin' });
    await place.start('one');
    const both = await Promise.all([first.made, second.made]);
    const runsOf = both.flatMap(({ series }) => {
      return series!.file.trials.flatMap(({ run, state }) => (state === 'ended' ? [run] : []));
    });
    expect(new Set(runsOf).size).to.equal(2);
    place.expectNoneTwice(2);
    for (const { series } of both) {
      for (const { state } of series!.file.trials) expect(state).to.be.oneOf(['ended', 'due']);
    }
  });
});

// A series whose trials are made by workers, processes of their own with drills on `noop`, through
// a real PostgreSQL: each trial once, in its place, whoever dies meanwhile.
import { expect } from 'chai';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { listRuns } from '../../../src/archive/run-list.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { seriesFile } from '../../../src/session/series-files.ts';
import { QueueDatabase as QueueConnections } from '../../../src/queue/database.ts';
import { SharedQueue } from '../../../src/queue/queue.ts';
import { countOf } from '../../../src/queue/parts.ts';
import { trialQueue, type TrialOutcome } from '../../../src/queue/trial-job.ts';
import { packRun } from '../../../src/session/queue/carry.ts';
import { throwKillSwitch } from '../../../src/session/operator/kill-switch.ts';
import type { SessionEvent } from '../../../src/session/session.ts';
import { workerCells } from '../../../src/report/series/workers.ts';
import { version } from '../../../src/session/version.ts';
import { it } from '../../support/commands.ts';
import { NOOP_DRILL } from '../../support/noop/noop-source.ts';
import { startQueueDatabase, type QueueDatabase } from '../../support/queue/queue-database.ts';

import { LEASE_S, SpreadPlace } from '../../support/queue/spread-place.ts';

describe('a series that is spread over workers', function () {
  this.timeout(180_000);
  let database: QueueDatabase;
  let place: SpreadPlace;
  before(async () => (database = await startQueueDatabase()));
  after(async () => await database.stop());
  beforeEach(() => (place = new SpreadPlace(database)));
  afterEach(async () => await place.remove());

  const folder = (name: string) => place.folder(name);

  it('has workers make six trials, each once, though one of them dies with one', async () => {
    const dies = await place.start('dies');
    const { made, said, told } = await place.spread(6);
    await dies.said('begun');
    dies.child.kill('SIGKILL');
    await dies.ended;
    await Promise.all([place.start('one'), place.start('two')]);
    const { series } = await made;
    const makers = place.expectAll(await made, 6);
    expect(new Set(makers)).to.deep.equal(new Set(['one', 'two']));
    place.expectNoneTwice(6);
    expect(said).to.include('trial 1 of 6: the worker dies was lost with it');
    const lost = series!.results.map((each) => each!.drill.trial!.lost ?? []);
    expect(lost).to.deep.equal([['dies'], [], [], [], [], []]);
    const [all] = told.flatMap((event) => (event.type === 'series' ? event.results : []));
    expect([all!.made, all!.planned]).to.deep.equal([6, 6]);
    // They are those of the series, as it began.
    expect(all!.reasons.join()).not.to.include('as it began');
    const cells = workerCells(all!)!;
    expect(cells[0]).to.match(/^(one|two) \(dies was lost\)$/);
  });

  /** As a worker that has that run, whatever it was asked for. */
  async function sendInstead(run: string): Promise<void> {
    const files = packRun(join(runsDirectory(folder('asks')), run))!;
    const queue = await SharedQueue.open(database.address);
    const find = async () => await queue.take(trialQueue(version(), 'embedded'), 'strange');
    let taken = await find();
    while (taken === null) {
      await hostClock().sleep(50);
      taken = await find();
    }
    await queue.attach(taken, files, new AbortController().signal);
    const made = { came: 'made', worker: 'strange', run, parts: countOf(files) } as const;
    await queue.complete(taken, made satisfies TrialOutcome);
    await queue.close();
  }

  it('counts no run of another drill, nor of another series, for a trial', async () => {
    const worker = await place.start('one');
    const { made } = await place.spread(1);
    const run = (await made).series!.results[0]!.id;
    worker.child.kill('SIGKILL');
    await worker.ended;
    const refused = async (why: string) => {
      const second = await place.spread(1);
      await sendInstead(run);
      const { series, runs } = await second.made;
      expect(runs).to.deep.equal([]);
      const [trial] = series!.file.trials;
      expect([trial!.state, trial!.run]).to.deep.equal(['due', null]);
      const warned = second.told.flatMap((each) => (each.type === 'warning' ? [each.text] : []));
      expect(warned.join()).to.include(`what strange sent does not count: it is a run of ${why}`);
    };
    await refused('the series ');
    const other = NOOP_DRILL.replace('name: outage', 'name: other');
    writeFileSync(join(folder('asks'), 'outage.yaml'), other);
    await refused('outage, not of other');
  });

  it.full('makes no trial of a job that somebody in the database says nobody has', async () => {
    const { made, told } = await place.spread(1);
    const direct = await QueueConnections.of(database.address, 1_000);
    const forge = `update drill_queue.job set state = 'active' where state = 'created'`;
    while ((await direct.executeSql(forge)).rowCount === 0) await hostClock().sleep(50);
    const { series } = await made;
    expect(series!.file.trials.map(({ state }) => state)).to.deep.equal(['due']);
    const warned = told.flatMap((each) => (each.type === 'warning' ? [each.text] : []));
    expect(warned.join()).to.include('its job in the queue is damaged');
    await direct.close();
  });

  it('keeps what was sent before it was stopped', async () => {
    const interrupt = new AbortController();
    const { made } = await place.spread(1, { interrupt });
    const worker = await place.start('one');
    await worker.said('was sent');
    interrupt.abort(new Error('SIGINT'));
    place.expectAll(await made, 1);
  });

  it.full('loses no trial where the disk of whoever asked takes nothing more', async () => {
    const worker = await place.start('one');
    const { made, id } = await place.spread(1);
    await worker.said('begun');
    const half = `${seriesFile(runsDirectory(folder('asks')), id)}.half`;
    mkdirSync(join(half, 'full'), { recursive: true });
    const error = await made.then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error).to.be.instanceOf(EnvironmentError);
    expect((error as EnvironmentError).problem.hint).to.include(`--resume ${id} --queue`);
    await worker.said('was sent');
    rmSync(half, { recursive: true });
    const again = await place.spread(1, { id });
    place.expectAll(await again.made, 1);
    place.expectNoneTwice(1);
  });

  it.full('gives the trial of a worker that is stopped to another at once', async () => {
    const stops = await place.start('stops');
    const { made, said } = await place.spread(1);
    await stops.said('begun');
    stops.child.kill('SIGTERM');
    await stops.ended;
    await place.start('goes-on');
    expect(place.expectAll(await made, 1)).to.deep.equal(['goes-on']);
    expect(said).to.include('trial 1 of 1: given back by stops: the worker was stopped');
    const [broken] = listRuns(runsDirectory(stops.directory));
    expect(broken!.state).to.equal('finished');
  });

  it.full('loses nothing where the database is gone for longer than a lease', async () => {
    const worker = await place.start('waits');
    const { made, said } = await place.spread(2);
    await worker.said('begun');
    await database.halt();
    await hostClock().sleep(1.5 * LEASE_S * 1_000);
    await database.start();
    expect(place.expectAll(await made, 2)).to.deep.equal(['waits', 'waits']);
    place.expectNoneTwice(2);
    expect(said.join('\n')).to.match(
      /the database of the queue does not answer: .+\n(.*\n)*.*back/,
    );
    expect(said.join('\n')).not.to.include('lost');
  });

  it.full('gives a trial back where no drill may begin, and ends by it', async () => {
    const halted = await place.start('halted');
    throwKillSwitch(runsDirectory(halted.directory), 'a test');
    const { made, said } = await place.spread(1);
    expect(await halted.ended).to.deep.equal([1, null]);
    await place.start('free');
    expect(place.expectAll(await made, 1)).to.deep.equal(['free']);
    expect(said.join()).to.match(/given back by halted: .*kill switch/);
  });

  it.full('takes no trial any more once the kill switch of its folder is thrown', async () => {
    const worker = await place.start('one');
    const { made, told } = await place.spread(3);
    await worker.said('begun');
    throwKillSwitch(runsDirectory(folder('asks')), 'a test');
    const { series } = await made;
    expect(series!.file.trials.map(({ state }) => state)).to.deep.equal(['due', 'due', 'due']);
    await worker.said('wanted no more');
    const warned = told.flatMap((event) => (event.type === 'warning' ? [event.text] : []));
    expect(warned.join()).to.include('kill switch was thrown');
  });

  it.full('gives a trial that three workers were lost with to nobody any more', async () => {
    const { made, told } = await place.spread(1);
    for (const name of ['a', 'b', 'c']) {
      const dies = await place.start(name);
      await dies.said('begun');
      dies.child.kill('SIGKILL');
      await dies.ended;
    }
    const last = await place.start('d');
    const { series } = await made;
    expect(series!.file.trials.map(({ state }) => state)).to.deep.equal(['due']);
    const warned = told.flatMap((event) => (event.type === 'warning' ? [event.text] : []));
    expect(warned.join()).to.include('3 workers were lost with it: a, b, c');
    expect(listRuns(runsDirectory(last.directory))).to.deep.equal([]);
  });

  it.full('takes what is left back when it is stopped, and goes on where it was', async () => {
    const worker = await place.start('one');
    const interrupt = new AbortController();
    const onEvent = ({ type }: SessionEvent) => {
      // The worker has the next one by then, or is about to.
      if (type === 'ended') void worker.said('begun', 2).then(() => interrupt.abort());
    };
    const first = await place.spread(3, { interrupt, onEvent });
    const { series } = await first.made;
    expect(series!.file.trials.map(({ state }) => state)).to.deep.equal(['ended', 'due', 'due']);
    await worker.said('wanted no more');
    const { made } = await place.spread(3, { id: first.id });
    place.expectAll(await made, 3);
  });
});

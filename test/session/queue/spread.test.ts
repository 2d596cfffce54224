// A series whose trials are made by workers, processes of their own with drills on `noop`, through
// a real PostgreSQL: each trial once, in its place, whoever dies meanwhile.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { isAsWritten, listRuns, runIds } from '../../../src/archive/run-list.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { seriesFile } from '../../../src/session/series-files.ts';
import { SharedQueue } from '../../../src/queue/queue.ts';
import { countOf } from '../../../src/queue/parts.ts';
import { trialQueue, type TrialOutcome } from '../../../src/queue/trial-job.ts';
import { judgeRun } from '../../../src/session/judge.ts';
import { packRun } from '../../../src/session/queue/carry.ts';
import { spreadSeries } from '../../../src/session/queue/spread.ts';
import { throwKillSwitch } from '../../../src/session/operator/kill-switch.ts';
import { readDrill } from '../../../src/session/read.ts';
import { beginSeries, takeUpSeries } from '../../../src/session/series.ts';
import type { SessionEvent } from '../../../src/session/session.ts';
import { ONCE_AS_STATED } from '../../../src/session/trials.ts';
import { workerCells } from '../../../src/report/series/workers.ts';
import { version } from '../../../src/session/version.ts';
import { it } from '../../support/commands.ts';
import { sessionIn } from '../../support/cli/session.ts';
import { NOOP_DRILL } from '../../support/noop/noop-source.ts';
import { startChild, type QueueChild } from '../../support/queue/child.ts';
import { startQueueDatabase, type QueueDatabase } from '../../support/queue/queue-database.ts';

const WORKER = fileURLToPath(new URL('../../support/queue/noop-worker.ts', import.meta.url));
const LEASE_S = 3;
interface Asked {
  readonly id?: string;
  readonly interrupt?: AbortController;
  readonly onEvent?: (event: SessionEvent) => void;
}

describe('a series that is spread over workers', function () {
  this.timeout(180_000);
  let database: QueueDatabase;
  let place: string;
  let workers: QueueChild[];
  before(async () => (database = await startQueueDatabase()));
  after(async () => await database.stop());
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'drill-spread-'));
    workers = [];
    writeFileSync(join(folder('asks'), 'outage.yaml'), NOOP_DRILL);
  });
  afterEach(async () => {
    for (const { child, ended } of workers) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(place, { recursive: true });
  });

  function folder(name: string): string {
    const path = join(place, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  async function start(name: string): Promise<QueueChild> {
    const words = [folder(name), name, String(LEASE_S)] as const;
    const worker = await startChild(WORKER, words, database.address);
    workers.push(worker);
    return worker;
  }

  /** Begins it, or takes up the one of that id. */
  async function spread(trials: number, asked: Asked = {}) {
    const { interrupt = new AbortController() } = asked;
    const directory = folder('asks');
    const told: SessionEvent[] = [];
    const onEvent = asked.onEvent;
    const session = sessionIn({ directory, interrupt, told, onEvent });
    const { drill } = await readDrill('outage.yaml', { set: [] }, session);
    const queue = await SharedQueue.open(database.address, { lease_s: LEASE_S });
    const how = { ...ONCE_AS_STATED, repeat: trials, flags: { set: [] } };
    const series =
      asked.id === undefined
        ? beginSeries([drill!], { ...how, queue: database.address.shown }, session)
        : takeUpSeries(runsDirectory(directory), asked.id, [drill!]);
    const said: string[] = [];
    const say = (text: string) => void said.push(text);
    const made = spreadSeries(series, [drill!], session, { queue, say, workerCommand: 'start' });
    const closed = async () => {
      const all = await made;
      await queue.close();
      return all;
    };
    return { id: series.file.id, said, told, made: closed() };
  }

  type Made = Awaited<Awaited<ReturnType<typeof spread>>['made']>;

  /** Each trial has a run of its own here, which is whole, and which a worker has made. */
  function expectAll({ series }: Made, trials: number): string[] {
    const runs = runsDirectory(folder('asks'));
    const results = series!.results.map((result) => result!);
    expect(series!.file.trials.map(({ state }) => state)).to.deep.equal(
      Array(trials).fill('ended'),
    );
    expect(runIds(runs).toSorted()).to.deep.equal(results.map(({ id }) => id).toSorted());
    for (const [at, { id, drill }] of results.entries()) {
      expect(drill.trial!.number, id).to.equal(at);
      expect(isAsWritten(join(runs, id)), id).to.equal(true);
      expect(judgeRun(join(runs, id)).stored.state, id).to.equal('agrees');
    }
    return results.map(({ drill }) => drill.trial!.worker!);
  }

  /** What its killed runs left is another question: no run that has a result is made for nothing. */
  function expectNoneTwice(trials: number): void {
    const whole = workers.flatMap(({ directory }) => {
      const ended = listRuns(runsDirectory(directory)).filter(({ result }) => result !== null);
      return ended.map(({ id }) => id);
    });
    expect(new Set(whole).size).to.equal(trials);
  }

  it('has workers make six trials, each once, though one of them dies with one', async () => {
    const dies = await start('dies');
    const { made, said, told } = await spread(6);
    await dies.said('begun');
    dies.child.kill('SIGKILL');
    await dies.ended;
    await Promise.all([start('one'), start('two')]);
    const { series } = await made;
    const makers = expectAll(await made, 6);
    expect(new Set(makers)).to.deep.equal(new Set(['one', 'two']));
    expectNoneTwice(6);
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
    const worker = await start('one');
    const { made } = await spread(1);
    const run = (await made).series!.results[0]!.id;
    worker.child.kill('SIGKILL');
    await worker.ended;
    const refused = async (why: string) => {
      const second = await spread(1);
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

  it('keeps what was sent before it was stopped', async () => {
    const interrupt = new AbortController();
    const { made } = await spread(1, { interrupt });
    const worker = await start('one');
    await worker.said('was sent');
    interrupt.abort(new Error('SIGINT'));
    expectAll(await made, 1);
  });

  it.full('loses no trial where the disk of whoever asked takes nothing more', async () => {
    const worker = await start('one');
    const { made, id } = await spread(1);
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
    const again = await spread(1, { id });
    expectAll(await again.made, 1);
    expectNoneTwice(1);
  });

  it.full('gives the trial of a worker that is stopped to another at once', async () => {
    const stops = await start('stops');
    const { made, said } = await spread(1);
    await stops.said('begun');
    stops.child.kill('SIGTERM');
    await stops.ended;
    await start('goes-on');
    expect(expectAll(await made, 1)).to.deep.equal(['goes-on']);
    expect(said).to.include('trial 1 of 1: given back by stops: the worker was stopped');
    const [broken] = listRuns(runsDirectory(stops.directory));
    expect(broken!.state).to.equal('finished');
  });

  it.full('loses nothing where the database is gone for longer than a lease', async () => {
    const worker = await start('waits');
    const { made, said } = await spread(2);
    await worker.said('begun');
    await database.halt();
    await hostClock().sleep(1.5 * LEASE_S * 1_000);
    await database.start();
    expect(expectAll(await made, 2)).to.deep.equal(['waits', 'waits']);
    expectNoneTwice(2);
    expect(said.join('\n')).to.match(
      /the database of the queue does not answer: .+\n(.*\n)*.*back/,
    );
    expect(said.join('\n')).not.to.include('lost');
  });

  it.full('gives a trial back where no drill may begin, and ends by it', async () => {
    const halted = await start('halted');
    throwKillSwitch(runsDirectory(halted.directory), 'a test');
    const { made, said } = await spread(1);
    expect(await halted.ended).to.deep.equal([1, null]);
    await start('free');
    expect(expectAll(await made, 1)).to.deep.equal(['free']);
    expect(said.join()).to.match(/given back by halted: .*kill switch/);
  });

  it.full('takes no trial any more once the kill switch of its folder is thrown', async () => {
    const worker = await start('one');
    const { made, told } = await spread(3);
    await worker.said('begun');
    throwKillSwitch(runsDirectory(folder('asks')), 'a test');
    const { series } = await made;
    expect(series!.file.trials.map(({ state }) => state)).to.deep.equal(['due', 'due', 'due']);
    await worker.said('wanted no more');
    const warned = told.flatMap((event) => (event.type === 'warning' ? [event.text] : []));
    expect(warned.join()).to.include('kill switch was thrown');
  });

  it.full('gives a trial that three workers were lost with to nobody any more', async () => {
    const { made, told } = await spread(1);
    for (const name of ['a', 'b', 'c']) {
      const dies = await start(name);
      await dies.said('begun');
      dies.child.kill('SIGKILL');
      await dies.ended;
    }
    const last = await start('d');
    const { series } = await made;
    expect(series!.file.trials.map(({ state }) => state)).to.deep.equal(['due']);
    const warned = told.flatMap((event) => (event.type === 'warning' ? [event.text] : []));
    expect(warned.join()).to.include('3 workers were lost with it: a, b, c');
    expect(listRuns(runsDirectory(last.directory))).to.deep.equal([]);
  });

  it.full('takes what is left back when it is stopped, and goes on where it was', async () => {
    const worker = await start('one');
    const interrupt = new AbortController();
    const onEvent = ({ type }: SessionEvent) => {
      // The worker has the next one by then, or is about to.
      if (type === 'ended') void worker.said('begun', 2).then(() => interrupt.abort());
    };
    const first = await spread(3, { interrupt, onEvent });
    const { series } = await first.made;
    expect(series!.file.trials.map(({ state }) => state)).to.deep.equal(['ended', 'due', 'due']);
    await worker.said('wanted no more');
    const { made } = await spread(3, { id: first.id });
    expectAll(await made, 3);
  });
});

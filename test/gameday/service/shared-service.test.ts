// Services that share their game days through a real PostgreSQL, each on a disk of its own: no day
// is lost, and no drill of one counts twice, whichever of them is killed, and when.
import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { listRuns } from '../../../src/archive/run-list.ts';
import { randomStream } from '../../../src/base/random.ts';
import type { GameDayRecord } from '../../../src/evidence/gameday-form.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { readUndoLog } from '../../../src/evidence/undo.ts';
import { newRecord } from '../../../src/gameday/day/day.ts';
import { listDays, scheduledId } from '../../../src/gameday/day/day-files.ts';
import { readGameDay } from '../../../src/gameday/read.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { dayQueue, type DayJob } from '../../../src/queue/day-job.ts';
import { SharedQueue } from '../../../src/queue/queue.ts';
import { jobId } from '../../../src/queue/trial-job.ts';
import { listSeries } from '../../../src/session/series-files.ts';
import { it } from '../../support/commands.ts';
import { sessionIn } from '../../support/cli/session.ts';
import { NOOP_DRILL } from '../../support/noop/noop-source.ts';
import { startChild, type QueueChild } from '../../support/queue/child.ts';
import { startQueueDatabase, type QueueDatabase } from '../../support/queue/queue-database.ts';

const SERVICE = fileURLToPath(
  new URL('../../support/gameday/noop-shared-service.ts', import.meta.url),
);
const LEASE_S = 3;
const KILL_WITHIN_MS = 4_000;
const SEED = 11;
const NAME = 'weekly';

describe('services that share their game days', function () {
  this.timeout(900_000);
  let database: QueueDatabase;
  let queue: SharedQueue;
  let place: string;
  let running: QueueChild[];
  beforeEach(async () => {
    place = mkdtempSync(join(tmpdir(), 'drill-shared-service-'));
    running = [];
    database = await startQueueDatabase();
    queue = await SharedQueue.open(database.address, { lease_s: LEASE_S });
  });
  afterEach(async () => {
    for (const each of running) await killed(each);
    await queue.close();
    await database.stop();
    rmSync(place, { recursive: true });
  });

  /** With the files that every one of them serves. */
  function folder(name: string): string {
    const path = join(place, name);
    mkdirSync(path, { recursive: true });
    for (const drill of ['one', 'two']) {
      writeFileSync(join(path, `${drill}.yaml`), NOOP_DRILL.replace('outage', drill));
    }
    const text = `gameday: 1\nname: ${NAME}\nafter_failure: continue\ndrills: [one.yaml, two.yaml]\n`;
    writeFileSync(join(path, 'weekly.yaml'), text);
    return path;
  }

  async function start(name: string): Promise<QueueChild> {
    const words = [folder(name), name, String(LEASE_S)] as const;
    const service = await startChild(SERVICE, words, database.address);
    running.push(service);
    return service;
  }

  async function killed({ child, ended }: QueueChild): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }

  /** As each service does that sees that they are due; resolves to their jobs. */
  async function send(days: number): Promise<string[]> {
    const directory = folder('sender');
    const session = sessionIn({ directory, interrupt: new AbortController(), told: [] });
    const { read } = await readGameDay('weekly.yaml', {}, session);
    const ids: string[] = [];
    for (let day = 1; day <= days; day++) {
      const due_ms = Date.UTC(2026, 10, day, 9);
      const id = scheduledId(NAME, due_ms);
      const of = { id, by: 'schedule', due_ms, runs: runsDirectory(directory) } as const;
      const job: DayJob = {
        schema: 'drill.day-job/1',
        record: newRecord(read!, of),
        stop: null,
      };
      ids.push(jobId('gameday', id));
      await queue.send(dayQueue(NAME), ids.at(-1)!, job);
    }
    return ids;
  }

  /** What the days came to, once all have. */
  async function held(ids: readonly string[]): Promise<GameDayRecord[]> {
    for (;;) {
      const found = await queue.look(dayQueue(NAME), ids);
      if ([...found.values()].every(({ state }) => state === 'completed')) break;
      await hostClock().sleep(100);
    }
    const outputs = ids.map(async (id) => await queue.outputOf(dayQueue(NAME), id));
    return (await Promise.all(outputs)).map((each) => (each as { record: GameDayRecord }).record);
  }

  /** Each drill of each was made, by a run of one of them; resolves to runs that count nowhere. */
  function expectEachOnce(records: readonly GameDayRecord[], names: readonly string[]): string[] {
    const folders = names.map((name) => runsDirectory(join(place, name)));
    const series = folders.flatMap((runs) => listSeries(runs));
    const counted = records.flatMap(({ id, stop, drills }) => {
      expect(stop, id).to.equal(null);
      return drills.map((drill) => {
        expect([drill.state, drill.outcome?.trials], drill.series).to.deep.equal([
          'ended',
          { made: 1, planned: 1 },
        ]);
        return drill.series;
      });
    });
    expect(new Set(counted).size).to.equal(counted.length);
    const made = folders.flatMap((runs) => listRuns(runs)).filter(({ result }) => result !== null);
    const ofDays = counted.map((id) => {
      const trials = series.filter((each) => each.id === id).flatMap((each) => each.trials);
      const ended = trials.filter(({ state }) => state === 'ended');
      expect(ended.length, id).to.be.at.least(1);
      return ended[0]!.run!;
    });
    return made.map(({ id }) => id).filter((id) => !ofDays.includes(id));
  }

  function expectClean(name: string): void {
    for (const { id, directory } of listRuns(runsDirectory(join(place, name)))) {
      // One that was killed before it wrote its log has done nothing yet.
      if (!existsSync(runFile(directory, 'undo'))) continue;
      expect(readUndoLog(runFile(directory, 'undo')).entries.at(-1)!.undo, id).to.equal('done');
    }
  }

  it.full(
    'have another one go on with the day of one that died, after its last drill',
    async () => {
      const ids = await send(1);
      const first = await start('first');
      await first.said('begun', 2);
      await killed(first);
      await start('second');
      const records = await held(ids);
      expect(expectEachOnce(records, ['first', 'second'])).to.deep.equal([]);
      expect(records[0]).to.deep.include({ service: 'second', lost_services: ['first'] });
      // The one that comes back finds that out, cleans up, and holds nothing again.
      const back = await start('first');
      await back.said('passed over');
      const [record] = listDays(runsDirectory(first.directory));
      expect(record!.stop).to.deep.equal({
        why: 'handed-over',
        text: 'another service goes on with it, since this one was not heard of',
      });
      expectClean('first');
    },
  );

  it.full('hand a day over when they are stopped', async () => {
    const ids = await send(1);
    const first = await start('first');
    await first.said('begun');
    first.child.kill('SIGTERM');
    await first.ended;
    await start('second');
    const records = await held(ids);
    expect(expectEachOnce(records, ['first', 'second'])).to.have.lengthOf(1);
    expect(records[0]!.lost_services).to.equal(undefined);
    expectClean('first');
  });

  it.full('hold what they had while the database is gone, and tell it later', async () => {
    const ids = await send(2);
    const services = await Promise.all([start('first'), start('second')]);
    for (const each of services) await each.said('begun');
    await database.halt();
    await hostClock().sleep(2 * LEASE_S * 1_000);
    await database.start();
    const records = await held(ids);
    expect(expectEachOnce(records, ['first', 'second'])).to.deep.equal([]);
    expect(records.flatMap(({ lost_services = [] }) => lost_services)).to.deep.equal([]);
  });

  it.full('hold each day once, though they are killed at any moment', async () => {
    const kills = 30;
    const ids = await send(8);
    const random = randomStream(SEED);
    const names = ['first', 'second'];
    let services = await Promise.all(names.map((name) => start(name)));
    for (let kill = 0; kill < kills; kill++) {
      await hostClock().sleep(random() * KILL_WITHIN_MS);
      const at = Math.floor(random() * names.length);
      await killed(services[at]!);
      services = services.with(at, await start(names[at]!));
    }
    const records = await held(ids);
    const beside = expectEachOnce(records, names);
    // Killed between the end of a drill and the moment at which the others knew of it.
    expect(beside.length).to.be.at.most(2);
    for (const each of services) {
      each.child.kill('SIGTERM');
      await each.ended;
    }
    for (const name of names) expectClean(name);
  });
});

// What services that share their game days give out, through a real PostgreSQL: each moment once for
// all of them, and what was missed or blocked told once.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { listDays, writeDay } from '../../../src/gameday/day/day-files.ts';
import type { GameDayRecord } from '../../../src/evidence/gameday-form.ts';
import { endOf } from '../../../src/gameday/day/run-day.ts';
import { notRun } from '../../../src/verdict/gameday.ts';
import { readGameDay, type GameDayRead } from '../../../src/gameday/read.ts';
import { readSeen } from '../../../src/gameday/service/days-on-disk.ts';
import type { Wanted } from '../../../src/gameday/service/service.ts';
import { SharedDays } from '../../../src/gameday/service/shared-days.ts';
import { dayQueue, type DayJob } from '../../../src/queue/day-job.ts';
import { SharedQueue } from '../../../src/queue/queue.ts';
import { jobId } from '../../../src/queue/trial-job.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { startQueueDatabase, type QueueDatabase } from '../../support/queue/queue-database.ts';

const DRILL = `drill: 1
name: one
targets: { rto: 15s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;

describe('game days that services share', function () {
  this.timeout(60_000);
  let database: QueueDatabase;
  let queue: SharedQueue;
  let place = '';
  let name = '';
  let read: GameDayRead;
  let number = 0;
  const held: string[] = [];
  const happened: string[] = [];
  const said: string[] = [];
  before(async () => {
    database = await startQueueDatabase();
    queue = await SharedQueue.open(database.address);
  });
  after(async () => {
    await queue.close();
    await database.stop();
  });
  beforeEach(async () => {
    place = mkdtempSync(join(tmpdir(), 'drill-shared-days-'));
    // Of another name in each test, so that none finds the days of another.
    name = `weekly-${number++}`;
    for (const list of [held, happened, said]) list.length = 0;
    read = await fileIn('sender');
  });
  afterEach(() => rmSync(place, { recursive: true }));

  async function fileIn(service: string): Promise<GameDayRead> {
    const directory = join(place, service);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'one.yaml'), DRILL);
    writeFileSync(
      join(directory, 'weekly.yaml'),
      `gameday: 1\nname: ${name}\ndrills: [one.yaml]\n`,
    );
    const made = await readGameDay('weekly.yaml', {}, { directory, environment: {} });
    return made.read!;
  }

  const runsOf = (service: string) => runsDirectory(join(place, service));

  async function service(own: string): Promise<SharedDays> {
    const mine = await fileIn(own);
    const clock = new ManualClock();
    const directory = join(place, own);
    const interrupt = new AbortController().signal;
    return new SharedDays({
      ...{ runs: runsOf(own), clock, queue, name: own, reads: () => [mine] },
      place: { directory, environment: {}, interrupt },
      adopt: async () => null,
      hold: async ({ record }) => {
        held.push(`${own} ${record.id}`);
        const now = new Date(clock.wall()).toISOString();
        const ended = { ...record, began_at: now, ...endOf(record, null, now) };
        writeDay(ended);
        return await Promise.resolve(ended);
      },
      tell: () => {},
      notify: async ({ event }) => void happened.push(`${own} ${event}`),
      say: (text) => void said.push(text),
    });
  }

  const at = (hour: number): Wanted => {
    const due_ms = Date.UTC(2026, 10, 22, hour);
    return { read, due: { due_ms, at_ms: due_ms, blocked: null } };
  };

  it('are sent by each that sees them, and held by one', async () => {
    const [one, two] = [await service('one'), await service('two')];
    await Promise.all([one.claim(at(20)), two.claim(at(20))]);
    expect([await two.work(), await one.work()]).to.deep.equal(['worked', 'idle']);
    expect(held).to.deep.equal([`two 20261122T200000Z-${name}`]);
    // One that looks later, since it was down, sends nothing anew.
    await one.claim(at(20));
    await one.miss(at(20), 'no service ran');
    expect(await one.work()).to.equal('idle');
    expect(happened).to.deep.equal([]);
    expect(listDays(runsOf('two'))[0]).to.deep.include({ service: 'two', stop: null });
    expect(listDays(runsOf('one'))).to.deep.equal([]);
  });

  it('that nobody held are told once, with a record', async () => {
    const [one, two] = [await service('one'), await service('two')];
    for (const each of [one, two]) await each.miss(at(20), 'no service ran');
    for (const each of [one, two, one]) await each.work();
    expect(happened).to.deep.equal(['one missed']);
    expect(listDays(runsOf('one'))[0]!.stop).to.deep.equal({
      why: 'missed',
      text: 'no service ran',
    });
  });

  it('that are blocked are told once, without one', async () => {
    const [one, two] = [await service('one'), await service('two')];
    for (const each of [one, two]) await each.block(at(20), 'blocked 13:00-14:00');
    for (const each of [one, two, one]) await each.work();
    expect(happened).to.deep.equal(['one blocked']);
    expect(listDays(runsOf('one'))).to.deep.equal([]);
  });

  it('are missed where the one before waits still, on whichever service', async () => {
    const [one, two] = [await service('one'), await service('two')];
    await one.claim(at(20));
    await two.claim(at(21));
    for (const each of [one, one]) await each.work();
    expect(held).to.deep.equal([`one 20261122T200000Z-${name}`]);
    expect(happened).to.deep.equal(['one missed']);
  });

  it('count as given out once the database has them', async () => {
    const one = await service('one');
    one.remember({ [name]: 7 });
    expect(readSeen(runsOf('one'))).to.deep.equal({ [name]: 7 });
  });

  /** As a service that has that of it, and died. */
  async function leave(record: (fresh: GameDayRecord) => GameDayRecord): Promise<void> {
    const one = await service('one');
    await one.claim(at(20));
    const taken = (await queue.take(dayQueue(name), 'gone'))!;
    const body = taken.body as DayJob;
    await queue.note(taken, { ...body, record: record({ ...body.record, service: 'gone' }) });
    await queue.giveBack(taken, 'a test');
  }

  it('that cannot be as they are told are not held, and somebody is told', async () => {
    await leave((record) => {
      const [drill] = record.drills;
      return { ...record, drills: [{ ...drill!, name: 'forged' }] };
    });
    const two = await service('two');
    await two.work();
    const why = 'its record in the database is not believed: its drill 1 is forged, not one as in';
    expect(held).to.deep.equal([]);
    expect(said).to.deep.equal([`20261122T200000Z-${name}: ${why} weekly.yaml here`]);
    expect(happened).to.deep.equal(['two missed']);
    const [record] = listDays(runsOf('two'));
    expect(record).to.deep.include({ verdict: 'inconclusive', service: 'two' });
    expect(record!.stop!.text).to.include(why);
    expect(await two.work()).to.equal('idle');
  });

  it('that ended where nobody could say so any more are told, and not held again', async () => {
    await leave((record) => {
      const [drill] = record.drills;
      const made = { ...drill!, state: 'ended', outcome: notRun('fail', 'it rains', 1) } as const;
      const ended = { ...record, began_at: record.due_at, drills: [made] };
      return { ...ended, ...endOf(ended, null, '2026-11-22T20:10:00.000Z') };
    });
    const two = await service('two');
    expect([await two.work(), await two.work()]).to.deep.equal(['worked', 'idle']);
    expect(held).to.deep.equal([]);
    const [record] = listDays(runsOf('two'));
    expect(record).to.deep.include({ verdict: 'fail', ended_at: '2026-11-22T20:10:00.000Z' });
    expect(record!.drills[0]!.told_by).to.equal('gone');
  });

  it('that would have files elsewhere are not held', async () => {
    const one = await service('one');
    await one.claim(at(20));
    const own = dayQueue(name);
    const taken = (await queue.take(own, 'stranger'))!;
    const { record, ...rest } = taken.body as DayJob;
    for (const [index, id] of ['../../20261122T200000Z', `x-${name}`].entries()) {
      const job = jobId(name, String(index));
      await queue.send(own, job, { ...rest, record: { ...record, id } });
    }
    const series = { ...record.drills[0]!, series: '../../etc' };
    await queue.send(own, jobId(name, '9'), { ...rest, record: { ...record, drills: [series] } });
    for (let job = 0; job < 3; job++) expect(await one.work()).to.equal('worked');
    expect(held).to.deep.equal([]);
    expect(said).to.deep.equal(
      Array(3).fill(`a day of ${name} cannot be read by this version of drill`),
    );
    await queue.remove(own, [taken.id]);
  });
});

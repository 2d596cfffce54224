// Services that share a folder: real records and locks, drills on a machine where nothing comes up.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import type { GameDayRecord } from '../../../src/evidence/gameday-form.ts';
import { listDays, readDay, writeDay } from '../../../src/gameday/day/day-files.ts';
import { endOf } from '../../../src/gameday/day/run-day.ts';
import { readGameDay, type GameDayRead } from '../../../src/gameday/read.ts';
import { DaysOnDisk, readSeen, type DayNotice } from '../../../src/gameday/service/days-on-disk.ts';
import type { Wanted } from '../../../src/gameday/service/service.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const DRILL = `drill: 1
name: one
targets: { rto: 15s, rpo: 1s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;

describe('the game days of services on one disk', () => {
  let directory = '';
  let clock = new ManualClock();
  let read: GameDayRead;
  let held: string[] = [];
  let told: DayNotice[] = [];
  let happened: string[] = [];
  const place = () => ({ directory, environment: {}, interrupt: new AbortController().signal });
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'drill-days-'));
    clock = new ManualClock();
    [held, told, happened] = [[], [], []];
    writeFileSync(join(directory, 'one.yaml'), DRILL);
    const text =
      "gameday: 1\nname: weekly\nschedule: '0 * * * *'\ndrills: [one.yaml]\n" +
      "blocked_windows: ['13:00-14:00']\nretention: { keep_for: 1d }\n";
    writeFileSync(join(directory, 'weekly.yaml'), text);
    read = (await readGameDay('weekly.yaml', {}, place())).read!;
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const runs = () => runsDirectory(directory);
  const service = (reads: readonly GameDayRead[] = [read]) =>
    new DaysOnDisk({
      ...{ runs: runs(), clock, place: place(), reads: () => reads },
      hold: async ({ record }) => {
        held.push(record.id);
        const now = new Date(clock.wall()).toISOString();
        const ended = { ...record, began_at: now, ...endOf(record, null, now) };
        writeDay(ended);
        return await Promise.resolve(ended);
      },
      adopt: async ({ file }) => await Promise.resolve(file === read.file ? read : null),
      tell: (notice) => void told.push(notice),
      notify: (happening) => Promise.resolve(void happened.push(happening.event)),
    });
  const at = (hour: number): Wanted => {
    const due_ms = Date.UTC(2026, 10, 22, hour);
    return { read, due: { due_ms, at_ms: due_ms, blocked: null } };
  };
  const ids = () => listDays(runs()).map(({ id }) => id);

  it('are claimed by one of them, and held once, the oldest first', async () => {
    const [one, two] = [service(), service()];
    for (const hour of [21, 20]) for (const each of [one, two]) each.claim(at(hour));
    expect(ids()).to.deep.equal(['20261122T200000Z-weekly', '20261122T210000Z-weekly']);
    expect(one.isWaiting('weekly')).to.equal(true);
    expect([await two.work(), await one.work(), await two.work()]).to.deep.equal([
      ...['worked', 'worked', 'idle'],
    ]);
    expect(held).to.deep.equal(ids());
    expect(one.isWaiting('weekly')).to.equal(false);
    expect(told.map(({ kind }) => kind)).to.deep.equal(['claimed', 'claimed', 'ended', 'ended']);
  });

  it('of a file that is not served here wait for whoever serves it, unless they were begun', async () => {
    service().claim(at(20));
    const other = service([]);
    expect(await other.work()).to.equal('idle');
    const [id = ''] = ids();
    writeDay({ ...readDay(runs(), id)!, began_at: '2026-11-22T20:00:00.000Z' });
    expect(await other.work()).to.equal('worked');
    expect(held).to.deep.equal([id]);
  });

  it('that were begun elsewhere go on as their file says, and without it', async () => {
    const begun = async (hour: number, file: string) => {
      service().claim(at(hour));
      const id = ids().at(-1)!;
      writeDay({ ...readDay(runs(), id)!, file, began_at: '2026-11-22T20:00:00.000Z' });
      expect(await service([]).work()).to.equal('worked');
    };
    await begun(19, 'gone.yaml');
    expect(ids()).to.have.lengthOf(1);
    // Its file says that days go after one; the one before is older.
    clock.skip(2 * 86_400_000);
    await begun(20, read.file);
    expect(ids()).to.deep.equal(['20261122T200000Z-weekly']);
  });

  it('do not begin in a blocked window that came while they waited', async () => {
    clock.skip(Date.UTC(2026, 10, 23, 13, 30) - clock.wall());
    const one = service();
    one.claim(at(20));
    expect(await one.work()).to.equal('worked');
    expect(held).to.deep.equal([]);
    expect(listDays(runs())[0]!.stop).to.deep.equal({
      why: 'blocked',
      text: 'blocked 13:00-14:00',
    });
  });

  it('that were missed have a record and are never held', async () => {
    const one = service();
    await one.miss(at(20), 'no service ran');
    one.claim(at(20));
    expect(await one.work()).to.equal('idle');
    const [record] = listDays(runs());
    expect(record).to.deep.include({ verdict: 'inconclusive', began_at: null });
    expect(record!.stop).to.deep.equal({ why: 'missed', text: 'no service ran' });
    expect(happened).to.deep.equal(['missed']);
  });

  it('that somebody else holds were not missed', async () => {
    const [one, two] = [service(), service()];
    one.claim(at(20));
    await two.miss(at(20), 'no service ran');
    await one.work();
    await two.miss(at(20), 'no service ran');
    expect(happened).to.deep.equal([]);
  });

  it('that are blocked are told without a record', async () => {
    await service().block(at(13), 'blocked 13:00-14:00');
    expect([happened, ids()]).to.deep.equal([['blocked'], []]);
  });

  it('end where a drill of theirs is gone', async () => {
    const one = service();
    one.claim(at(20));
    rmSync(join(directory, 'one.yaml'));
    expect(await one.work()).to.equal('worked');
    expect(listDays(runs())[0]!.stop!.text).to.include('there is no such file');
    expect(listDays(runs())[0]!.verdict).to.equal('interrupted');
  });

  it('go after their time, when the next one has ended', async () => {
    const one = service();
    const old: GameDayRecord[] = [];
    one.claim(at(1));
    await one.work();
    old.push(...listDays(runs()));
    clock.skip(2 * 86_400_000);
    one.claim(at(20));
    await one.work();
    expect(ids()).to.deep.equal(['20261122T200000Z-weekly']);
    expect(old).to.have.length(1);
  });

  it('remember what was given out, and nothing where that is no file of theirs', () => {
    expect(readSeen(runs())).to.deep.equal({});
    service().remember({ weekly: 5 });
    expect(readSeen(runs())).to.deep.equal({ weekly: 5 });
    writeFileSync(
      join(directory, '.drill', 'gamedays', 'service.state'),
      '{"seen":{"weekly":"x"}}',
    );
    expect(readSeen(runs())).to.deep.equal({});
    writeFileSync(join(directory, '.drill', 'gamedays', 'service.state'), 'half');
    expect(readSeen(runs())).to.deep.equal({});
  });
});

// A service over a year that passes in moments: each game day once, none where none may begin, none
// lost whenever the service is killed.
import { expect } from 'chai';
import { randomStream } from '../../../src/base/random.ts';
import { parseGameDay } from '../../../src/gameday/file/parse-gameday.ts';
import type { GameDayRead } from '../../../src/gameday/read.ts';
import { blockOf, comingOf } from '../../../src/gameday/schedule/coming.ts';
import { Service, type Days, type Wanted } from '../../../src/gameday/service/service.ts';
import type { Seen } from '../../../src/gameday/service/schedule.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 366 * DAY_MS;

function gameDay(name: string, more: string): GameDayRead {
  const text = `gameday: 1\nname: ${name}\ndrills: [one.yaml]\n${more}`;
  const { gameday, diagnostics } = parseGameDay({
    file: `${name}.yaml`,
    bytes: new TextEncoder().encode(text),
  });
  expect(diagnostics).to.deep.equal([]);
  return { file: `${name}.yaml`, gameday: gameday!, drills: [] };
}

/** The disk of services that come and go: what it holds outlives them. */
class MemoryDays implements Days {
  readonly records = new Map<string, 'open' | 'held' | 'missed'>();
  readonly begun = new Map<string, number>();
  readonly blocked: string[] = [];
  readonly missed: string[] = [];
  seen: Seen = {};
  /** A service that is gone does nothing any more. */
  isDead: () => boolean = () => false;
  readonly #open = new Set<string>();
  readonly #clock: ManualClock;
  readonly #takes_ms: number;

  constructor(clock: ManualClock, takes_ms: number) {
    this.#clock = clock;
    this.#takes_ms = takes_ms;
  }

  #keyOf({ read, due }: Wanted): string {
    return `${read.gameday.name} ${new Date(due.due_ms).toISOString()}`;
  }

  isWaiting(name: string): boolean {
    return [...this.#open].some((key) => key.startsWith(`${name} `) && !this.begun.has(key));
  }

  claim(wanted: Wanted): void {
    const key = this.#keyOf(wanted);
    if (this.isDead() || this.records.has(key)) return;
    this.records.set(key, 'open');
    this.#open.add(key);
  }

  miss(wanted: Wanted, text: string): void {
    const key = this.#keyOf(wanted);
    if (this.isDead() || this.records.has(key)) return;
    this.records.set(key, 'missed');
    this.missed.push(`${key}: ${text}`);
  }

  block(wanted: Wanted): void {
    if (!this.isDead()) this.blocked.push(this.#keyOf(wanted));
  }

  remember(seen: Seen): void {
    if (!this.isDead()) this.seen = seen;
  }

  async work(): Promise<'worked' | 'busy' | 'idle'> {
    const [key] = this.#open;
    if (key === undefined || this.isDead()) return 'idle';
    if (!this.begun.has(key)) this.begun.set(key, this.#clock.wall());
    await this.#clock.sleep(this.#takes_ms);
    if (this.isDead()) return 'idle'; // it is open still
    expect(this.records.get(key), 'held twice').to.equal('open');
    this.records.set(key, 'held');
    this.#open.delete(key);
    return 'worked';
  }

  held(name: string): string[] {
    const names = [...this.records].filter(([, state]) => state === 'held').map(([key]) => key);
    return names.filter((key) => key.startsWith(`${name} `)).map((key) => key.split(' ')[1]!);
  }
}

const dues = ({ gameday }: GameDayRead, after_ms: number, until_ms: number) => [
  ...comingOf(gameday, { after_ms, until_ms }),
];
const isoOf = (ms: number) => new Date(ms).toISOString();

describe('the service of game days', () => {
  const FILES = () => [
    gameDay('each-hour', "schedule: '0 * * * * Europe/Berlin'\n"),
    gameDay('nightly', "schedule: '30 2 * * * America/New_York'\n"),
    gameDay(
      'office',
      "schedule: '15 * * * * Europe/Berlin'\nallowed_windows: ['Mon-Fri 09:00-17:00 Europe/Berlin']\n" +
        "blocked_dates: ['2026-12-24..2027-01-02']\njitter: 20m\n",
    ),
    gameDay('leap', "schedule: '0 12 29 2 * UTC'\n"),
  ];

  async function serve(
    files: readonly GameDayRead[],
    days: MemoryDays,
    clock: ManualClock,
    for_ms: number,
  ): Promise<void> {
    const stop = new AbortController();
    const service = new Service(files, days.seen, days, { clock, lookEvery_ms: 6 * HOUR_MS });
    const running = service.run(stop.signal);
    await clock.advance(for_ms);
    stop.abort();
    await clock.runUntil(running);
  }

  it('holds each of a year once, over both changes of the clocks, and none that is blocked', async () => {
    const clock = new ManualClock();
    const days = new MemoryDays(clock, 60_000);
    const files = FILES();
    const begin_ms = clock.wall();
    await serve(files, days, clock, YEAR_MS);
    for (const file of files) {
      const wanted = dues(file, begin_ms, begin_ms + YEAR_MS - HOUR_MS);
      const due = wanted.filter(({ blocked }) => blocked === null);
      const held = days
        .held(file.gameday.name)
        .filter((at) => at <= isoOf(begin_ms + YEAR_MS - HOUR_MS));
      expect(held, file.gameday.name).to.deep.equal(due.map(({ due_ms }) => isoOf(due_ms)));
    }
    expect(days.held('each-hour').length).to.be.within(8_780, 8_785);
    expect(days.held('nightly').length).to.be.within(365, 366);
    expect(days.missed).to.deep.equal([]);
    const { gameday } = files.find((file) => file.gameday.name === 'office')!;
    for (const [key, at_ms] of days.begun) {
      if (key.startsWith('office ')) expect(blockOf(gameday, at_ms - 60_000), key).to.equal(null);
    }
  }).timeout(60_000);

  it('knows a leap day', async () => {
    const clock = new ManualClock();
    clock.skip(Date.UTC(2028, 1, 28) - clock.wall());
    const days = new MemoryDays(clock, 1_000);
    await serve([gameDay('leap', "schedule: '0 12 29 2 * UTC'\n")], days, clock, 3 * DAY_MS);
    expect(days.held('leap')).to.deep.equal(['2028-02-29T12:00:00.000Z']);
  });

  it('loses none and holds none twice, however often it is killed', async () => {
    const clock = new ManualClock();
    const days = new MemoryDays(clock, 25_000);
    const file = gameDay('half-hourly', "schedule: '*/2 * * * * UTC'\n");
    const begin_ms = clock.wall();
    const drawn = randomStream(7);
    for (let kill = 0; kill < 200; kill++) {
      let isDead = false;
      days.isDead = () => isDead;
      const service = new Service([file], days.seen, days, { clock, lookEvery_ms: 15_000 });
      const gone = new AbortController();
      const running = service.run(gone.signal);
      await clock.advance(1 + drawn() * 240_000);
      isDead = true;
      gone.abort();
      await clock.runUntil(running);
    }
    days.isDead = () => false;
    await serve([file], days, clock, 10 * 60_000);
    const until_ms = clock.wall() - 3 * 60_000;
    const due = dues(file, begin_ms, until_ms).map(({ due_ms }) => isoOf(due_ms));
    const known = [...days.records.keys()].map((key) => key.split(' ')[1]!);
    expect(known.filter((at) => at <= isoOf(until_ms)).toSorted()).to.deep.equal(due);
    const open = [...days.records].filter(([, state]) => state === 'open');
    expect(open.filter(([key]) => key.split(' ')[1]! <= isoOf(until_ms))).to.deep.equal([]);
  }).timeout(30_000);

  const missedOver = async (if_missed: string) => {
    const clock = new ManualClock();
    const days = new MemoryDays(clock, 60_000);
    const file = gameDay('hourly', `schedule: '0 * * * * UTC'\nif_missed: ${if_missed}\n`);
    await serve([file], days, clock, 2 * HOUR_MS);
    const before = days.held('hourly').length;
    clock.skip(DAY_MS);
    await serve([file], days, clock, 10 * 60_000);
    return { days, late: days.held('hourly').length - before };
  };

  it('reports what was due while it was down, once for all of it', async () => {
    const { days, late } = await missedOver('report');
    expect(late).to.equal(0);
    expect(days.missed).to.have.length(1);
    expect(days.missed[0]).to.match(/: no service ran when it was due, nor for 23 before it$/);
  });

  it('holds the last that was missed late, or says nothing, as the file wants it', async () => {
    const run = await missedOver('run');
    expect([run.late, run.days.missed]).to.deep.equal([1, []]);
    const skip = await missedOver('skip');
    expect([skip.late, skip.days.missed]).to.deep.equal([0, []]);
  });

  it('is told of a year of every five minutes as of one', async () => {
    const clock = new ManualClock();
    const days = new MemoryDays(clock, 1_000);
    const file = gameDay('often', "schedule: '*/5 * * * * UTC'\n");
    await serve([file], days, clock, HOUR_MS);
    clock.skip(365 * DAY_MS);
    await serve([file], days, clock, 60_000);
    expect(days.missed).to.have.length(1);
    expect(days.missed[0]).to.match(/, nor for 105\d{3} before it$/);
  }).timeout(60_000);

  it('has missed nothing of a file that it never served', async () => {
    const clock = new ManualClock();
    const days = new MemoryDays(clock, 1_000);
    days.seen = { other: clock.wall() - DAY_MS };
    await serve([gameDay('hourly', "schedule: '0 * * * * UTC'\n")], days, clock, 60_000);
    expect([...days.records]).to.deep.equal([]);
  });

  it('has one wait while another is held, and not two of one name', async () => {
    const clock = new ManualClock();
    const days = new MemoryDays(clock, 3 * HOUR_MS + 60_000);
    await serve([gameDay('hourly', "schedule: '0 * * * * UTC'\n")], days, clock, 8 * HOUR_MS);
    expect(days.held('hourly').length).to.be.within(2, 3);
    expect(days.missed.length).to.be.above(2);
    expect(days.missed[0]).to.match(/: the one before it was still to begin$/);
  });

  it('stands no clock that is set back: nothing comes twice', async () => {
    const clock = new ManualClock();
    const days = new MemoryDays(clock, 1_000);
    const file = gameDay('hourly', "schedule: '0 * * * * UTC'\n");
    await serve([file], days, clock, 5 * HOUR_MS);
    const held = days.held('hourly');
    clock.skip(-2 * HOUR_MS);
    await serve([file], days, clock, HOUR_MS);
    expect(days.held('hourly')).to.deep.equal(held);
    await serve([file], days, clock, 3 * HOUR_MS);
    expect(days.held('hourly').length).to.be.above(held.length);
  });

  it('takes other files from now on when it is told to', async () => {
    const clock = new ManualClock();
    const days = new MemoryDays(clock, 1_000);
    const stop = new AbortController();
    const old = gameDay('old', "schedule: '0 * * * * UTC'\n");
    const service = new Service([old], {}, days, { clock, lookEvery_ms: 6 * HOUR_MS });
    const running = service.run(stop.signal);
    await clock.advance(2 * HOUR_MS);
    service.reload([gameDay('new', "schedule: '0 * * * * UTC'\n")]);
    await hostClock().sleep(1);
    await clock.advance(3 * HOUR_MS);
    stop.abort();
    await clock.runUntil(running);
    expect(days.held('old')).to.have.length(2);
    expect(days.held('new')).to.have.length(3);
  });
});

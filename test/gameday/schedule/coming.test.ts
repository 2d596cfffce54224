import { expect } from 'chai';
import { parseGameDay } from '../../../src/gameday/file/parse-gameday.ts';
import type { GameDay } from '../../../src/gameday/file/schema.ts';
import { blockOf, comingOf } from '../../../src/gameday/schedule/coming.ts';

const YEAR = {
  after_ms: Date.parse('2026-01-01T00:00Z'),
  until_ms: Date.parse('2027-01-01T00:00Z'),
};

function gameDay(rest: string): GameDay {
  const text = `gameday: 1\nname: weekly\ndrills: [region-outage]\n${rest}`;
  const { gameday, diagnostics } = parseGameDay({
    file: 'weekly.yaml',
    bytes: new TextEncoder().encode(text),
  });
  if (gameday === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return gameday;
}

const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);

describe('comingOf', () => {
  it('gives each moment of several lines once, in order', () => {
    const weekly = gameDay("schedule: ['0 10 * * MON UTC', '0 10 1 * * UTC', '0 10 * * MON UTC']");
    const due = [...comingOf(weekly, YEAR)].map(({ due_ms }) => due_ms);
    expect(due).to.deep.equal([...new Set(due)].toSorted((a, b) => a - b));
    // 52 Mondays, and the first of a month that is no Monday: those of June is one.
    expect(due).to.have.length(52 + 11);
  });

  it('is empty without a schedule', () => {
    expect([...comingOf(gameDay(''), { ...YEAR, until_ms: Infinity })]).to.deep.equal([]);
  });

  it('moves each moment by a jitter of its own, the same whenever it is asked', () => {
    const weekly = gameDay("schedule: '0 10 * * * UTC'\njitter: 15m");
    const all = [...comingOf(weekly, YEAR)];
    const later = all.map(({ due_ms, at_ms }) => at_ms - due_ms);
    for (const ms of later) expect(ms).to.be.within(0, 15 * 60_000 - 1);
    expect(new Set(later).size).to.be.above(360);
    const mean = later.reduce((sum, ms) => sum + ms, 0) / later.length;
    expect(mean / 60_000).to.be.within(6.5, 8.5);
    const half = { ...YEAR, after_ms: Date.parse('2026-07-01T00:00Z') };
    expect([...comingOf(weekly, half)]).to.deep.equal(all.slice(-184));
  });

  it('lets none begin in a blocked window, on a blocked day or outside of what is allowed', () => {
    const weekly = gameDay(`schedule: '0 * * * * Europe/Berlin'
jitter: 59m
zone: Europe/Berlin
allowed_windows: ['Mon-Fri 20:00-08:00']
blocked_windows: ['Mon 00:00-24:00']
blocked_dates: ['2026-12-24..2027-01-02', '05-01']
`);
    const winter = { ...YEAR, after_ms: Date.parse('2026-10-12T00:00Z') };
    const all = [...comingOf(weekly, winter)];
    expect(all).to.have.length(81 * 24);
    const begun = all.filter(({ blocked }) => blocked === null);
    for (const { at_ms } of begun) {
      const [, day, date, hour] = /^(\w+) (\S+) (\d+)/.exec(berlin(at_ms))!;
      expect(day, berlin(at_ms)).to.be.oneOf(['Tue', 'Wed', 'Thu', 'Fri', 'Sat']);
      expect(Number(hour) >= 20 || Number(hour) < 8, berlin(at_ms)).to.equal(true);
      if (day === 'Sat') expect(Number(hour)).to.be.below(8);
      expect(date! < '12-24' && date !== '05-01', berlin(at_ms)).to.equal(true);
    }
    // Tuesday until 8, and four nights of 12 hours: 56 hours a week, up to 24 December.
    expect((begun.length * 7) / 73).to.be.within(53, 58);
  });

  it('says why one does not begin', () => {
    const weekly = gameDay("blocked_dates: ['02-29']\nallowed_windows: ['Mon 09:00-10:00']");
    expect(blockOf(weekly, Date.parse('2028-02-29T09:30Z'))).to.equal('blocked on 02-29');
    expect(blockOf(weekly, Date.parse('2026-06-02T09:30Z'))).to.equal('outside of Mon 09:00-10:00');
    expect(blockOf(weekly, Date.parse('2026-06-01T09:30Z'))).to.equal(null);
    expect(blockOf(weekly, Date.parse('2026-06-01T10:00Z'))).not.to.equal(null);
  });

  it('begins at its own time where the jitter would move it to a blocked one', () => {
    const weekly = gameDay(
      "schedule: '0 9 * * * UTC'\njitter: 5h\nallowed_windows: ['09:00-09:30']",
    );
    for (const { at_ms, blocked } of comingOf(weekly, YEAR)) {
      expect(blocked).to.equal(null);
      expect(iso(at_ms).slice(11)).to.match(/^09:[012]/);
    }
  });
});

function berlin(at_ms: number): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: 'Europe/Berlin',
    hourCycle: 'h23',
    weekday: 'short',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  }).formatToParts(at_ms);
  const of = (type: string) => parts.find((part) => part.type === type)!.value;
  return `${of('weekday')} ${of('month')}-${of('day')} ${of('hour')}`;
}

import { expect } from 'chai';
import { cronProblem, nextMoment } from '../../../src/gameday/schedule/cron.ts';

function first(cron: string, zone: string, after: string, count: number): string[] {
  const found: string[] = [];
  let at_ms: number | null = Date.parse(after);
  while (found.length < count) {
    at_ms = nextMoment({ cron, zone }, at_ms);
    if (at_ms === null) break;
    found.push(new Date(at_ms).toISOString().slice(0, 16));
  }
  return found;
}

describe('nextMoment', () => {
  const BERLIN = 'Europe/Berlin';

  it('comes once on a night whose clocks are set forth over it, as long after', () => {
    expect(first('30 2 * * *', BERLIN, '2026-03-28T00:00:00Z', 3)).to.deep.equal([
      '2026-03-28T01:30',
      '2026-03-29T01:30', // 03:30, since there is no 02:30
      '2026-03-30T00:30',
    ]);
  });

  it('comes once on a night whose clocks are set back over it, the first time', () => {
    expect(first('30 2 * * *', BERLIN, '2026-10-24T00:00:00Z', 3)).to.deep.equal([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  it('comes in every half hour that passes, also where clocks repeat or skip one', () => {
    expect(first('*/30 * * * *', BERLIN, '2026-10-24T23:59:00Z', 6)).to.deep.equal([
      '2026-10-25T00:00',
      '2026-10-25T00:30',
      '2026-10-25T01:00',
      '2026-10-25T01:30',
      '2026-10-25T02:00',
      '2026-10-25T02:30',
    ]);
    expect(first('*/30 * * * *', BERLIN, '2026-03-29T00:00:00Z', 3)).to.deep.equal([
      '2026-03-29T00:30',
      '2026-03-29T01:00',
      '2026-03-29T01:30',
    ]);
  });

  it('does not give two times of one skipped hour in a wrong order', () => {
    expect(first('0,30 2,3 * * *', BERLIN, '2026-03-29T00:00:00Z', 4)).to.deep.equal([
      '2026-03-29T01:00', // 02:00 and 03:00
      '2026-03-29T01:30', // 02:30 and 03:30
      '2026-03-30T00:00',
      '2026-03-30T00:30',
    ]);
  });

  it('knows leap days, zones of half an hour, and clocks that are set at midnight', () => {
    expect(first('0 10 29 2 *', 'UTC', '2026-01-01T00:00:00Z', 2)).to.deep.equal([
      '2028-02-29T10:00',
      '2032-02-29T10:00',
    ]);
    expect(first('0 9 * * *', 'Asia/Kolkata', '2026-06-01T00:00:00Z', 1)).to.deep.equal([
      '2026-06-01T03:30',
    ]);
    // Half an hour, on 4 October 2026.
    expect(first('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 2)).to.deep.equal([
      '2026-10-03T15:45',
      '2026-10-04T15:15',
    ]);
    // Midnight itself is skipped on 6 September 2026.
    expect(first('0 0 * * *', 'America/Santiago', '2026-09-05T12:00:00Z', 2)).to.deep.equal([
      '2026-09-06T04:00',
      '2026-09-07T03:00',
    ]);
  });

  it('comes exactly once a day in a year of each zone, whatever its clocks do', () => {
    for (const zone of [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Cairo',
    ]) {
      const crons = zone === 'Africa/Cairo' ? ['0 0 * * *'] : ['30 2 * * *'];
      for (const cron of crons) {
        const days = first(cron, zone, '2026-01-01T00:00:00Z', 365);
        expect(new Set(days).size, `${cron} ${zone}`).to.equal(365);
        const gaps = days
          .slice(1)
          .map((day, at) => Date.parse(`${day}Z`) - Date.parse(`${days[at]}Z`));
        for (const gap of gaps) expect(gap / 3_600_000, `${cron} ${zone}`).to.be.within(22.5, 25.5);
      }
    }
  });
});

describe('cronProblem', () => {
  it('says what is wrong', () => {
    const problem = (cron: string, zone = 'UTC') => cronProblem({ cron, zone });
    expect(problem('0 10 * * TUE')).to.equal(null);
    expect(problem('@weekly')).to.equal(null);
    expect(problem('0 10 31 2 *')).to.equal('"0 10 31 2 *" names no day that there is');
    expect(problem('61 * * * *')).to.include('61');
    expect(problem('0 10 * * TUE', 'Europe/Berlni')).to.include('"Europe/Berlni"');
    expect(problem('* * * * * *')).to.include('5 parts');
  });
});

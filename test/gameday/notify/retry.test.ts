import { expect } from 'chai';
import { KEEP_TRYING_MS, nextTry, retryAfter } from '../../../src/gameday/notify/retry.ts';

const HOUR_MS = 3_600_000;

describe('the next try of a message', () => {
  const tried = { tries: 1, since_ms: 0, now_ms: 0, after_ms: null, drawn: 0 };

  it('comes later each time, within half of its time, and never after more than 30 min', () => {
    const waits = Array.from({ length: 12 }, (_, at) => nextTry({ ...tried, tries: at + 1 }));
    expect(waits.slice(0, 4)).to.deep.equal([2_500, 5_000, 10_000, 20_000]);
    expect(waits.at(-1)).to.equal(900_000);
    expect(nextTry({ ...tried, tries: 4, drawn: 0.5 })).to.equal(30_000);
    expect(nextTry({ ...tried, tries: 400, drawn: 0.999_999 })).to.be.within(1_799_000, 1_800_000);
  });

  it('waits as long as its receiver asks for, but no longer than an hour', () => {
    expect(nextTry({ ...tried, after_ms: 60_000 })).to.equal(60_000);
    expect(nextTry({ ...tried, after_ms: 0 })).to.equal(2_500);
    expect(nextTry({ ...tried, after_ms: 30 * 24 * HOUR_MS })).to.equal(HOUR_MS);
  });

  it('comes once more at the end of its time, and not after that', () => {
    const late = { ...tried, tries: 50, now_ms: KEEP_TRYING_MS - 1_000 };
    expect(nextTry(late)).to.equal(KEEP_TRYING_MS);
    expect(nextTry({ ...late, now_ms: KEEP_TRYING_MS })).to.equal(null);
  });

  it('is asked for in seconds or by a date', () => {
    const now_ms = Date.UTC(2026, 11, 1, 9);
    expect(retryAfter('120', now_ms)).to.equal(120_000);
    expect(retryAfter('Tue, 01 Dec 2026 09:01:00 GMT', now_ms)).to.equal(60_000);
    expect(retryAfter('Tue, 01 Dec 2026 08:00:00 GMT', now_ms)).to.equal(0);
    expect(retryAfter('soon', now_ms)).to.equal(null);
    expect(retryAfter(undefined, now_ms)).to.equal(null);
  });
});

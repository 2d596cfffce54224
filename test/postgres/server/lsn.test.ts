// Positions in the log and the names of its segments, against names that PostgreSQL made.
import { expect } from 'chai';
import { assert, bigInt, constantFrom, property } from 'fast-check';
import {
  formatLsn,
  parseLsn,
  segmentName,
  segmentStart,
  startOf,
  timelineOf,
} from '../../../src/postgres/server/lsn.ts';

const MB = 1024 * 1024;

describe('positions in the log', () => {
  it('are read and written as PostgreSQL does', () => {
    expect(parseLsn('0/174B340')).to.equal(0x174b340n);
    expect(parseLsn('16/B374D848')).to.equal(0x16b374d848n);
    expect(formatLsn(0x16b374d848n)).to.equal('16/B374D848');
    for (const wrong of ['', '174B340', '0/', '0/174B340 ', '0/1234567890']) {
      expect(() => parseLsn(wrong)).to.throw('expected a position such as 0/174B340');
    }
  });

  it('lie in segments that are named by timeline and number', () => {
    // select pg_walfile_name('1/2345678'), and the same with --wal-segsize=1
    expect(segmentName(1, parseLsn('1/2345678'), 16 * MB)).to.equal('000000010000000100000002');
    expect(segmentName(1, parseLsn('1/2345678'), MB)).to.equal('000000010000000100000023');
    expect(segmentName(26, parseLsn('0/FFFFFFFF'), 16 * MB)).to.equal('0000001A00000000000000FF');
    expect(timelineOf('0000001A00000000000000FF')).to.equal(26);
  });

  it('go there and back for every segment size', () => {
    const sizes = constantFrom(1, 2, 16, 64, 1024).map((mb) => mb * MB);
    assert(
      property(bigInt({ min: 0n, max: 2n ** 60n }), sizes, (lsn, size) => {
        const start = segmentStart(lsn, size);
        expect(startOf(segmentName(3, lsn, size), size)).to.equal(start);
        expect(lsn - start < BigInt(size)).to.equal(true);
        expect(parseLsn(formatLsn(lsn))).to.equal(lsn);
      }),
    );
  });
});

import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  formatDuration,
  roundAsShown,
  parseDuration,
  PERCENT,
  RATE,
  SIZE,
  writeDuration,
  writePercent,
  writeRate,
  writeSize,
} from '../../src/base/units.ts';

describe('units', () => {
  it('reads durations in milliseconds', () => {
    const texts = ['250ms', '1s', '2.5s', '5m', '1h', '0s', '0.07s'];
    expect(texts.map(parseDuration)).to.deep.equal([250, 1000, 2500, 300_000, 3_600_000, 0, 70]);
  });

  it('reads sizes in bytes, decimal and binary', () => {
    const texts = ['256B', '4KiB', '1MiB', '10kB', '1.5KiB'];
    expect(texts.map(SIZE.parse)).to.deep.equal([256, 4096, 1_048_576, 10_000, 1536]);
  });

  it('reads rates and percentages', () => {
    expect([RATE.parse('200/s'), RATE.parse('0.5/s')]).to.deep.equal([200, 0.5]);
    expect([PERCENT.parse('99%'), PERCENT.parse('99.5%')]).to.deep.equal([0.99, 0.995]);
  });

  it('refuses everything without exactly one unit', () => {
    for (const text of [
      '',
      '5',
      's',
      '5 s',
      '-5s',
      '+5s',
      '1e3s',
      '5S',
      '.5s',
      '5.s',
      '5ss',
      '5s\n',
      'NaNs',
    ]) {
      expect(parseDuration(text), JSON.stringify(text)).to.equal(null);
    }
    expect(SIZE.parse('0.5B')).to.equal(null);
    expect(RATE.parse('200/m')).to.equal(null);
    expect(PERCENT.parse('%')).to.equal(null);
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), fc.nat({ max: 1e6 }), (whole, thousandths) => {
        expect(parseDuration(writeDuration(whole))).to.equal(whole);
        expect(SIZE.parse(writeSize(whole))).to.equal(whole);
        expect(RATE.parse(writeRate(whole / 8))).to.equal(whole / 8);
        expect(PERCENT.parse(writePercent(thousandths / 1e5))).to.equal(thousandths / 1e5);
      }),
    );
  });

  it('never throws and never reads a negative or endless value', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const parse of [parseDuration, SIZE.parse, RATE.parse, PERCENT.parse]) {
          const value = parse(text);
          expect(value === null || (value >= 0 && Number.isFinite(value))).to.equal(true);
        }
      }),
    );
  });

  it('shows times to people in three figures or so', () => {
    const shown = [
      0, 0.001, 0.42, 9.94, 9.96, 310.4, 999.4, 999.6, 2310, 15_000, 59_994, 59_996, 65_000,
      7_380_000,
    ];
    expect(shown.map(formatDuration)).to.deep.equal([
      '0 s',
      'under 0.1 ms',
      '0.4 ms',
      '9.9 ms',
      '10 ms',
      '310 ms',
      '999 ms',
      '1 s',
      '2.31 s',
      '15 s',
      '59.99 s',
      '1 m 00 s',
      '1 m 05 s',
      '2 h 03 m',
    ]);
    expect(shown.map((ms) => formatDuration(roundAsShown(ms)))).to.deep.equal(
      shown.map((ms) => (ms === 0.001 ? '0 s' : formatDuration(ms))),
    );
    expect(formatDuration(-310)).to.equal('-310 ms');
    expect(formatDuration(Infinity)).to.equal('unbounded');
  });
});

// The texts of conditions, as drill files have them.
import { expect } from 'chai';
import { condition, writeCondition } from '../../src/drill/condition.ts';

const RIGHT: readonly (readonly [text: string, written: string, value: number, for_ms: number])[] =
  [
    ['availability < 50% for 30s', 'availability < 50% for 30s', 0.5, 30_000],
    ['p99>5s for 10s', 'p99 > 5s for 10s', 5_000, 10_000],
    [' errors  >  0.5% ', 'errors > 0.5%', 0.005, 0],
    ['throughput < 100/s', 'throughput < 100/s', 100, 0],
    ['replication_lag > 1MB', 'replication_lag > 1MB', 1e6, 0],
  ];

const WRONG: readonly (readonly [text: unknown, message: RegExp])[] = [
  [5, /expected a condition such as .*; got the number 5/],
  ['', /expected a condition such as .*; got an empty text/],
  ['availability', /expected a condition such as/],
  ['availability = 50%', /expected a condition such as/],
  ['availabilty < 50%', /got "availabilty"; did you mean availability\?/],
  [
    'cpu > 50%',
    /expected one of availability, errors, p99, throughput, replication_lag; got "cpu"/,
  ],
  ['p99 > 5', /expected p99 in s; got "5"/],
  ['p99 > 5%', /expected p99 in s; got "5%"/],
  ['errors > 150%', /expected at most 100%, got 150%/],
  ['errors > 5% for ever', /expected for and a duration such as 30s; got "ever"/],
];

describe('a condition', () => {
  for (const [text, written, value, for_ms] of RIGHT) {
    it(`is read from \`${text}\`, and written as it was meant`, () => {
      const found = condition.parse(text);
      expect(found).to.include({ value, for_ms });
      expect(writeCondition(found)).to.equal(written);
      expect(condition.parse(written)).to.deep.equal(found);
    });
  }

  for (const [text, message] of WRONG) {
    it(`is told of ${JSON.stringify(text)}`, () => {
      expect(condition.safeParse(text).error?.issues[0]?.message).to.match(message);
    });
  }
});

// Values with what speaks against them, the codes of failures, and the words and grains of numbers.
import { expect } from 'chai';
import type { Doubt } from '../../src/drill/measurement.ts';
import { ceilGrain, floorGrain, roundGrain } from '../../src/measure/grain.ts';
import {
  against,
  doubt,
  doubts,
  FAILURE_CODES,
  measured,
  measuredInFailback,
  measuredOfStore,
  missing,
  type Failure,
} from '../../src/measure/measured.ts';
import {
  capital,
  counted,
  inFailback,
  ofStore,
  plainDetail,
  writeId,
  writeIds,
} from '../../src/measure/words.ts';

const LATE: Doubt = { affects: 'recovery', reason: 'It was late.' };
const GONE: Failure = { code: 'fence-open', text: 'It was open.' };

describe('a measured value', () => {
  it('has nothing against it unless that is said', () => {
    expect(measured(7)).to.deep.equal({ value: 7, doubts: [], failures: [] });
    expect(measured(7, [LATE], [GONE])).to.deep.equal({
      ...{ value: 7, doubts: [LATE], failures: [GONE] },
    });
  });

  it('is joined with others in their order', () => {
    const other = doubt('loss', 'Two.');
    expect(against([measured(1, [LATE]), measured(2, [other], [GONE])])).to.deep.equal({
      ...{ doubts: [LATE, other], failures: [GONE] },
    });
  });

  it('has doubts of reasons; those of what was still to come say so', () => {
    expect(doubts('loss', ['A.', 'B.'])).to.deep.equal([
      ...[doubt('loss', 'A.'), { affects: 'loss', reason: 'B.' }],
    ]);
    expect(missing('all', ['A.'])).to.deep.equal([
      { affects: 'all', reason: 'A.', endsEarly: true },
    ]);
  });

  it('of one of two stores names it in every sentence', () => {
    expect(measuredOfStore('carts', 'carts', 5, [LATE], [GONE])).to.deep.equal({
      value: { store: 'carts', loss: 5 },
      doubts: [{ affects: 'recovery', store: 'carts', reason: 'Redis: It was late.' }],
      failures: [{ code: 'fence-open', store: 'redis', text: 'Redis: It was open.' }],
    });
    const only = measuredOfStore('orders', null, 5, [LATE]);
    expect(only.doubts[0]!.reason).to.equal('It was late.');
    expect(only.failures).to.deep.equal([]);
  });

  it('of the failback speaks against the failback alone', () => {
    expect(measuredInFailback(measured(5, [LATE], [GONE]))).to.deep.equal({
      value: 5,
      doubts: [{ affects: 'failback', reason: 'Failback: It was late.' }],
      failures: [{ code: 'fence-open', text: 'Failback: It was open.' }],
    });
  });
});

describe('the codes of failures', () => {
  it('are the ones that were given out: none is renamed or used for something else', () => {
    expect(Object.keys(FAILURE_CODES)).to.deep.equal([
      ...['target-missed', 'recovery-step-failed', 'failback-step-failed', 'fence-open'],
      ...['two-primaries', 'not-protected', 'no-primary', 'written-elsewhere'],
      ...['data-not-restored', 'database-corrupt', 'write-unexpected', 'write-corrupt'],
      ...['write-duplicated', 'write-diverged', 'write-lost-after-recovery'],
      ...['write-lost-in-failback', 'split-brain-in-failback', 'databases-diverged'],
      ...['disturbed-before', 'not-declared', 'environment-failed', 'run-interrupted'],
      ...['clean-up-failed', 'internal-error', 'stop-condition'],
    ]);
  });

  it('have a sentence each that says what happened', () => {
    for (const [code, meaning] of Object.entries(FAILURE_CODES)) {
      expect(meaning, code).to.match(/^[A-Z].{15,}\.$/);
    }
  });
});

describe('words', () => {
  it('count', () => {
    const all = [0, 1, 12].map((count) => counted(count, 'write'));
    expect(all).to.deep.equal(['0 writes', '1 write', '12 writes']);
  });

  it('name a store where there are two, and the way back', () => {
    expect(ofStore(null, 'It is.')).to.equal('It is.');
    expect(ofStore('orders', 'It is.')).to.equal('PostgreSQL: It is.');
    expect(inFailback('It is.')).to.equal('Failback: It is.');
    expect(capital('the gslb')).to.equal('The gslb');
  });

  it('name writes by writer and sequence, and say how many more there are', () => {
    const [one, two] = [
      { writer: 3, sequence: 17 },
      { store: 'carts' as const, writer: 4, sequence: 1 },
    ];
    expect([writeId(one), writeId(two)]).to.deep.equal(['3-17', 'redis:4-1']);
    expect(writeIds([one, two], 2)).to.equal('3-17, redis:4-1');
    expect(writeIds([one, two], 6)).to.equal('3-17, redis:4-1 and 4 more');
  });

  it('take a detail from elsewhere without its end, on one line', () => {
    expect(plainDetail('  no route.\n to  host. . ')).to.equal('no route. to host');
    expect(plainDetail('v1.2 is fine')).to.equal('v1.2 is fine');
  });
});

describe('a grain', () => {
  it('is an eighth of a millisecond: down, up and to the nearest', () => {
    expect([floorGrain(1.2), ceilGrain(1.2), roundGrain(1.2)]).to.deep.equal([1.125, 1.25, 1.25]);
    expect([floorGrain(1.15), ceilGrain(1.15), roundGrain(1.15)]).to.deep.equal([
      ...[1.125, 1.25, 1.125],
    ]);
    for (const grain of [floorGrain, ceilGrain, roundGrain]) expect(grain(2.375)).to.equal(2.375);
  });
});

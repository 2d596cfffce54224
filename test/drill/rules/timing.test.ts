// What `drill check` says of faults that wait for a condition, and of faults that come again.
import { expect } from 'chai';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { heads, parse } from '../../support/plan/drill-file.ts';
import { withoutDisaster } from '../../support/plan/without-disaster.ts';

const LINK = 'kind: latency, link: east-west';
const FAULTS: readonly (readonly [fault: string, message: RegExp])[] = [
  [`{ ${LINK}, wait_at_most: 3s }`, /wait_at_most: without `when` it waits for nothing/],
  [`{ at: beforehand, ${LINK}, when: p99 > 5s }`, /when: what is there beforehand waits for/],
  [`{ ${LINK}, when: p99 > fast }`, /when: expected p99 in s; got "fast"/],
  [`{ ${LINK}, repeat: { times: 2, every: 5s } }`, /repeat: it has to end before it comes again/],
  [
    `{ ${LINK}, for: 5s, repeat: { times: 2, every: 5s } }`,
    /repeat: it lasts 5 s and would come again after 5 s, before it has ended/,
  ],
  [
    `{ ${LINK}, for: 1s, when: p99 > 1s, repeat: { times: 2, every: 5s } }`,
    /repeat: a fault that waits for a condition comes once/,
  ],
  [
    `{ at: beforehand, ${LINK}, for: 1s, repeat: { times: 2, every: 5s } }`,
    /repeat: what is there beforehand comes once/,
  ],
];

describe('when a fault comes', () => {
  it('is right after the steady state, where the file says nothing', () => {
    const { faults } = planDrill(parse(withoutDisaster(`{ ${LINK} }`)).drill!, 1, '');
    expect(faults.map(({ at_ms }) => at_ms)).to.deep.equal([0]);
  });

  it('can be once a condition holds, a minute later at most', () => {
    const text = withoutDisaster(`{ at: 1s, ${LINK}, when: replication_lag > 1MB, for: 2s }`);
    expect(heads(text)).to.deep.equal([]);
    const plan = planDrill(parse(text).drill!, 1, '');
    expect(plan.faults[0]).to.deep.include({ at_ms: 1_000, wait_ms: 60_000 });
    expect(plan.faults[0]!.when).to.include({ metric: 'replication_lag', value: 1e6 });
    // The wait, the fault, and the time for the steady state to come back.
    expect(plan.recover.deadline_ms).to.equal(122_000);
  });

  it('can be several times, each with its range', () => {
    const text = withoutDisaster(
      `{ at: 1s..2s, ${LINK}, for: 1s, repeat: { times: 3, every: 5s } }`,
    );
    expect(heads(text)).to.deep.equal([]);
    const { faults } = planDrill(parse(text).drill!, 7, '');
    const [first] = faults.map(({ at_ms }) => at_ms);
    expect(faults.map(({ at_ms }) => at_ms - first!)).to.deep.equal([0, 5_000, 10_000]);
    expect(faults[1]!.drawn_from).to.deep.equal({ from_ms: 6_000, to_ms: 7_000 });
    expect(faults.map(({ disaster }) => disaster)).to.deep.equal([true, false, false]);
  });

  it('is not once a standby lags, where there is none', () => {
    const text = withoutDisaster(`{ ${LINK}, when: replication_lag > 1MB }`).replace(
      'warm-standby',
      'backup-restore',
    );
    expect(heads(text).join()).to.match(/when: with backup-restore there is no standby/);
  });

  it('is once for a disaster, and never again behind it', () => {
    const disaster = '{ at: 5s, kind: lose-region, region: east, repeat: { times: 2, every: 9s } }';
    const of = (fault: string) =>
      withoutDisaster(fault).replace('disaster: none\n', '').replace('{}', '{ rto: 15s }');
    expect(heads(of(disaster)).join()).to.match(/repeat: the disaster comes once/);
    const flapping = `{ at: 1s, ${LINK}, for: 1s, repeat: { times: 3, every: 2s } }`;
    const lost = '{ at: 4s, kind: lose-region, region: east }';
    expect(heads(of(`${flapping}\n  - ${lost}`)).join()).to.match(/as late as 5 s.*/);
    expect(heads(of(`${flapping}\n  - ${lost.replace('4s', '6s')}`))).to.deep.equal([]);
  });

  for (const [fault, message] of FAULTS) {
    it(`is told: ${message.source}`, () => {
      const text = withoutDisaster(fault);
      expect(heads(text).filter((head) => message.test(head))).to.have.lengthOf(1);
      expect(parse(text).drill).to.equal(null);
    });
  }
});

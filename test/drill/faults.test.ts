// Faults that make no sense together, or not in their time; and what a plan says of those that do.
import { expect } from 'chai';
import { phaseBudgets } from '../../src/drill/budget.ts';
import { describePlan, statedWaitsMs } from '../../src/drill/describe-plan.ts';
import { planDrill } from '../../src/drill/make-plan.ts';
import { GOOD, heads, parse } from './drill-file.ts';

const OWN = 'at: 2s, kind: lose-region, region: east }';

/** The good drill with its one fault replaced, or with more of them. */
function withFaults(...faults: readonly string[]): string {
  const lines = faults.map((fault) => `{ kind: lose-region, region: east, ${fault} }`);
  return GOOD.replace(`{ ${OWN}`, lines.join('\n  - '));
}

const ERRORS: readonly (readonly [readonly string[], string])[] = [
  [
    ['at: 2s, heal_after: 1s'],
    'a.yaml:7:60: error: faults.0.heal_after: what is killed stays dead; with heal_after, say how: partition or how: freeze',
  ],
  [
    ['at: 2s, how: freez'],
    'a.yaml:7:53: error: faults.0.how: expected kill or partition or freeze, got "freez"; did you mean freeze?',
  ],
  [
    ['at: 2s, how: freeze, heal_after: 10ms'],
    'a.yaml:7:73: error: faults.0.heal_after: expected 100ms to 1h, got 10ms',
  ],
  [
    ['at: 2s, how: partition, heal_after: 30s'],
    'a.yaml:7:76: error: faults.0.heal_after: the run is over by then: its deadline is 30 s after the disaster; without heal_after the fault is healed after the recovery',
  ],
  [
    ['at: 2s', 'at: 9s'],
    'a.yaml:7:34: error: faults.0.region: east is still lost when the next fault begins 9 s after the steady state; it needs a heal_after',
  ],
  [
    ['at: 1s..2s, how: freeze, heal_after: 3s', 'at: 4s, disaster: true'],
    'a.yaml:7:77: error: faults.0.heal_after: it can last until 5 s after the steady state, and the next fault begins 4 s after the steady state',
  ],
  [
    ['at: 1s, how: freeze, heal_after: 2s', 'at: 9s'],
    'a.yaml:8:44: error: faults.1.at: no fault may follow the disaster (the first, as none is marked): nothing would recover from it; mark the last one with disaster: true',
  ],
  [
    ['at: 9s', 'at: 1s, how: freeze, heal_after: 2s, disaster: true'],
    'a.yaml:7:44: error: faults.0.at: no fault may follow the disaster (the one that is marked): nothing would recover from it; mark the last one with disaster: true',
  ],
];

describe('the faults of a drill file', () => {
  for (const [faults, message] of ERRORS) {
    it(`are refused as \`${faults.join('; ')}\``, () => {
      expect(heads(withFaults(...faults))).to.include(message);
      expect(parse(withFaults(...faults)).drill).to.equal(null);
    });
  }

  it('may be over before the disaster, which is the last of them', () => {
    const text = withFaults('at: 1s, how: freeze, heal_after: 1s', 'at: 2s, disaster: true');
    expect(heads(text)).to.deep.equal([]);
    const { faults } = planDrill(parse(text).drill!, 1, 'abc');
    expect(faults.map(({ how, disaster }) => [how, disaster])).to.deep.equal([
      ['freeze', false],
      ['kill', true],
    ]);
  });

  it('are warned of when they end before a disaster can be declared', () => {
    const text = withFaults('at: 2s, how: partition, heal_after: 900ms');
    expect(heads(text)).to.deep.equal([
      'a.yaml:7:76: warning: faults.0.heal_after: detection and declaration alone can take 1 s; a fault that is over before them is not recovered from',
    ]);
    expect(parse(text).drill).not.to.equal(null);
    const waiting = `${withFaults('at: 2s, how: partition, heal_after: 4s')}declare: after 5s\n`;
    expect(heads(waiting)[0]).to.contain('detection and declaration alone can take 6 s');
    expect(heads(withFaults('at: 2s, how: partition, heal_after: 1s'))).to.deep.equal([]);
  });
});

describe('a plan with a region that lives', () => {
  const planOf = (fault: string) => planDrill(parse(withFaults(fault)).drill!, 1, 'abc');
  const effectOf = (fault: string) => describePlan(planOf(fault)).faults[0]!.effect;

  it('says what is done to the region and when that ends', () => {
    expect(effectOf('at: 2s')).to.equal(
      'every process of the region is killed at once and its links are cut',
    );
    expect(effectOf('at: 2s, how: partition')).to.equal(
      'the network of the region goes silent, its processes live, until the recovery is over',
    );
    expect(effectOf('at: 2s, how: freeze, heal_after: 5s')).to.equal(
      'every process of the region stands still, its links stay up, for 5 s, and no recovery runs if none was declared by then',
    );
  });

  it('leaves time for the heal, and for watching the clients after it', () => {
    const killed = planOf('at: 2s');
    const late = planOf('at: 2s, how: freeze, heal_after: 25s');
    const heal = phaseBudgets(late).heal - phaseBudgets(killed).heal;
    expect(heal).to.equal(25_000);
    expect(phaseBudgets(killed).heal).to.be.above(3_000);
    // 3 s steady, the fault 2 s later, and the clients watched for 3 s after the heal.
    expect(statedWaitsMs(late)).to.equal(3_000 + 2_000 + 25_000 + 3_000);
    const atTheEnd = planOf('at: 2s, how: partition');
    expect(statedWaitsMs(atTheEnd) - statedWaitsMs(killed)).to.equal(3_000);
  });
});

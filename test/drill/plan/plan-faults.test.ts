// Faults that make no sense together, or not in their time; and what a plan says of those that do.
import { expect } from 'chai';
import { phaseBudgets } from '../../../src/drill/plan/budget.ts';
import { describePlan, statedWaitsMs } from '../../../src/drill/plan/describe-plan.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import type { Strategy } from '../../../src/drill/names.ts';
import { GOOD, heads, parse } from '../../support/plan/drill-file.ts';
import { LOST, of } from '../../support/plan/strategy-file.ts';

const OWN = 'at: 2s, kind: lose-region, region: east }';

/** The good drill with its one fault replaced, or with more of them. */
function withFaults(...faults: readonly string[]): string {
  const lines = faults.map((fault) => `{ kind: lose-region, region: east, ${fault} }`);
  return GOOD.replace(`{ ${OWN}`, lines.join('\n  - '));
}

const ERRORS: readonly (readonly [readonly string[], string])[] = [
  [
    ['at: 2s, for: 1s'],
    'a.yaml:7:53: error: faults.0.for: what is killed stays dead; with for, say how: partition or how: freeze',
  ],
  [
    ['at: 2s, how: freez'],
    'a.yaml:7:53: error: faults.0.how: expected kill or partition or freeze, got "freez"; did you mean freeze?',
  ],
  [
    ['at: 2s, how: freeze, for: 10ms'],
    'a.yaml:7:66: error: faults.0.for: expected 100ms to 1h, got 10ms',
  ],
  [
    ['at: 2s, how: partition, for: 30s'],
    'a.yaml:7:69: error: faults.0.for: the run is over by then: its deadline is 30 s after the disaster; without `for` the fault is healed after the recovery',
  ],
  [
    ['at: 2s', 'at: 9s'],
    'a.yaml:7:34: error: faults.0.region: east is still lost when the next fault begins 9 s after the steady state; say how long it lasts, with for',
  ],
  [
    ['at: 1s..2s, how: freeze, for: 3s', 'at: 4s, disaster: true'],
    'a.yaml:7:70: error: faults.0.for: it can last until 5 s after the steady state, and the next fault begins 4 s after the steady state',
  ],
  [
    ['at: 1s, how: freeze, for: 2s', 'at: 9s'],
    'a.yaml:8:44: error: faults.1.at: no fault may follow the disaster (the first, as none is marked): nothing would recover from it; mark the last one with disaster: true',
  ],
  [
    ['at: 9s', 'at: 1s, how: freeze, for: 2s, disaster: true'],
    'a.yaml:7:44: error: faults.0.at: no fault may follow the disaster (the one that is marked): nothing would recover from it; mark the last one with disaster: true',
  ],
];

/** Of conditions before the loss of the region, which is the last line; and of two of them. */
const CONDITIONS: readonly (readonly [readonly string[], string])[] = [
  [
    ['at: 1s..10s, kind: latency', LOST],
    'a.yaml:7:11: error: faults.0.at: it can come as late as 10 s after the steady state, behind the disaster, which can begin at 2 s: nothing would recover from it; let its range end before that, or the disaster begin later',
  ],
  [
    [LOST, 'at: 1s..2s, kind: latency'],
    'a.yaml:8:11: error: faults.1.at: it can come as late as 2 s after the steady state, behind the disaster, which can begin at 2 s: nothing would recover from it; let its range end before that, or the disaster begin later',
  ],
];

describe('the conditions of a drill file', () => {
  for (const [faults, message] of CONDITIONS) {
    it(`are refused as \`${faults.join('; ')}\``, () => {
      expect(heads(of('warm-standby', { faults }))).to.deep.equal([message]);
    });
  }

  it('may overlap on one link: each ends by itself and leaves the other one there', () => {
    const partition = `${LOST}, how: partition`;
    const fine: readonly (readonly string[])[] = [
      ['at: 1s..2s, kind: latency', LOST],
      ['at: beforehand, kind: partition, for: 5s', `${partition}, for: 6s`],
      ['at: beforehand, kind: latency, for: 8s', 'at: 1s, kind: latency', LOST],
      ['at: beforehand, kind: latency, for: 8s', partition],
      ['at: 1s, kind: partition, for: 5s', LOST],
      ['at: 1s, kind: partition, for: 5s', `${LOST}, how: freeze`],
      ['at: 1s, kind: partition, link: clients-west, for: 5s', partition],
      // Both end at the end.
      ['at: 1s, kind: partition', partition],
    ];
    for (const faults of fine) {
      expect(heads(of('warm-standby', { faults })), faults.join('; ')).to.deep.equal([]);
    }
  });
});

describe('the faults of a drill file', () => {
  for (const [faults, message] of ERRORS) {
    it(`are refused as \`${faults.join('; ')}\``, () => {
      expect(heads(withFaults(...faults))).to.include(message);
      expect(parse(withFaults(...faults)).drill).to.equal(null);
    });
  }

  it('may be over before the disaster, which is the last of them', () => {
    const text = withFaults('at: 1s, how: freeze, for: 1s', 'at: 2s, disaster: true');
    expect(heads(text)).to.deep.equal([]);
    const { faults } = planDrill(parse(text).drill!, 1, 'abc');
    expect(faults.map(({ effect, disaster }) => [effect.region, disaster])).to.deep.equal([
      ['frozen', false],
      ['dead', true],
    ]);
  });

  it('are warned of when they end before a disaster can be declared', () => {
    const text = withFaults('at: 2s, how: partition, for: 900ms');
    expect(heads(text)).to.deep.equal([
      'a.yaml:7:69: warning: faults.0.for: detection and declaration alone can take 1 s; a fault that is over before them is not recovered from, which proves nothing of the recovery; let it last longer, or say expect: ride-out',
    ]);
    expect(parse(text).drill).not.to.equal(null);
    const waiting = `${withFaults('at: 2s, how: partition, for: 4s')}declare: after 5s\n`;
    expect(heads(waiting)[0]).to.contain('detection and declaration alone can take 6 s');
    expect(heads(withFaults('at: 2s, how: partition, for: 1s'))).to.deep.equal([]);
    const edge = ['at: 2s, kind: partition, link: clients-east, for: 900ms'];
    expect(heads(of('active-active', { faults: edge }))).to.deep.equal([
      'a.yaml:8:57: warning: faults.0.for: detection and declaration alone can take 1 s; a fault that is over before them is not recovered from, which proves nothing of the recovery; let it last longer, or say expect: ride-out',
    ]);
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
    expect(effectOf('at: 2s, how: freeze, for: 5s')).to.equal(
      'every process of the region stands still, its links stay up, for 5 s, and no recovery runs if none was declared by then',
    );
  });

  it('leaves time for the heal, and for watching the clients after it', () => {
    const killed = planOf('at: 2s');
    const late = planOf('at: 2s, how: freeze, for: 25s');
    const heal = phaseBudgets(late).heal - phaseBudgets(killed).heal;
    expect(heal).to.equal(25_000);
    expect(phaseBudgets(killed).heal).to.be.above(3_000);
    // 3 s steady, the fault 2 s later, and the clients watched for 3 s after the heal.
    expect(statedWaitsMs(late)).to.equal(3_000 + 2_000 + 25_000 + 3_000);
    const atTheEnd = planOf('at: 2s, how: partition');
    expect(statedWaitsMs(atTheEnd) - statedWaitsMs(killed)).to.equal(3_000);
  });

  it('waits for the heal of a link too, from when the link was broken', () => {
    const waits = (strategy: Strategy, ...faults: string[]) =>
      statedWaitsMs(planDrill(parse(of(strategy, { faults })).drill!, 1, 'abc'));
    // 3 s steady, the fault 2 s later, silent for 25 s, watched for 3 s.
    expect(waits('active-active', 'at: 2s, kind: partition, for: 25s')).to.equal(33_000);
    // Seen within 1 s, DNS answers for 1 s, service for 3 s.
    const killed = waits('warm-standby', LOST);
    expect(killed).to.equal(10_000);
    expect(waits('warm-standby', 'at: 1s, kind: latency, for: 9s', LOST)).to.equal(16_000);
    const before = 'at: beforehand, kind: latency';
    expect(waits('warm-standby', `${before}, for: 4s`, LOST)).to.equal(killed);
    expect(waits('warm-standby', before, LOST)).to.equal(killed + 3_000);
  });

  it('is told who notices a silent link: health checks go through that of the clients', () => {
    const told = (link: string) => {
      const faults = [`at: 2s, kind: partition, link: ${link}, for: 8s`];
      return describePlan(planDrill(parse(of('active-active', { faults })).drill!, 1, 'abc'));
    };
    expect(told('east-west')).to.include({ worst_detection_ms: null });
    expect(told('clients-west')).to.include({ worst_detection_ms: 1_000 });
    expect(told('clients-west').faults[0]!.region).to.equal('west');
    expect(told('clients-west').declare).to.equal('at once, when the health checks say so');
  });

  it('lets only a killed region lose its disks by itself, and only where backups are kept', () => {
    const faults = ['at: beforehand, kind: break-archive', LOST];
    const disksOf = (strategy: Strategy, ...parts: string[]) =>
      planDrill(parse(of(strategy, { faults: parts })).drill!, 1, 'abc').faults.map(
        ({ effect }) => effect.disks,
      );
    expect(disksOf('backup-restore', ...faults)).to.deep.equal(['kept', 'destroyed']);
    expect(disksOf('backup-restore', `${LOST}, how: partition`)).to.deep.equal(['kept']);
    expect(disksOf('backup-restore', `${LOST}, how: freeze`)).to.deep.equal(['kept']);
    expect(disksOf('warm-standby', LOST)).to.deep.equal(['kept']);
  });
});

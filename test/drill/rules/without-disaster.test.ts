// What `drill check` says of drills with `disaster: none`.
import { expect } from 'chai';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { GOOD, heads, parse } from '../../support/plan/drill-file.ts';

const BASE = GOOD.replace(/^targets:.*$/m, 'targets: { availability: 99% }').replace(
  /^ {2}- .*$/m,
  '  - { at: 1s, kind: latency, latency: 100ms, for: 2s }',
);
const NONE = `${BASE}disaster: none\n`;
const withFault = (fault: string, more = '') => NONE.replace(/^ {2}- .*$/m, `  - ${fault}`) + more;

const SYNC = NONE.replace(
  '  strategy: warm-standby',
  '  strategy: warm-standby\n  replication: { mode: sync }',
);
const RELEASED = `${SYNC}recover: { with: release }\n`;

const WRONG: readonly (readonly [text: string, message: RegExp])[] = [
  [BASE, /targets\.rto: this key is required and missing/],
  [NONE.replace('availability: 99%', 'rto: 3s'), /targets\.rto: with disaster: none nothing is/],
  [NONE.replace('availability: 99%', 'rpo: 3s'), /targets\.rpo: with disaster: none nothing is/],
  [`${NONE}failback: true\n`, /failback: with disaster: none no service is moved/],
  [`${NONE}expect: ride-out\n`, /expect: with disaster: none nothing else/],
  [`${NONE}recover: { with: promote-standby }\n`, /recover\.with: .* there release, .*none fit/],
  [`${NONE}recover: { deadline: 1m }\n`, /recover\.deadline: it counts from a disaster/],
  [withFault('{ at: beforehand, kind: latency }'), /faults\.0\.at: what is there beforehand/],
  [withFault('{ at: 1s, kind: latency, disaster: true }'), /disaster: with disaster: none no/],
  [withFault('{ at: 1s, kind: lose-region, region: east }'), /kind: .*it never ends/],
  [
    withFault('{ at: 1s, kind: lose-region, region: east, how: freeze }'),
    /faults\.0: .*say how long it lasts/,
  ],
  [withFault('{ at: 1s, kind: maintenance, region: east }'), /maintenance never ends/],
  [
    GOOD.replace(/^targets:.*$/m, 'targets: { rto: 15s, steady_within: 3s }'),
    /steady_within: .*belongs to disaster: none/,
  ],
  [withFault('{ at: 1s, kind: latency, heal_after: 2s }'), /heal_after: it is called for now/],
  [`${NONE}recover: { with: release }\n`, /recover\.with: no commit waits for a standby/],
  [RELEASED.replace(', for: 2s', ''), /faults\.0: release lasts until the standby follows again/],
  [`${RELEASED}declare: after 2s\n`, /declare: .* 2 s after .* nothing to release/],
  [`${GOOD}recover: { with: release }\n`, /recover\.with: release is for disaster: none/],
  [`${GOOD}recover: { with: none }\n`, /recover\.with: none is for disaster: none/],
];

describe('disaster: none in a drill file', () => {
  it('is a drill with targets that count from its faults, and one that is always there', () => {
    expect(heads(NONE)).to.deep.equal([]);
    const plan = planDrill(parse(NONE).drill!, 1, '');
    expect(plan).to.include({ disaster: 'none' });
    expect(plan.recover).to.deep.include({ with: 'none', deadline_ms: 62_000 });
    expect(plan.targets).to.include({ rto_ms: null, steady_within_ms: 30_000, availability: 0.99 });
    expect(plan.faults.map(({ disaster }) => disaster)).to.deep.equal([true]);
  });

  it('lets the region of the standby be lost, which no other drill can', () => {
    const lost = withFault('{ at: 1s, kind: lose-region, region: west }');
    expect(heads(lost)).to.deep.equal([]);
    const { effect } = planDrill(parse(lost).drill!, 1, '').faults[0]!;
    expect(effect).to.include({ service: 'kept', region: 'dead' });
    expect(heads(lost.replace('disaster: none\n', '')).join()).to.contain('west is the standby');
  });

  it('has commits wait for no standby where the drill file says when', () => {
    for (const recovery of ['release', 'cancel-sync-wait']) {
      const text = `${RELEASED.replace('release', recovery)}declare: after 1s\n`;
      expect(heads(text)).to.deep.equal([]);
      expect(planDrill(parse(text).drill!, 1, '').recover).to.include({ with: recovery });
    }
  });

  it('has faults that last into each other, of which the first starts the clock', () => {
    const two = NONE.replace(
      /^ {2}- .*$/m,
      '  - { at: 3s, kind: latency, latency: 1s }\n  - { at: 1s, kind: latency, for: 5s }',
    );
    expect(heads(two)).to.deep.equal([]);
    const { faults } = planDrill(parse(two).drill!, 1, '');
    expect(faults.map(({ at_ms, disaster }) => [at_ms, disaster])).to.deep.equal([
      [1_000, true],
      [3_000, false],
    ]);
  });

  for (const [text, message] of WRONG) {
    it(`is told: ${message.source}`, () => {
      expect(heads(text).filter((head) => message.test(head))).to.have.lengthOf(1);
      expect(parse(text).drill).to.equal(null);
    });
  }
});

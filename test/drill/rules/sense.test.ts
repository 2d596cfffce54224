// What `drill check` says of drills that could show nothing.
import { expect } from 'chai';
import { GOOD, heads } from '../../support/plan/drill-file.ts';
import { withoutDisaster } from '../../support/plan/without-disaster.ts';

const withTargets = (targets: string) => GOOD.replace('{ rto: 15s, rpo: 1s }', `{ ${targets} }`);
const LINK = '{ at: 1s, kind: latency, link: east-west, for: 1s }';
const chaos = (fault: string, targets = '') =>
  withoutDisaster(fault).replace('targets: {}', `targets: { ${targets} }`);

const TABLE: readonly (readonly [text: string, message: RegExp])[] = [
  [chaos(LINK, 'availability: 0%'), /warning: targets\.availability: .*always met/],
  [chaos(LINK, 'errors: 100%'), /warning: targets\.errors: .*always met/],
  [withTargets('rto: 15s, rpo: 10m'), /warning: targets\.rpo: no write is older than/],
  [withTargets('rto: 15s, lost_writes: 1000000'), /warning: targets\.lost_writes: no more than/],
  [`${GOOD}sustain: { for: 2m }\n`, /error: sustain\.for: service would have to hold for 2 m/],
  [
    GOOD.replace('lose-region, region: east', 'corrupt-page').concat('declare: after 1s\n'),
    /warning: faults\.0\.kind: hardly a client that only writes meets the page/,
  ],
];

describe('a drill that could show nothing', () => {
  for (const [text, message] of TABLE) {
    it(`is told: ${message.source}`, () => {
      expect(heads(text).filter((head) => message.test(head))).to.have.lengthOf(1);
    });
  }

  it('is not one that can', () => {
    expect(heads(withTargets('rto: 15s, rpo: 30s, lost_writes: 100'))).to.deep.equal([]);
    expect(heads(chaos(LINK, 'availability: 99%, errors: 1%'))).to.deep.equal([]);
    const met = '{ at: 1s, kind: kill-node, node: east/app-1, for: 1s }';
    expect(heads(chaos(met, 'availability: 90%'))).to.deep.equal([]);
  });
});

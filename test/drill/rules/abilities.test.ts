// What a runtime lacks that a fault or a recovery needs is said where the drill file names it.
import { expect } from 'chai';
import { ABILITIES, type Ability } from '../../../src/drill/ability.ts';
import { RUNTIMES, type Runtimes } from '../../../src/drill/file/runtimes.ts';
import { STRATEGY_FACTS } from '../../../src/drill/plan/strategies.ts';
import { recoveryNamed } from '../../../src/drill/recovery/registry.ts';
import { RULES } from '../../../src/drill/rules/registry.ts';
import type { Strategy } from '../../../src/drill/names.ts';
import { heads, parse } from '../../support/plan/drill-file.ts';
import { LOST, of } from '../../support/plan/strategy-file.ts';

/** The runtimes, but that one of them has not this ability. */
function without(ability: Ability, runtime: 'embedded' | 'compose' = 'embedded'): Runtimes {
  const gives = RUNTIMES[runtime].gives.filter((each) => each !== ability);
  return { ...RUNTIMES, [runtime]: { ...RUNTIMES[runtime], gives } };
}

const FROZEN = `${LOST}, how: freeze`;
const FAULTS: readonly [fault: string, Strategy, Ability, told: string][] = [
  [LOST, 'warm-standby', 'kill', 'lose-region of region east'],
  [FROZEN, 'warm-standby', 'freeze', 'lose-region of region east'],
  [`${LOST}, how: partition`, 'warm-standby', 'isolate', 'lose-region of region east'],
  [LOST, 'backup-restore', 'destroy-disks', 'lose-region of region east'],
  ['at: beforehand, kind: latency', 'warm-standby', 'disturb-links', 'latency of link east-west'],
  [
    'at: beforehand, kind: partition, link: clients-west',
    'warm-standby',
    'disturb-links',
    'partition of link clients-west',
  ],
  [
    'at: beforehand, kind: break-archive',
    'backup-restore',
    'archive',
    'break-archive of the primary in east',
  ],
  [
    'at: 2s, kind: maintenance, region: east',
    'warm-standby',
    'replication',
    'maintenance of region east',
  ],
];

describe('what a runtime lacks', () => {
  for (const [fault, strategy, ability, told] of FAULTS) {
    const faults = fault.includes('beforehand') ? [fault, LOST] : [fault];
    it(`is said of ${fault}`, () => {
      const text = of(strategy, { faults });
      expect(heads(text)).to.deep.equal([]);
      const message =
        `error: faults.0.kind: ${told} needs ${ABILITIES[ability]}, which the runtime embedded ` +
        'has not; use runtime: compose';
      const column = fault.indexOf('kind: ') + 'kind: '.length + 7;
      expect(heads(text, { runtimes: without(ability) })).to.include(
        `a.yaml:7:${column}: ${message}`,
      );
      expect(parse(text, { runtimes: without(ability) }).drill).to.equal(null);
      expect(heads(text, { runtimes: without(ability, 'compose') })).to.deep.equal([]);
    });
  }

  it('is said of a fault that embedded never has, and why', () => {
    const text = of('warm-standby', { faults: ['kind: stress-memory, node: east/postgres', LOST] });
    expect(heads(`${text}runtime: compose\n`)).to.deep.equal([]);
    expect(heads(text)).to.deep.equal([
      'a.yaml:7:13: error: faults.0.kind: stress-memory of node east/postgres needs a limit on the ' +
        'memory of a node, which the runtime embedded has not: its nodes are processes, which share ' +
        'the memory of this machine; use runtime: compose',
    ]);
  });

  for (const [strategy, { recovery }] of Object.entries(STRATEGY_FACTS)) {
    for (const ability of recoveryNamed(recovery).needs) {
      it(`is said of the recovery ${recovery}, which needs ${ABILITIES[ability]}`, () => {
        const more = `recover: { with: ${recovery} }`;
        const text = of(strategy as Strategy, { faults: [FROZEN], more });
        const said = heads(text, { runtimes: without(ability) }).filter((head) =>
          head.includes('recover.with: '),
        );
        const message = `needs ${ABILITIES[ability]}, which the runtime embedded has not`;
        expect(said.join()).to.contain(`error: recover.with: the recovery ${recovery} ${message}`);
      });
    }
  }

  it('is not said of the recovery of a system that is missing, as where its key is mistyped', () => {
    const text = of('warm-standby', { faults: [LOST] }).replace('topology:', 'topolgy:');
    const said = heads(text);
    expect(said.join('\n')).to.contain('topolgy: unknown key; did you mean topology?');
    expect(said.join('\n')).not.to.contain('recover');
  });

  it('is said at the runtime where the recovery is nobody’s line, and what nobody has is no choice', () => {
    const text = `${of('warm-standby', { faults: [FROZEN] })}runtime: compose\n`;
    const runtimes = { ...without('kill'), compose: without('kill', 'compose').compose };
    expect(heads(text, { runtimes })).to.deep.equal([
      'a.yaml:8:10: error: runtime: the recovery promote-standby needs a way to kill every ' +
        'process of a region, which the runtime compose has not; no runtime has it',
    ]);
  });
});

describe('the rules of drill files', () => {
  it('have names of their own, which other programs are told', () => {
    const names = RULES.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    const { diagnostics } = parse(of('warm-standby', { more: 'workload: { rate: 10000/s }' }));
    expect(diagnostics.map(({ rule }) => rule)).to.include('rate-fits-active');
  });
});

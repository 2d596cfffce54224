// One line of the registry is a gate everywhere: in the drill file, the plan, its words, the result.
import { expect } from 'chai';
import { distance, quantity, type Unit } from '../../../src/drill/gate/gate.ts';
import { GATES } from '../../../src/drill/gate/registry.ts';
import { laterTargets, targetOf, type Targets } from '../../../src/drill/gate/targets.ts';
import { explain } from '../../../src/drill/explain/explain.ts';
import { describePlan } from '../../../src/drill/plan/describe-plan.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { measure } from '../../../src/measure/measure.ts';
import { assess } from '../../../src/verdict/assess.ts';
import { gatesOf } from '../../../src/verdict/gates.ts';
import { evidenceOf, plan } from '../../support/evidence/synthetic.ts';
import { GOOD, parse } from '../../support/plan/drill-file.ts';

const STATED: Readonly<Record<Unit, readonly [string, number, string]>> = {
  ms: ['1.5s', 1_500, '1.5 s'],
  writes: ['3', 3, '3'],
  share: ['97.5%', 0.975, '97.5 %'],
};
/** A drill in which the gate can have a target. */
function textFor(name: string): string {
  const text = GOOD.replace('rto: 15s, rpo: 1s', 'rto: 1.5s');
  if (name === 'failback_rto') return `${text}failback: true\n`;
  if (name === 'steady_within') {
    const fault = '  - { at: 1s, kind: latency }';
    return `${text.replace('{ rto: 1.5s }', '{}').replace(/^ {2}- .*$/m, fault)}disaster: none\n`;
  }
  if (!name.startsWith('redis.')) return text;
  return text.replace('  strategy: warm-standby\n', '$&  redis: { wait: 1 }\n');
}

describe('the registry of gates', () => {
  for (const gate of GATES) {
    const { name, unit, bound } = gate;
    it(`makes ${name} a target that is stated, planned, told and judged`, () => {
      const [text, value, words] = STATED[unit];
      const set = [`targets.${name}=${text}`];
      const { drill, layers, diagnostics } = parse(textFor(name), { flags: { set } });
      expect(drill, JSON.stringify(diagnostics)).not.to.equal(null);
      const planned = planDrill(drill!, 1, '');
      expect(targetOf(gate, planned.targets)).to.equal(value);
      const sign = bound === 'at most' ? '≤' : '≥';
      expect(describePlan(planned).targets.join()).to.contain(`${name} ${sign} ${words}`);
      const explained = explain(layers, planned).find(({ key }) => key === `targets.${name}`);
      expect(explained).to.deep.equal({
        key: `targets.${name}`,
        value: text,
        from: `--set targets.${name}`,
      });
      const judged = gatesOf(planned.targets, measure(evidenceOf())).find(
        (each) => each.name === name,
      );
      expect(judged).to.include({ unit, bound, target: value });
    });
  }

  it('has no name twice', () => {
    const names = GATES.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('takes a plan of before a gate for one without that target, and no other', () => {
    const { availability: _, failback_rto_ms: __, redis: ___, ...older } = plan.targets;
    expect(laterTargets(older as Targets)).to.deep.equal(plan.targets);
    const { rpo_ms: ____, ...damaged } = plan.targets;
    const { verdict, gates } = assess(
      evidenceOf({ plan: { ...plan, targets: laterTargets(damaged as Targets) } }),
    );
    expect(verdict).to.equal('inconclusive');
    expect(gates.find(({ name }) => name === 'rpo')?.verdict).to.equal('inconclusive');
  });

  it('counts the time of a recovery from where the file says', () => {
    const from = (rto_from: 'fault' | 'declaration') =>
      describePlan({ ...plan, targets: { ...plan.targets, rto_from } }).targets[0];
    expect(from('fault')).to.equal('rto ≤ 15 s from the fault');
    expect(from('declaration')).to.equal('rto ≤ 15 s from the declaration');
  });
});

describe('a share in words', () => {
  it('is exact where it is short, and never rounded up to a whole', () => {
    const words = [0, 0.05, 0.952, 0.99995, 20 / 21, 0.99999999, 1].map((share) =>
      quantity(share, 'share'),
    );
    expect(words).to.deep.equal([
      ...['0 %', '5 %', '95.2 %', '99.995 %', '95.2 %', '99.999999 %', '100 %'],
    ]);
    expect(distance(0.95, 0.969, 'share')).to.equal('1.9 points');
  });
});

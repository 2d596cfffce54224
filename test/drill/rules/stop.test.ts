// What `drill check` says of stop conditions and of the longest that a run may take.
import { expect } from 'chai';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { GOOD, heads, parse } from '../../support/plan/drill-file.ts';

describe('what stops a run', () => {
  it('stands in the plan, and not where the file has none', () => {
    const stops = 'stop_when: [ "p99 > 5s", { when: errors > 10% for 2s, verdict: fail } ]\n';
    const plan = planDrill(parse(`${GOOD}${stops}max_duration: 5m\n`).drill!, 1, '');
    expect(plan.max_duration_ms).to.equal(300_000);
    expect(plan.stop_when!.map(({ verdict }) => verdict)).to.deep.equal(['inconclusive', 'fail']);
    expect(planDrill(parse(GOOD).drill!, 1, '')).not.to.have.any.keys(
      'stop_when',
      'max_duration_ms',
    );
  });

  it('leaves the time that the drill itself asks for', () => {
    const [head] = heads(`${GOOD}steady: { for: 1m }\nmax_duration: 30s\n`);
    expect(head).to.match(/error: max_duration: the waits of this drill alone take 1 m/);
    expect(heads(`${GOOD}max_duration: 2m\n`)).to.deep.equal([]);
  });

  it('is warned of where it cannot come to hold', () => {
    const [head] = heads(`${GOOD}max_duration: 1m\nstop_when: [ availability < 1% for 2m ]\n`);
    expect(head).to.match(/warning: stop_when\.0: the run is stopped after 1 m/);
  });
});

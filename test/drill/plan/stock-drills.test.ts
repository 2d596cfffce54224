// Every drill that comes with drill: right as it stands, and warned of only where that is its point.
import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { describePlan } from '../../../src/drill/plan/describe-plan.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { heads, parse } from '../../support/plan/drill-file.ts';

const WARNED: Readonly<Record<string, readonly string[]>> = {
  'too-tight.yaml': [
    'a.yaml:11:17: warning: targets.rto: detection and declaration alone can take 1 s, longer than the target; expect this drill to fail',
  ],
};

describe('the drills that come with drill', () => {
  for (const folder of ['drills/', 'drills/strategies/']) {
    const place = new URL(`../../../${folder}`, import.meta.url);
    for (const file of readdirSync(place).filter((name) => name.endsWith('.yaml'))) {
      it(`${folder}${file} can be run as it is`, () => {
        const text = readFileSync(new URL(file, place), 'utf8');
        expect(heads(text)).to.deep.equal(WARNED[file] ?? []);
        const { drill } = parse(text);
        expect(drill).not.to.equal(null);
        expect(describePlan(planDrill(drill!, 1, 'abc')).recovery.steps).not.to.be.empty;
      });
    }
  }
});

// An error of drill's own, planted in a fault, a recovery, the verification: the run ends as drill's
// failure, and not as that of the system under test; its result is written, and nothing is left.
import { expect } from 'chai';
import type { Parts } from '../../../src/engine/frame/context.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { some } from '../../support/commands.ts';
import { SHORT_DRILL } from '../../support/whole/drill-cli.ts';
import { runInProcess, withDatabase } from '../../support/whole/in-process-run.ts';

const BUG = 'x is not a function';
const bug = () => Promise.reject(new TypeError(BUG));

const PLANTS: Readonly<Record<string, (parts: Parts) => Partial<Parts>>> = {
  'a step of the recovery': ({ recoveries }) => ({
    recoveries: recoveries.map((one) => ({
      ...one,
      steps: one.steps.map(({ title }) => ({ title, run: bug })),
    })),
  }),
  'the injection of a fault': ({ faults }) => ({
    faults: faults.map((fault) => ({ ...fault, inject: bug })),
  }),
  'the proof of a fault': ({ faults }) => ({
    faults: faults.map((fault) => ({ ...fault, prove: bug })),
  }),
  'the verification': ({ runtime }) => ({
    runtime: withDatabase(runtime, 'west', () => ({ readRows: bug })),
  }),
};

describe('an error of drill’s own', function () {
  this.timeout(120_000);

  for (const [[what, change], it] of some(Object.entries(PLANTS), 0)) {
    it(`in ${what} ends the run as drill’s failure`, async () => {
      const { result, events, left } = await runInProcess(planOf(SHORT_DRILL), change);
      expect(result.verdict, result.reasons.join('\n')).to.equal('internal');
      expect(result.reasons[0]).to.equal(`A bug in drill: ${BUG}.`);
      expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
      expect(left, 'processes left').to.deep.equal([]);
      const names = events.map(({ event }) => event);
      expect(names.filter((name) => name === 'internal.failed')).to.have.length(1);
      expect(names).not.to.include('step.failed');
      expect(names.at(-1)).to.equal('run.finished');
    });
  }
});

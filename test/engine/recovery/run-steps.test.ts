// What becomes of a recovery step that fails, that is late, and that drill itself gets wrong.
import { expect } from 'chai';
import { runSteps } from '../../../src/engine/recovery/run-steps.ts';
import { OperationFailed } from '../../../src/host/operation-failed.ts';
import type { RecoveryContext, Step, StepFacts } from '../../../src/recovery/procedure.ts';
import { plan } from '../../support/evidence/results.ts';
import { ContextInTest } from '../../support/system/run-context.ts';

function carryOut(run: Step['run'], react: (facts: StepFacts) => void = () => {}) {
  const test = new ContextInTest(plan);
  const context = { emit: test.run.emit } as Omit<RecoveryContext, 'signal'>;
  const steps = [
    { title: 'the first', run },
    { title: 'the next', run: async () => {} },
  ];
  return { test, done: runSteps(test.run, steps, context, { deadline_ms: 1_000, react }) };
}

describe('a step of a recovery', () => {
  it('that fails ends the recovery, with the reason', async () => {
    const failed = { what: 'the fence', expected: 'to hold', found: 'a gap' };
    const { test, done } = carryOut(() => Promise.reject(new OperationFailed(failed)));
    expect(await done).to.equal(false);
    expect(test.names()).to.deep.equal(['step.started', 'step.failed']);
    const reason = 'the fence: expected to hold, found a gap';
    expect(test.events.at(-1)).to.include({ step: 'the first', reason });
  });

  it('that is not done by the deadline has failed', async () => {
    const never: Step['run'] = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const { test, done } = carryOut(never);
    await test.clock.advance(1_000);
    expect(await done).to.equal(false);
    expect(test.events.at(-1)).to.include({ reason: 'it was not done by the deadline' });
  });

  it('that drill itself gets wrong is no failed recovery: the error goes through', async () => {
    const bug = new TypeError('x is not a function');
    const { test, done } = carryOut(() => Promise.reject(bug));
    expect(await done.catch((error: unknown) => error)).to.equal(bug);
    expect(test.names()).to.deep.equal(['step.started']);
  });

  it('has what it found out recorded, and acted on before the next one', async () => {
    const checks = [{ name: 'east/postgres is dead', ok: true, detail: 'dead' }];
    const verified = { rows: 1, ok: false, detail: '1 of 2 rows' };
    for (const facts of [{ fenced: checks }, { verified }]) {
      const reacted: unknown[] = [];
      const { test, done } = carryOut(
        async () => facts,
        (told) => reacted.push(told),
      );
      expect(await done).to.equal('fenced' in facts);
      expect(reacted[0]).to.equal(facts);
      const recorded = 'fenced' in facts ? 'fence.proved' : 'data.verified';
      expect(test.names()[1]).to.equal(recorded);
    }
  });
});

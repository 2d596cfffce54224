// Somebody holds a run: before its fault nothing is lost by it; in its recovery clients wait, and
// what they waited is never taken for the system's time.
import { expect } from 'chai';
import type { Operator, Release } from '../../src/engine/frame/context.ts';
import type { Gate, Result } from '../../src/verdict/result.ts';
import { noopPlan } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { nobody } from '../support/nobody.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const KILL = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, { at_ms: 300 });
const PLAN = noopPlan('warm-standby', { faults: [KILL] });
const STEPS = [
  'fence the old primary',
  'promote the standby',
  'redirect the clients',
  'scale the app',
];
const HELD_MS = 400;

/** Holds a run whenever `wants` says so, and lets it go on after a while. */
function holder(
  run: NoopRun,
  wants: (number: number) => boolean,
  order: Release['order'] = 'resume',
): Operator {
  let number = 0;
  return {
    ...nobody,
    holdAsked: () => (wants(number++) ? 'ada, by drill pause' : null),
    release: async (signal) => {
      await run.clock.sleep(HELD_MS, signal);
      return { by: 'bob, by drill resume', order };
    },
  };
}

async function held(wants: (number: number) => boolean, plan = PLAN) {
  const run = new NoopRun(plan);
  run.operator = holder(run, wants);
  const result = await run.run();
  return { run, result };
}

function gate(result: Result, name: string): Gate {
  return result.gates.find((each) => each.name === name)!;
}

const never = await held(() => false);

describe('a run that somebody holds', () => {
  it('passes where nobody does', () => {
    expect(never.result.verdict).to.equal('pass');
    expect(never.run.named('run.held')).to.deep.equal([]);
  });

  it('before its fault passes as well, with the same numbers', async () => {
    const { run, result } = await held((number) => number === 0);
    expect(result.verdict, result.reasons.join('; ')).to.equal('pass');
    expect(result.recovery!.rto_ms).to.be.closeTo(never.result.recovery!.rto_ms!, 60);
    const [asked, ...more] = run.named('run.held');
    expect(more).to.deep.equal([]);
    expect(asked).to.include({ before: 'the fault', by: 'ada, by drill pause' });
    const [release] = run.named('run.released');
    expect(release).to.include({ order: 'resume', by: 'bob, by drill resume' });
    expect(release!.ms).to.be.closeTo(HELD_MS, 2);
    const [fault] = run.named('fault.started');
    expect(fault!.t).to.be.at.least(release!.t);
  });

  for (const [at, step] of STEPS.entries()) {
    it(`before "${step}" proves no recovery time`, async () => {
      const { run, result } = await held((number) => number === at + 1);
      expect(run.named('run.held').map(({ before }) => before)).to.deep.equal([step]);
      expect(result.verdict).to.equal('inconclusive');
      expect(gate(result, 'rto').verdict).to.equal('inconclusive');
      expect(gate(result, 'rto').reason).to.equal(
        `The run was held for ${HELD_MS} ms before "${step}", by ada, by drill pause.`,
      );
      expect(result.loss!.lost).to.equal(never.result.loss!.lost);
      const started = run.named('step.started').find((each) => each.step === step)!;
      expect(started.t).to.be.at.least(run.named('run.released')[0]!.t);
    });
  }

  it('until its recovery had to be over has failed in the step that it was held before', async () => {
    const plan = { ...PLAN, recover: { ...PLAN.recover, deadline_ms: 2_000 } };
    const run = new NoopRun(plan);
    run.operator = {
      ...holder(run, (number) => number === 2),
      release: (signal) => nobody.release(signal),
    };
    const result = await run.run();
    const [failed, ...more] = run.named('step.failed');
    expect(more).to.deep.equal([]);
    expect(failed).to.include({
      step: 'promote the standby',
      reason: 'the run was held until the deadline',
    });
    expect(run.named('step.ended').map(({ step }) => step)).to.deep.equal([STEPS[0]]);
    expect(result.verdict).not.to.equal('pass');
    expect(result.reasons.join(' ')).to.contain('the run was held until the deadline');
    expect(run.named('run.released')).to.deep.equal([]);
    expect(run.named('cleanup.ended')[0]!.clean).to.equal(true);
  });

  it('ends at once where it is stopped meanwhile', async () => {
    const run = new NoopRun(PLAN);
    const stop = () => run.interrupt.abort(new Error('eve, by drill halt'));
    run.operator = {
      ...holder(run, (number) => number === 1),
      release: async (signal) => {
        void run.clock.sleep(100).then(stop);
        return await nobody.release(signal);
      },
    };
    const result = await run.run();
    expect(result.verdict).to.equal('interrupted');
    expect(result.reasons[0]).to.equal('The run was interrupted by eve, by drill halt.');
    expect(run.phases).to.include.members(['heal', 'down']);
    expect(run.phases).not.to.include('verify');
  });
});

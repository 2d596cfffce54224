// `recover.max_loss` on `noop`: a recovery that would lose more is not begun without a word.
import { expect } from 'chai';
import type { Operator } from '../../src/engine/frame/context.ts';
import type { MaxLoss } from '../../src/drill/recovery/max-loss.ts';
import { noopPlan } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const KILL = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, { at_ms: 300 });
const HELD = 7;

async function runOf(max_loss: MaxLoss, operator?: Operator) {
  const plan = noopPlan('warm-standby', { faults: [KILL] });
  const run = new NoopRun({ ...plan, recover: { ...plan.recover, max_loss } });
  if (operator !== undefined) run.operator = operator;
  run.plant((system) => {
    system.region('east').follows = { state: 'streaming', lag_bytes: 512 };
    for (const rows of system.region('east').rows.values()) rows.held = HELD;
  });
  return { run, result: await run.run() };
}

const stepsOf = (run: NoopRun) => run.named('step.started').map(({ step }) => step);

describe('a recovery with a limit of loss', () => {
  it('goes on where the preview is within it, and does not ask', async () => {
    const { run, result } = await runOf({ unit: 'bytes', most: 1e9, over: 'fail' });
    expect(result.verdict).to.equal('pass');
    expect(stepsOf(run).slice(0, 1)).to.deep.equal(['ask what it would lose']);
    expect(run.named('operator.asked')).to.deep.equal([]);
  });

  it('fails before anything is fenced or promoted where it would lose more', async () => {
    const { run, result } = await runOf({ unit: 'bytes', most: 0, over: 'fail' });
    expect(result.verdict).to.equal('fail');
    expect(result.reasons.join()).to.match(/it would lose up to .* of log/);
    expect(result.failures.map(({ code }) => code)).to.include('recovery-step-failed');
    expect(stepsOf(run)).to.deep.equal(['ask what it would lose']);
    expect(run.named('fence.proved')).to.deep.equal([]);
    expect(run.system.region('west').isPrimary).to.equal(false);
  });

  it('asks a person where the file says so, whose time counts', async () => {
    let asked = '';
    const operator: Operator = {
      ask: async ({ question }) => {
        asked = question;
        return 'ada';
      },
      holdAsked: () => null,
      release: () => Promise.reject(new Error('nobody holds it')),
    };
    const { run, result } = await runOf({ unit: 'bytes', most: 0, over: 'ask' }, operator);
    expect(asked).to.match(/would lose up to .* over recover\.max_loss of 0B/);
    expect(run.named('step.confirmed').map(({ by }) => by)).to.deep.equal(['ada']);
    expect(result.loss!.lost).to.equal(HELD);
    expect(result.verdict).to.equal('pass');
  });
});

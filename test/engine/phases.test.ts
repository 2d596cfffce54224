// Every phase of a run with everything that can go wrong in it, made from the list of tasks itself:
// whatever it is, heal and down happen, the undo log ends, there is a result, and it is no pass.
import { expect } from 'chai';
import { PHASES as ALL_PHASES, type Phase } from '../../src/drill/plan/budget.ts';
import { drillTasks } from '../../src/engine/run.ts';
import { OperationFailed } from '../../src/host/operation-failed.ts';
import type { Result } from '../../src/verdict/result.ts';
import { EXIT } from '../../src/verdict/exit-code.ts';
import type { Verdict } from '../../src/verdict/result.ts';
import { noopPlan } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const PARTITION = plannedFault('lose-region', { how: 'partition', disks: 'kept' }, { at_ms: 300 });
const PLAN = noopPlan('warm-standby', { faults: [PARTITION], failback: true });
const PHASES = drillTasks('never', new AbortController().signal).map(({ phase }) => phase);

/** What the undo of `noop` is about, and the heal of a fault on it. */
const MADE = 'an effect of the kind noop';
const FAILED = new OperationFailed({ what: 'the world', expected: 'an answer', found: 'none' });
const BUG = new TypeError('planted: nothing is a function');

/** Has something happen in one phase, just before its work or with all that is asked in it. */
async function runWith(phase: Phase, happen: (run: NoopRun) => void, healFails = false) {
  const run = new NoopRun(PLAN);
  run.plant(({ deeds }) => {
    if (!healFails) return;
    deeds.plant('end of isolate east', () => {
      throw FAILED;
    });
  });
  const result = await run.run((task) => {
    if (task.phase !== phase) return task;
    const work: typeof task.work = async (context, facts) => {
      happen(run);
      try {
        return await task.work(context, facts);
      } finally {
        run.failWith(null);
      }
    };
    return { ...task, work };
  });
  return { run, result };
}

type Ended = Awaited<ReturnType<typeof runWith>>;

function expectOrderly({ run, result }: Ended): void {
  const order = PHASES.filter((phase) => run.phases.includes(phase));
  expect(run.phases).to.deep.equal(order);
  expect(run.phases).to.include.members(['heal', 'down']);
  expect(run.hasResult).to.equal(true);
  expect(run.named('cleanup.ended')).to.have.lengthOf(1);
  expect(run.named('run.finished')).to.have.lengthOf(1);
  expect(result.verdict).not.to.equal('pass');
}

function expectEnd(ended: Ended, verdict: Verdict): void {
  expectOrderly(ended);
  expect(EXIT[ended.result.verdict], ended.result.reasons.join('\n')).to.equal(EXIT[verdict]);
  expect(ended.result.cleanup).to.deep.equal({ clean: true, left: [] });
  expect(ended.run.undone.at(-1)).to.equal('done');
}

/** With it stays the scratch directory, which shows `drill clean` whose it is. */
function expectLeft({ cleanup }: Result, message: string): void {
  const [first, second, ...more] = cleanup!.left;
  expect([first, more]).to.deep.equal([`${MADE}: ${message}`, []]);
  expect(second).to.match(/^directory .*: kept until the rest is undone \(noop\)$/);
}

describe('a run on noop', () => {
  it('passes where nothing goes wrong', async () => {
    const run = new NoopRun(PLAN);
    const result = await run.run();
    expect([result.verdict, result.reasons]).to.deep.equal(['pass', []]);
    expect(run.phases).to.deep.equal(PHASES);
    expect(run.undone.at(-1)).to.equal('done');
  });

  it('has the phases that budgets and reports know, in their order', () => {
    expect([...PHASES, 'report']).to.deep.equal(ALL_PHASES);
  });

  for (const phase of PHASES) {
    describe(`with trouble in ${phase}`, () => {
      it('is interrupted by Ctrl-C, and cleans up', async () => {
        const ended = await runWith(phase, (run) => run.interrupt.abort(new Error('SIGINT')));
        expectEnd(ended, 'interrupted');
        expect(ended.run.named('run.interrupted')).to.have.lengthOf(1);
      });

      it('leaves at the second Ctrl-C what drill clean finds', async () => {
        const ended = await runWith(phase, (run) => {
          run.interrupt.abort(new Error('SIGINT'));
          run.kill.abort(new Error('SIGINT'));
        });
        expectOrderly(ended);
        const { run, result } = ended;
        expect(EXIT[result.verdict]).to.equal(EXIT.interrupted);
        expect(result.cleanup!.left.join('\n')).to.contain('the clean-up was stopped');
        expect(run.undone).not.to.include('done');
      });

      it('is an error of drill’s own where the engine throws one', async () => {
        const ended = await runWith(phase, () => {
          throw BUG;
        });
        if (phase !== 'down') return expectEnd(ended, 'internal');
        // It never came to the clean-up: what is left stands in the undo log.
        expect(EXIT[ended.result.verdict]).to.equal(EXIT.internal);
        expect([ended.run.hasResult, ended.run.undone.includes('done')]).to.deep.equal([
          true,
          false,
        ]);
      });

      it('is the same where whoever is asked in it throws one', async () => {
        const ended = await runWith(phase, (run) => run.failWith(BUG));
        if (phase !== 'down') return expectEnd(ended, 'internal');
        expectOrderly(ended);
        expectLeft(ended.result, BUG.message);
      });

      it('is no pass, and no error of drill’s own, where the world fails', async () => {
        const ended = await runWith(phase, (run) => run.failWith(FAILED));
        expectOrderly(ended);
        expect(ended.run.named('internal.failed')).to.deep.equal([]);
        const { cleanup } = ended.result;
        if (phase !== 'down') return expect(cleanup).to.deep.equal({ clean: true, left: [] });
        return expectLeft(ended.result, FAILED.message);
      });

      it('says so where it is interrupted and the heal fails', async () => {
        const stop = (run: NoopRun) => run.interrupt.abort(new Error('SIGINT'));
        const ended = await runWith(phase, stop, true);
        if (ended.run.named('fault.injected').length === 0) return expectEnd(ended, 'interrupted');
        expectOrderly(ended);
        expect(EXIT[ended.result.verdict]).to.equal(EXIT.interrupted);
        expect(ended.run.named('heal.failed')).not.to.deep.equal([]);
        expectLeft(ended.result, FAILED.message);
        expect(ended.run.undone).not.to.include('done');
      });
    });
  }
});

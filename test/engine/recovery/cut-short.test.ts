// Drills on `noop` whose recovery does not come to its end: it hangs until somebody or something
// stops the run, or a step of it fails.
import { expect } from 'chai';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { OperationFailed } from '../../../src/host/operation-failed.ts';
import { noopPlan } from '../../support/noop/noop-plans.ts';
import { NoopRun } from '../../support/noop/noop-run.ts';

const HANGS: Partial<Plan> = { declare: { by: 'after', after_ms: 8_000 } };
const TARGET_MS = 2_000;

const planned = (changes: Partial<Plan> = {}) => {
  const plan = noopPlan('warm-standby', changes);
  return { ...plan, targets: { ...plan.targets, rto_ms: TARGET_MS } };
};

/** When the disaster of a drill comes, which a drill that nobody stops has said. */
async function disasterOf(plan: Plan): Promise<number> {
  const run = new NoopRun(plan);
  await run.run();
  return run.named('fault.started')[0]!.t;
}

describe('a recovery that hangs', function () {
  this.timeout(20_000);
  let disaster_ms: number;
  before(async () => (disaster_ms = await disasterOf(planned())));

  const stopped = async (after_ms: number) => {
    const run = new NoopRun(planned(HANGS), disaster_ms + after_ms);
    return { run, result: await run.run() };
  };

  it('is a fail once clients waited longer than the target, whatever time limit ends the run', async () => {
    const { result } = await stopped(6_000);
    expect(result.verdict).to.equal('fail');
    const [rto] = result.gates;
    // What was asked in the last 350 ms could still have been answered in time.
    expect(rto!.low).to.be.within(5_500, 6_000);
    expect(result.reasons).to.have.lengthOf(2);
    expect(result.reasons[0]).to.match(/^Service was not back after 5\.\d+ s, over the RTO target/);
    expect(result.reasons[1]).to.match(/^The run was stopped early: it took longer than --timeout/);
  });

  it('is inconclusive before that', async () => {
    const { result } = await stopped(1_500);
    expect([result.verdict, result.gates[0]!.low]).to.deep.equal(['inconclusive', null]);
    expect(result.recovery!.stopped_after_ms).to.be.within(1_490, 1_510);
  });

  it('fails its gate at Ctrl-C too, and the run stays interrupted', async () => {
    const run = new NoopRun(planned(HANGS));
    void run.clock.sleep(disaster_ms + 5_000).then(() => run.interrupt.abort(new Error('SIGINT')));
    const { verdict, gates } = await run.run();
    expect([verdict, gates[0]!.verdict]).to.deep.equal(['interrupted', 'fail']);
  });

  it('is waited for until the deadline, and the note says so', async () => {
    const declare = { by: 'after', after_ms: 30_000 } as const;
    const { notes, verdict } = await new NoopRun(planned({ declare })).run();
    expect(verdict).to.equal('fail');
    const note = notes.find((text) => text.startsWith('The run stopped waiting'))!;
    expect(note).to.match(
      /, 1\d\.\d+ s after the disaster: clients were still .* at the deadline\.$/,
    );
  });

  it('ends sooner where a step failed, and the note does not speak of the deadline', async () => {
    const run = new NoopRun(planned()).plant(({ deeds }) => {
      const facts = { what: 'west', expected: 'a promotion', found: 'nothing' };
      const fails = () => Promise.reject(new OperationFailed(facts));
      deeds.plant('promote west/postgres', fails);
    });
    const { notes, verdict, gates } = await run.run();
    expect(verdict).to.equal('fail');
    // It was waited for, and so long at least.
    expect(gates[0]!.low).to.be.within(1_000, 5_000);
    const note = notes.find((text) => text.startsWith('The run stopped waiting'))!;
    expect(note).to.match(/, [1-4](\.\d+)? s after the disaster: the recovery had failed\.$/);
  });
});

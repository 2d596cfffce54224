// Stop conditions on `noop`: what clients meet ends the run, which heals at once and is what the
// file says.
import { expect } from 'chai';
import type { Condition } from '../../src/drill/condition.ts';
import type { PlannedStop } from '../../src/drill/stop.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { noopPlan } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const FREEZE = plannedFault(
  'lose-region',
  { how: 'freeze', disks: 'kept' },
  { at_ms: 300, heal_after_ms: 8_000 },
);
const OUT: Condition = { metric: 'availability', is: 'below', value: 0.5, for_ms: 1_500 };

async function runOf(changes: Partial<Plan>, limit_ms: number | null = null) {
  const plan = noopPlan('warm-standby', {}, 'none');
  const targets = { ...plan.targets, rto_ms: null, rpo_ms: null, steady_within_ms: 500 };
  const run = new NoopRun(
    { ...plan, disaster: 'none', faults: [FREEZE], targets, ...changes },
    limit_ms,
  );
  return { run, result: await run.run() };
}

const stop = (verdict: PlannedStop['verdict'], when: Condition = OUT) => {
  return { stop_when: [{ when, verdict }] };
};

describe('a stop condition', () => {
  it('ends the run when it has held for so long, and heals at once', async () => {
    const { run, result } = await runOf(stop('inconclusive'));
    const [started] = run.named('fault.started');
    const [stopped, ...more] = run.named('run.stopped');
    expect(more).to.deep.equal([]);
    // A second of it is what the first look needs to fall below a half.
    expect(stopped!.t - started!.t).to.be.within(1_900, 2_900);
    expect(stopped).to.include({ condition: 'availability < 50% for 1.5s' });
    const [healed] = run.named('fault.healed');
    expect(healed!.t - stopped!.t).to.be.lessThan(500);
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons[0]).to.match(/^A stop condition ended the run: availability < 50%/);
    expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
    expect(run.named('survivors.read')).to.deep.equal([]);
  });

  it('fails the run where the file says so', async () => {
    const { result } = await runOf(stop('fail'));
    expect(result.verdict).to.equal('fail');
    expect(result.failures.map(({ code }) => code)).to.deep.equal(['stop-condition']);
  });

  it('leaves a run alone in which it never holds for long enough', async () => {
    const short = { ...FREEZE, heal_after_ms: 900 };
    const { run, result } = await runOf({ ...stop('fail'), faults: [short] });
    expect(run.named('run.stopped')).to.deep.equal([]);
    expect(result.verdict).to.equal('pass');
  });

  it('is one of several, of which the first that holds ends the run', async () => {
    const never: Condition = { metric: 'p99', is: 'above', value: 1, for_ms: 60_000 };
    const errors: Condition = { metric: 'errors', is: 'above', value: 0.5, for_ms: 0 };
    const stop_when = [
      { when: never, verdict: 'fail' } as const,
      { when: errors, verdict: 'inconclusive' } as const,
    ];
    const { run } = await runOf({ stop_when });
    expect(run.named('run.stopped').map(({ condition }) => condition)).to.deep.equal([
      'errors > 50%',
    ]);
  });
});

describe('max_duration', () => {
  it('stops, heals and cleans up, as --timeout does, and the shorter of them counts', async () => {
    for (const [limit_ms, what] of [
      [null, 'max_duration 3s'],
      [2_000, '--timeout 2s'],
    ] as const) {
      const { run, result } = await runOf({ max_duration_ms: 3_000 }, limit_ms);
      expect(result.reasons[0]).to.contain(what);
      expect(result.verdict).to.equal('inconclusive');
      expect(run.named('fault.healed')).to.have.lengthOf(1);
      expect(result.cleanup!.clean).to.equal(true);
    }
  });
});

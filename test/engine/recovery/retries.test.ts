// Steps of a recovery that fail, planted and really, on `noop`: they are tried again as often as the
// file says, which costs its time, and then the recovery has failed.
import { expect } from 'chai';
import type { FaultKind } from '../../../src/drill/fault/registry.ts';
import { OperationFailed } from '../../../src/host/operation-failed.ts';
import { noopPlan } from '../../support/noop/noop-plans.ts';
import { NoopRun } from '../../support/noop/noop-run.ts';
import {
  delay,
  drilled,
  expectWhole,
  halfDone,
  heldMs,
  KILL,
  stepsOf,
  TWICE,
  wrong,
} from '../../support/noop/operators.ts';

const plain = await drilled([]);
const plainRto = plain.result.recovery!.rto_ms!;

describe('a runbook that is half done', () => {
  const REDIRECT = 'redirect the clients';

  for (const does of ['all', 'nothing'] as const) {
    for (const step of ['fence', 'promote', 'redirect', 'scale']) {
      it(`is gone on with where a try of ${step} fails that did ${does}`, async () => {
        const { run, result, why } = await drilled([halfDone(step, 1, does)], { retries: TWICE });
        expectWhole(result, why);
        const failed = run.named('step.failed');
        expect(failed.map(({ goes_on }) => goes_on)).to.deep.equal([true]);
        const { step: title } = failed[0]!;
        expect(stepsOf(run).filter((each) => each === title)).to.have.length(2);
        expect(result.notes.join()).to.contain(`A try of the step "${title}" failed after`);
        expect(heldMs(run)).to.be.at.least(TWICE.pause_ms);
      });
    }
  }

  it('costs clients what the tries and the pauses take', async () => {
    const fault = halfDone('redirect', 2, 'nothing');
    const { run, result, why } = await drilled([fault], { retries: TWICE });
    expectWhole(result, why);
    expect(run.named('step.failed')).to.have.length(2);
    expect(result.recovery!.rto_ms).to.be.closeTo(plainRto + 2 * TWICE.pause_ms, 60);
    const causes = result.recovery!.causes!.map(({ kind }) => kind);
    expect(causes).to.include('step-tries');
  });

  it('fails the drill once no try is left, and says so', async () => {
    for (const [fails, retries] of [
      [1, undefined],
      [3, TWICE],
    ] as const) {
      const asked = retries === undefined ? {} : { retries };
      const { run, result, why } = await drilled([halfDone('redirect', fails, 'nothing')], asked);
      expect(result.verdict).to.equal('fail');
      expect(why).to.contain(
        `The recovery step "${REDIRECT}" failed: it failed before it had begun`,
      );
      expect(run.named('step.failed')).to.have.length(fails);
      expect(run.named('step.failed').at(-1)).not.to.have.property('goes_on');
      expect(run.named('recovery.finished')).to.deep.equal([]);
      const [proof] = run.named('fault.proved').filter(({ index }) => index === 1);
      expect(proof!.ok).to.equal(true);
    }
  });

  it('that the deadline overtakes between two tries has failed', async () => {
    const retries = { times: 5, pause_ms: 60_000 };
    const { run, result, why } = await drilled([halfDone('promote', 1, 'nothing')], { retries });
    expect(result.verdict).to.equal('fail');
    expect(why).to.contain('the deadline came before it was tried again');
    expect(run.named('step.failed')).to.have.length(2);
  });

  it('is stopped between two tries by Ctrl-C, and is not tried again', async () => {
    const plant = (run: NoopRun) => {
      run.plant((system) => {
        system.deeds.plant('promote west/postgres', () => {
          void run.clock.sleep(5_000).then(() => run.interrupt.abort(new Error('Ctrl-C')));
        });
      });
    };
    const retries = { times: 1, pause_ms: 8_000 };
    const { run, result } = await drilled([halfDone('promote', 1, 'all')], { retries, plant });
    expect(result.verdict).to.equal('interrupted');
    expect(run.named('step.failed')).to.have.length(1);
    expect(run.named('fault.proved').filter(({ index }) => index === 1)).to.deep.equal([]);
    expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
  });

  it('proves nothing where the recovery never came to the step', async () => {
    const asked = { declare: { by: 'operator' } as const, retries: TWICE }; // nobody answers
    const { result, why } = await drilled([halfDone('redirect', 1, 'all')], asked);
    expect(result.verdict).not.to.equal('pass');
    expect(why).to.match(
      /half-done-runbook of the operators was planned and never came to hold: no/,
    );
  });

  it('is not begun where it would lose more than it may, and that is asked once', async () => {
    const plan = noopPlan('warm-standby', { faults: [KILL, halfDone('fence', 1, 'all')] });
    const max_loss = { unit: 'bytes', most: 0, over: 'fail' } as const;
    const run = new NoopRun({ ...plan, recover: { ...plan.recover, max_loss, retries: TWICE } });
    run.plant((system) => {
      system.region('east').follows = { state: 'streaming', lag_bytes: 512 };
    });
    const result = await run.run();
    expect(result.verdict).to.equal('fail');
    expect(stepsOf(run)).to.deep.equal(['ask what it would lose']);
    expect(result.reasons.join()).to.contain('the recovery did not come to it');
  });

  it('is one of several things that go wrong in one recovery, and in its failback none does', async () => {
    const faults = [delay(), { ...wrong, index: 2 }, halfDone('redirect', 1, 'all', 3)];
    const { run, result, why } = await drilled(faults, { retries: TWICE, failback: true });
    expectWhole(result, why);
    const kinds: readonly FaultKind[] = ['delay-declaration', 'wrong-region', 'half-done-runbook'];
    expect(run.named('fault.started').map(({ kind }) => kind)).to.deep.equal([
      'lose-region',
      ...kinds,
    ]);
    expect(run.named('step.failed')).to.have.length(2);
    expect(result.failback).not.to.equal(null);
  });
});

describe('a step that really fails', () => {
  const fails = (times: number) => (run: NoopRun) => {
    let left = times;
    run.plant((system) => {
      system.deeds.plant('promote west/postgres', () => {
        if (left-- <= 0) return;
        throw new OperationFailed({ what: 'west', expected: 'a write', found: 'no room' });
      });
    });
  };

  it('is no half-done runbook: what was to be shown was not', async () => {
    const asked = { retries: TWICE, plant: fails(1) };
    const { run, result, why } = await drilled([halfDone('promote', 1, 'all')], asked);
    expect(run.named('step.failed').map(({ reason }) => reason)).to.have.length(1);
    const [proof] = run.named('fault.proved').filter(({ index }) => index === 1);
    expect(proof!.ok).to.equal(false);
    expect(result.verdict, why).to.equal('inconclusive');
  });

  it('is tried again as often as the file says, and no more', async () => {
    const two = await drilled([], { retries: TWICE, plant: fails(2) });
    expectWhole(two.result, two.why);
    expect(two.run.named('step.failed').map(({ goes_on }) => goes_on)).to.deep.equal([true, true]);
    const three = await drilled([], { retries: TWICE, plant: fails(3) });
    expect(three.result.verdict).to.equal('fail');
    expect(three.why).to.contain('"promote the standby" failed: west: expected a write');
    const once = await drilled([], { plant: fails(1) });
    expect(once.result.verdict).to.equal('fail');
    expect(once.run.named('step.failed')).to.have.length(1);
  });
});

// What was broken of somebody's own is undone in time, whatever the run has come to, and at once
// where their own command says that it hurts.
import { expect } from 'chai';
import { guardRun } from '../../../src/engine/load/guard.ts';
import { OperationFailed } from '../../../src/host/operation-failed.ts';
import type { OwnSystem } from '../../../src/topology/system/own.ts';
import type { System } from '../../../src/topology/system/system.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { ContextInTest } from '../../support/system/run-context.ts';

/** For so long, in steps that are shorter than any wait of the guard. */
async function pass(context: ContextInTest, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    await context.clock.advance(100);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

function guarded(guard: string, hurts: () => boolean = () => false) {
  const context = new ContextInTest(planOf(ownDrill({ guard })));
  const asked: string[] = [];
  const own: Pick<OwnSystem, 'run'> = {
    run: (command) => {
      asked.push(command.join(' '));
      if (hurts()) return Promise.resolve();
      const facts = { what: 'it', expected: '0', found: '1' };
      return Promise.reject(new OperationFailed(facts));
    },
  };
  const over = new AbortController();
  const faults = { began_ms: Infinity, healing: over };
  guardRun(context.run, { own } as System, faults);
  const stopped = () =>
    context.events.flatMap((each) => (each.event === 'run.stopped' ? [each.condition] : []));
  return { context, faults, over, asked, stopped };
}

describe('the guard of a run', () => {
  it('ends the run so long after the first fault, and not before', async () => {
    const { context, faults, stopped } = guarded('hurt_for: 61s');
    await pass(context, 90_000);
    expect(stopped()).to.deep.equal([]);
    faults.began_ms = context.clock.now();
    await pass(context, 60_800);
    expect(context.run.signal.aborted).to.equal(false);
    await pass(context, 400);
    expect(stopped()).to.deep.equal(['topology.guard.hurt_for: 61s']);
    expect(context.run.signal.aborted).to.equal(true);
  });

  it('lets a run go on that heals by itself', async () => {
    const { context, faults, over, stopped } = guarded('hurt_for: 61s');
    faults.began_ms = context.clock.now();
    await pass(context, 30_000);
    over.abort();
    await pass(context, 60_000);
    expect(stopped()).to.deep.equal([]);
  });

  it('ends the run where the command says for so long that it hurts', async () => {
    let hurts = false;
    const guard = 'stop_when: { command: [./hurts.sh], for: 2s }';
    const { context, asked, stopped } = guarded(guard, () => hurts);
    await pass(context, 5_000);
    expect(asked.length).to.be.greaterThan(3);
    hurts = true;
    await pass(context, 1_500);
    hurts = false;
    await pass(context, 3_000);
    expect(stopped()).to.deep.equal([]);
    hurts = true;
    await pass(context, 3_500);
    expect(stopped()).to.deep.equal(['topology.guard.stop_when: ./hurts.sh']);
    expect(context.run.signal.aborted).to.equal(true);
  });
});

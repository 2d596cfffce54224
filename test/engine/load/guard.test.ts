// What was broken of somebody's own is undone in time, whatever the run has come to, and at once
// where their own command says that it hurts.
import { expect } from 'chai';
import { guardRun, whileGuarded } from '../../../src/engine/load/guard.ts';
import { CommandFailed } from '../../../src/host/process/command-failed.ts';
import { askAlarm } from '../../../src/topology/attached/alarm.ts';
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

/** `alarm`: what its command ends with; null: it cannot be started. */
function guarded(guard: string, alarm: () => number | null = () => 1) {
  const context = new ContextInTest(planOf(ownDrill({ guard })));
  const asked: string[] = [];
  const running: Pick<OwnSystem, 'run'> = {
    run: (command) => {
      asked.push(command.join(' '));
      const code = alarm();
      if (code === 0) return Promise.resolve();
      return Promise.reject(new CommandFailed(command, `exit code ${code}`, code));
    },
  };
  const own: Pick<OwnSystem, 'hurts'> = {
    hurts: (command, signal) => askAlarm(running, command, signal),
  };
  const over = new AbortController();
  const faults = { began_ms: Infinity, healing: over };
  guardRun(context.run, { own } as System, faults);
  const stopped = () =>
    context.events.flatMap((each) => (each.event === 'run.stopped' ? [each.condition] : []));
  return { context, system: { own } as System, faults, over, asked, stopped };
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
    const { context, asked, stopped } = guarded(guard, () => (hurts ? 0 : 1));
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

  it('asks the same while service is moved back, and no longer', async () => {
    let hurts = false;
    const guard = 'stop_when: { command: [./hurts.sh], for: 2s }';
    const { context, system, faults, over, asked, stopped } = guarded(guard, () => (hurts ? 0 : 1));
    over.abort();
    let moved = () => {};
    const moving = () => new Promise<void>((resolve) => (moved = resolve));
    const once = whileGuarded(context.run, system, faults, moving);
    await pass(context, 3_000);
    moved();
    await once;
    const before = asked.length;
    expect(before).to.be.greaterThan(3);
    await pass(context, 3_000);
    expect(asked.length).to.equal(before);
    const again = whileGuarded(context.run, system, faults, moving);
    hurts = true;
    await pass(context, 3_500);
    expect(stopped()).to.deep.equal(['topology.guard.stop_when: ./hurts.sh']);
    moved();
    await again;
  });

  it('counts on from the first fault while service is moved back, and begins nothing later', async () => {
    const { context, system, faults, over, stopped } = guarded('hurt_for: 3m');
    faults.began_ms = context.clock.now();
    await pass(context, 30_000);
    over.abort(); // all is healed
    await pass(context, 10_000);
    let begun = 0;
    let moved = () => {};
    const moving = () => {
      begun += 1;
      return new Promise<void>((resolve) => (moved = resolve));
    };
    const moved_back = whileGuarded(context.run, system, faults, moving);
    await pass(context, 139_800);
    expect(stopped()).to.deep.equal([]);
    await pass(context, 400);
    expect(stopped()).to.deep.equal(['topology.guard.hurt_for: 3m']);
    expect(context.run.signal.aborted).to.equal(true);
    moved();
    await moved_back;
    await whileGuarded(context.run, system, faults, moving);
    expect([begun, stopped().length]).to.deep.equal([1, 2]);
  });

  it('ends a run that would go on blind, which the journal has told before', async () => {
    const guard = 'stop_when: { command: [./hurts.sh], for: 2s }';
    for (const blind of [null, 126, 127, 255]) {
      let code: number | null = 1;
      const { context, stopped } = guarded(guard, () => code);
      await pass(context, 3_000);
      code = blind;
      await pass(context, 10_000);
      code = 1; // it can be asked again
      await pass(context, 10_000);
      expect(stopped()).to.deep.equal([]);
      code = blind;
      await pass(context, 15_500);
      const notes = context.events.filter(({ event }) => event === 'run.noted');
      expect(notes).to.have.length(2);
      expect(stopped()).to.deep.equal(['topology.guard.stop_when: ./hurts.sh']);
      expect(context.events.at(-1))
        .to.have.property('found')
        .that.matches(/nobody knew/);
    }
  });

  it('takes it that it hurts still where it hurt before nobody knew', async () => {
    let code: number | null = 0;
    const { context, stopped } = guarded(
      'stop_when: { command: [./hurts.sh], for: 4s }',
      () => code,
    );
    await pass(context, 1_000);
    code = null;
    await pass(context, 4_000);
    expect(stopped()).to.have.length(1);
  });
});

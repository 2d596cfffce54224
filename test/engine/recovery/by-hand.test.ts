// Steps that people do, and commands, among the steps of a recovery: when each is over, and what is
// believed of it.
import { expect } from 'chai';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlannedStep } from '../../../src/drill/recovery/by-hand.ts';
import type { Operator } from '../../../src/engine/frame/context.ts';
import { stepsOfPlan } from '../../../src/engine/recovery/by-hand.ts';
import { runSteps } from '../../../src/engine/recovery/run-steps.ts';
import { hostClock } from '../../../src/host/clock.ts';
import type { Procedure, RecoveryContext } from '../../../src/recovery/procedure.ts';
import { plan } from '../../support/evidence/results.ts';
import { nobody } from '../../support/nobody.ts';
import { ContextInTest } from '../../support/system/run-context.ts';

const DEADLINE_MS = 30_000;
const CALL = 'Call the payment provider.';
const person = (seen: readonly string[] | null = null): PlannedStep => {
  return { by: 'person', title: CALL, seen };
};
const own = (step: string): PlannedStep => ({ by: 'drill', step });

describe('steps of a recovery that are none of drill’s', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-by-hand-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function carryOut(steps: readonly PlannedStep[], operator: Partial<Operator> = {}) {
    const place = { id: 'in-test', directory: folder, logs: folder, scratch: folder };
    const recover = { ...plan.recover, with: 'promote-standby', steps } as const;
    const environment = { PATH: process.env['PATH']! };
    const test = new ContextInTest(
      { ...plan, recover },
      { place, environment, operator: { ...nobody, ...operator } },
    );
    const titles = ['fence', 'promote', 'redirect', 'scale'];
    const procedure: Procedure = {
      ...{ name: 'promote-standby', leavesAlive: false },
      steps: titles.map((title) => ({ title: `own ${title}`, run: async () => {} })),
    };
    const context = { emit: test.run.emit } as Omit<RecoveryContext, 'signal'>;
    const done = runSteps(test.run, stepsOfPlan(test.run, procedure), context, {
      deadline_ms: DEADLINE_MS,
    });
    const named = (name: string) => test.events.filter(({ event }) => event === name);
    return { test, done, named };
  }

  const confirmed: Partial<Operator> = { ask: () => Promise.resolve('ada, by drill confirm') };
  /** Ends with 0 once the file is there; counts how often it was asked. */
  const thereIs = (name: string) => {
    const count = `echo x >> '${join(folder, 'asked')}'`;
    return ['sh', '-c', `${count}; test -e '${join(folder, name)}'`];
  };
  const asked = () => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n').length;

  it('stand where the plan has them', async () => {
    const command = ['sh', '-c', `touch '${join(folder, 'warm')}'`];
    const { done, named } = carryOut(
      [
        own('fence'),
        person(),
        own('promote'),
        own('redirect'),
        { by: 'command', title: 'warm the caches', command, seen: null },
        own('scale'),
      ],
      confirmed,
    );
    expect(await done).to.equal(true);
    expect(existsSync(join(folder, 'warm'))).to.equal(true);
    const titles = named('step.ended').map((event) => 'step' in event && event.step);
    expect(titles).to.deep.equal([
      ...['own fence', CALL, 'own promote', 'own redirect', 'warm the caches', 'own scale'],
    ]);
    expect(named('operator.asked')[0]).to.include({
      question: `${CALL} Press Enter when it is done.`,
      order: 'confirm',
    });
    expect(named('step.confirmed')).to.deep.equal([
      { t: 0, event: 'step.confirmed', step: CALL, by: 'ada, by drill confirm', seen: false },
    ]);
    expect(named('step.seen')).to.deep.equal([]);
  });

  it('are those of the recovery where the plan has none', async () => {
    const test = new ContextInTest(plan);
    const procedure: Procedure = { name: 'promote-standby', leavesAlive: false, steps: [] };
    expect(stepsOfPlan(test.run, procedure)).to.equal(procedure.steps);
  });

  it('are not done when somebody says so, but when they are seen to be', async () => {
    const { test, done, named } = carryOut([person(thereIs('called'))], confirmed);
    let isOver = false;
    void done.then(() => (isOver = true));
    while (named('run.noted').length === 0) await hostClock().sleep(5);
    expect(isOver).to.equal(false);
    expect(JSON.stringify(named('run.noted')[0])).to.contain('is not seen to be done');
    writeFileSync(join(folder, 'called'), '');
    await test.clock.advance(500);
    expect(await done).to.equal(true);
    expect(asked()).to.equal(2);
    expect(named('step.seen')[0]).to.include({ step: CALL, ms: 500 });
    expect(named('step.confirmed')[0]).to.include({ seen: true });
    expect(named('run.noted')).to.have.lengthOf(1);
  });

  it('have failed where they are not seen to be done by the deadline', async () => {
    const { test, done, named } = carryOut([person(thereIs('never'))], confirmed);
    while (named('run.noted').length === 0) await hostClock().sleep(5);
    await test.clock.advance(DEADLINE_MS);
    expect(await done).to.equal(false);
    expect(named('step.failed')[0]).to.include({
      step: CALL,
      reason: 'it was not done by the deadline',
    });
    expect(named('step.seen')).to.deep.equal([]);
  });

  it('have failed where nobody confirms them by the deadline', async () => {
    const { test, done, named } = carryOut([person(), own('fence')]);
    await test.clock.advance(DEADLINE_MS);
    expect(await done).to.equal(false);
    expect(named('step.failed')).to.have.lengthOf(1);
    expect(named('step.confirmed')).to.deep.equal([]);
  });

  it('have failed where their command does, with what it said', async () => {
    const command = ['sh', '-c', 'echo not today; exit 3'];
    const step = { by: 'command', title: 'warm', command, seen: thereIs('x') } as const;
    const { done, named } = carryOut([step, own('fence')]);
    expect(await done).to.equal(false);
    expect(JSON.stringify(named('step.failed')))
      .to.contain('exit code 3')
      .and.contain('not today');
    expect(existsSync(join(folder, 'asked'))).to.equal(false);
  });

  it('of a command are seen as well', async () => {
    const command = ['sh', '-c', `touch '${join(folder, 'warm')}'`];
    const step = { by: 'command', title: 'warm', command, seen: thereIs('warm') } as const;
    const { done, named } = carryOut([step]);
    expect(await done).to.equal(true);
    expect(asked()).to.equal(1);
    expect(named('step.seen')).to.have.lengthOf(1);
    expect(named('operator.asked')).to.deep.equal([]);
  });
});

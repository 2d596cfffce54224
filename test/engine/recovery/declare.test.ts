// Detection and the four ways to declare a disaster.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Declaration } from '../../../src/drill/file/schema.ts';
import { declareDisaster } from '../../../src/engine/recovery/declare.ts';
import type { Question, RunContext } from '../../../src/engine/frame/context.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { plan } from '../../support/evidence/results.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { nobody } from '../../support/nobody.ts';
import { ContextInTest } from '../../support/system/run-context.ts';
import type { System } from '../../../src/topology/system/system.ts';
import { MemorySystem } from '../../support/noop/memory-system.ts';

const DEADLINE_MS = 30_000;

/** A system whose health checks report the region down at once, or never; then it may be up again. */
function systemThat(sees: boolean, isDown = true): System {
  const system = new MemorySystem(plan);
  if (sees) system.gslb.down.add(plan.replication.from);
  system.gslb.isDown = () => isDown;
  return system;
}

let logs: string;

function contextWith(declare: Declaration, changes: Partial<RunContext> = {}): ContextInTest {
  const place = { id: 'in-test', directory: logs, logs, scratch: logs };
  return new ContextInTest({ ...plan, declare }, { place, ...changes });
}

const decide = ({ run }: ContextInTest, sees = true, healed = new AbortController().signal) =>
  declareDisaster(run, systemThat(sees), 'east', {
    disaster_ms: 0,
    deadline_ms: DEADLINE_MS,
    healed,
    isSeen: true,
    checked_ms: -Infinity,
  });

describe('declaration', () => {
  before(() => (logs = mkdtempSync(join(tmpdir(), 'drill-test-'))));
  after(() => rmSync(logs, { recursive: true }));

  it('is automatic at detection', async () => {
    const test = contextWith({ by: 'automatic' });
    expect(await decide(test)).to.equal(true);
    expect(test.names()).to.deep.equal(['disaster.declared']);
  });

  it('comes so long after detection as the file says', async () => {
    const test = contextWith({ by: 'after', after_ms: 5_000 });
    const deciding = decide(test);
    await hostClock().sleep(1);
    await test.clock.advance(5_000);
    expect(await deciding).to.equal(true);
    expect(test.events.at(-1)).to.include({ event: 'disaster.declared', t: 5_000 });
  });

  it('waits for the operator', async () => {
    const questions: string[] = [];
    const ask = ({ question }: Question) => {
      questions.push(question);
      return Promise.resolve('the operator');
    };
    const test = contextWith({ by: 'operator' }, { operator: { ...nobody, ask } });
    expect(await decide(test)).to.equal(true);
    expect(questions).to.deep.equal(['Region east is down. Press Enter to declare a disaster.']);
    expect(test.events.at(-1)).to.include({ by: 'the operator' });
  });

  it('does not come when nobody answers before the deadline', async () => {
    const ask = (_: Question, signal: AbortSignal) =>
      new Promise<string>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const test = contextWith({ by: 'operator' }, { operator: { ...nobody, ask } });
    const deciding = decide(test);
    await hostClock().sleep(1);
    await test.clock.advance(DEADLINE_MS);
    expect(await deciding).to.equal(false);
    expect(test.events.at(-1)).to.include({
      event: 'disaster.undeclared',
      reason: 'nobody declared it before the deadline',
    });
  });

  it('comes when the command exits with 0', async () => {
    const command = [process.execPath, '-e', ''];
    expect(await decide(contextWith({ by: 'command', command }))).to.equal(true);
  });

  const lateAfter = (code: number) => {
    const late = plannedFault('delay-declaration', { by_ms: 5_000 }, { index: 1 });
    const declare = { by: 'command', command: [process.execPath, '-e', `process.exit(${code})`] };
    const place = { id: 'in-test', directory: logs, logs, scratch: logs };
    const faults = [...plan.faults, late];
    return new ContextInTest({ ...plan, declare: declare as Declaration, faults }, { place });
  };

  it('is held back after the command has decided', async () => {
    const test = lateAfter(0);
    const deciding = decide(test);
    while (test.clock.sleeping < 2) await hostClock().sleep(5);
    await test.clock.advance(4_999);
    expect(test.names()).to.deep.equal(['fault.started', 'fault.injected']);
    await test.clock.advance(1);
    expect(await deciding).to.equal(true);
    expect(test.names().slice(2)).to.deep.equal([
      ...['fault.proved', 'fault.healed'],
      'disaster.declared',
    ]);
  });

  it('is not held back where the command has failed', async () => {
    const test = lateAfter(3);
    expect(await decide(test)).to.equal(false);
    expect(test.names()).to.deep.equal(['disaster.undeclared']);
  });

  it('does not come when the command fails, and the reason says how', async () => {
    const command = [process.execPath, '-e', 'console.log("not today"); process.exit(3)'];
    const test = contextWith({ by: 'command', command });
    expect(await decide(test)).to.equal(false);
    const undeclared = test.events.at(-1)!;
    expect(undeclared.event).to.equal('disaster.undeclared');
    expect(JSON.stringify(undeclared)).to.contain('exit code 3').and.to.contain('not today');
  });

  it('kills the command, and what it started, when the deadline comes', async () => {
    const command = ['sh', '-c', 'sleep 297 & sleep 298'];
    const test = contextWith({ by: 'command', command });
    const deciding = decide(test);
    await hostClock().sleep(200);
    await test.clock.advance(DEADLINE_MS);
    expect(await deciding).to.equal(false);
    await hostClock().sleep(50);
    const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(stdout).not.to.match(/sleep 29[78]/);
  });

  it('does not come when there is no such command', async () => {
    const test = contextWith({ by: 'command', command: ['/nowhere/page-somebody'] });
    expect(await decide(test)).to.equal(false);
    expect(JSON.stringify(test.events.at(-1))).to.contain('ENOENT');
  });

  it('does not come when the health checks see nothing', async () => {
    const test = contextWith({ by: 'automatic' });
    const deciding = decide(test, false);
    await hostClock().sleep(1);
    await test.clock.advance(DEADLINE_MS);
    expect(await deciding).to.equal(false);
    expect(JSON.stringify(test.events.at(-1))).to.contain('did not report region east down');
  });

  it('does not come when the fault is healed before the health checks see it', async () => {
    const test = contextWith({ by: 'automatic' });
    const healed = new AbortController();
    const deciding = decide(test, false, healed.signal);
    healed.abort(new Error('healed'));
    expect(await deciding).to.equal(false);
    expect(test.events.at(-1)).to.include({
      event: 'disaster.undeclared',
      reason: 'the fault was healed before region east was reported down',
    });
  });

  const asks = (answer: Promise<string>) => {
    const seen: { question: AbortSignal | null } = { question: null };
    const ask = (_: Question, signal: AbortSignal) => {
      seen.question = signal;
      return answer;
    };
    return { seen, test: contextWith({ by: 'operator' }, { operator: { ...nobody, ask } }) };
  };
  const WAITS: readonly (readonly [string, () => ContextInTest])[] = [
    ['the time after detection', () => contextWith({ by: 'after', after_ms: 5_000 })],
    [
      'a command',
      () => {
        const command = [process.execPath, '-e', 'setTimeout(() => {}, 60_000)'];
        return contextWith({ by: 'command', command });
      },
    ],
  ];
  for (const [what, contextOf] of WAITS) {
    it(`is not waited for by ${what} when the fault is healed meanwhile`, async () => {
      const test = contextOf();
      const healed = new AbortController();
      const deciding = decide(test, true, healed.signal);
      await hostClock().sleep(100);
      healed.abort(new Error('healed'));
      expect(await deciding).to.equal(false);
      expect(test.events.at(-1)).to.include({
        event: 'disaster.undeclared',
        reason: 'the fault was healed before a disaster was declared',
      });
    });
  }

  it('is taken back from the operator when the fault is healed, even as Enter is pressed', async () => {
    const healed = new AbortController();
    let press = () => {};
    const answer = new Promise<string>((resolve) => (press = () => resolve('the operator')));
    const { seen, test } = asks(answer);
    const deciding = decide(test, true, healed.signal);
    await hostClock().sleep(1);
    healed.abort(new Error('healed'));
    expect(seen.question!.aborted).to.equal(true);
    press();
    expect(await deciding).to.equal(false);
    expect(test.names()).to.deep.equal(['operator.asked', 'disaster.undeclared']);
  });

  it('does not come when the region is healthy again by then', async () => {
    const { test } = asks(Promise.resolve('the operator'));
    const { signal: healed } = new AbortController();
    const limits = {
      ...{ disaster_ms: 0, deadline_ms: DEADLINE_MS, healed },
      ...{ isSeen: true, checked_ms: -Infinity },
    };
    const declared = await declareDisaster(test.run, systemThat(true, false), 'east', limits);
    expect(declared).to.equal(false);
    expect(test.events.at(-1)).to.include({
      event: 'disaster.undeclared',
      reason: 'region east was healthy again when it came to the declaration',
    });
  });
});

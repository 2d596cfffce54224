// Phases: time budgets, and stopped work that is waited for.
import { expect } from 'chai';
import { inPhase } from '../../../src/engine/frame/tasks.ts';
import type { RunContext } from '../../../src/engine/frame/context.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { plan } from '../../support/evidence/results.ts';
import { ContextInTest } from '../../support/system/run-context.ts';

const PREPARE = { phase: 'prepare', always: false } as const;
const tick = () => hostClock().sleep(1);

/** Work that goes on until its phase is stopped, and says so. */
function obedient(stopped: string[]) {
  return async ({ clock, signal }: RunContext) => {
    await clock.sleep(1e9, signal).catch((reason: Error) => {
      stopped.push(reason.message);
      throw reason;
    });
  };
}

describe('phases', () => {
  it('are reported with their budget and their time', async () => {
    const { run, events, clock } = new ContextInTest(plan);
    const going = inPhase(run, PREPARE, (phase) => phase.clock.sleep(250));
    await clock.advance(300);
    await going;
    expect(events.map(({ event, t }) => [event, t])).to.deep.equal([
      ['phase.started', 0],
      ['phase.ended', 250],
    ]);
  });

  it('have room for as many that wait for their end as a plan has faults, without a warning', async () => {
    const { run, clock } = new ContextInTest(plan);
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => void warnings.push(message);
    process.on('warning', onWarning);
    const going = inPhase(run, PREPARE, async (phase) => {
      await Promise.all(Array.from({ length: 30 }, () => phase.clock.sleep(100, phase.signal)));
    });
    await clock.advance(200);
    await going;
    await tick();
    process.off('warning', onWarning);
    expect(warnings).to.deep.equal([]);
  });

  it('are stopped when their time is over, as a failure of the environment', async () => {
    const { run, clock } = new ContextInTest(plan);
    const stopped: string[] = [];
    const going = inPhase(run, PREPARE, obedient(stopped)).catch((e: Error) => e.name);
    await clock.advance(60_000);
    expect(await going).to.equal('EnvironmentError');
    expect(stopped).to.have.length(1);
  });

  it('wait for work that is stopped, so that nothing is made behind the clean-up', async () => {
    const { run, stop } = new ContextInTest(plan);
    let isOver = false;
    const slow = async ({ signal }: RunContext) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await tick();
      isOver = true;
      signal.throwIfAborted();
    };
    const going = inPhase(run, PREPARE, slow).catch((e: Error) => e.message);
    stop.abort(new Error('Ctrl-C'));
    expect(await going).to.equal('Ctrl-C');
    expect(isOver).to.equal(true);
  });

  it('do not wait for ever for work that does not heed the stop', async () => {
    const { run, stop, clock } = new ContextInTest(plan);
    const deaf = () => new Promise<void>(() => {});
    const going = inPhase(run, PREPARE, deaf).catch((e: Error) => e.message);
    stop.abort(new Error('Ctrl-C'));
    await tick();
    await clock.advance(10_000);
    expect(await going).to.equal('Ctrl-C');
  });

  it('that clean up go on after a stop', async () => {
    const { run, stop } = new ContextInTest(plan);
    stop.abort(new Error('Ctrl-C'));
    const heal = { phase: 'heal', always: true } as const;
    const signal = await inPhase(run, heal, (phase) => Promise.resolve(phase.signal));
    expect(signal.aborted).to.equal(false);
  });
});

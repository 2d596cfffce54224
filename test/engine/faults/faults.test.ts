// When faults are healed, how often, and what is looked at afterwards.
import { expect } from 'chai';
import { Vitals } from '../../../src/engine/load/vitals.ts';
import { reportFailure } from '../../../src/engine/frame/failure.ts';
import { Faults } from '../../../src/engine/faults/faults.ts';
import { Recovery } from '../../../src/engine/recovery/recovery.ts';
import type { AnyPlannedFault } from '../../../src/drill/fault/registry.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import type { Fault } from '../../../src/fault/fault.ts';
import type { LookResult } from '../../../src/evidence/event.ts';
import { OperationFailed } from '../../../src/host/operation-failed.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { plan } from '../../support/evidence/results.ts';
import { ContextInTest } from '../../support/system/run-context.ts';
import { MemorySystem } from '../../support/noop/memory-system.ts';

const never = new AbortController().signal;
const failed = (words: string) =>
  new OperationFailed({ what: 'the world', expected: 'better', found: words }, { words });
const settle = () => hostClock().sleep(5);

/** Each heal is counted; one may fail so often before it works. */
function scene(
  faults: readonly Partial<AnyPlannedFault>[],
  failures = 0,
  proving: () => Promise<void> = async () => {},
  error: (words: string) => Error = failed,
  injecting: () => Promise<void> = async () => {},
  seeing: () => Promise<LookResult[]> = () => Promise.resolve([]),
) {
  const healed: number[] = [];
  const alone: (readonly [number, boolean])[] = [];
  let left = failures;
  const fault: Fault = {
    kind: 'lose-region',
    inject: async ({ fault: { index }, defer }) => {
      await defer({ undo: 'toxics', url: '', toxics: [] }, async () => {
        if (left-- > 0) throw error('not yet');
        healed.push(index);
        return [];
      });
      await injecting();
      return { detail: '' };
    },
    prove: async () => {
      await proving();
      return [{ name: 'seen', ok: true, detail: '' }];
    },
    look: async ({ fault: { index }, isAlone }) => {
      alone.push([index, isAlone]);
      return await seeing();
    },
  };
  const own = { how: 'kill', disks: 'kept' } as const;
  const planned = faults.map((each, index) => {
    return plannedFault('lose-region', own, { ...plan.faults[0]!, ...each, index });
  });
  const test = new ContextInTest({ ...plan, faults: planned }, {}, { faults: [fault] });
  const system = new MemorySystem(test.run.plan);
  const east = system.region('east');
  east.state = 'dead';
  east.follows = null;
  const [node] = east.nodes();
  const looking = { look: (ms: number) => node!.look(ms) };
  east.nodes = () => [{ ...node!, look: (ms) => looking.look(ms) }];
  const recovery = new Recovery(test.run, system);
  const all = new Faults(system, recovery);
  const names = () => test.names().filter((name) => name.includes('heal') || /fence/.test(name));
  const injected = (async () => {
    const advanced = settle().then(() =>
      test.clock.advance(Math.max(...planned.map(({ at_ms }) => at_ms))),
    );
    await Promise.all([all.injectAll(test.run, planned, 0, new Vitals([])), advanced]);
  })();
  return { test, all, recovery, healed, alone, names, injected, looking };
}

describe('faults that leave something alive', () => {
  it('are healed at their time, once, and the disaster hears of it', async () => {
    const { test, all, healed, names, injected } = scene([{ at_ms: 0, heal_after_ms: 400 }]);
    await injected;
    const over = all.open.over(0);
    await test.clock.advance(399);
    expect([healed, over.aborted]).to.deep.equal([[], false]);
    await test.clock.advance(1);
    await settle();
    expect([healed, over.aborted]).to.deep.equal([[0], true]);
    expect(test.events.at(-1)).to.include({ event: 'fault.healed', by: 'schedule', t: 400 });
    await all.open.healRest(test.run, never);
    expect([healed, names()]).to.deep.equal([[0], ['fault.healed']]);
    expect(all.open.lastHealed_ms).to.equal(400);
  });

  it('are not said to have bitten, or not, where the run was stopped while that was looked at', async () => {
    for (const isStopped of [false, true]) {
      let look = () => {};
      const looked = new Promise<void>((resolve) => (look = resolve));
      const proving = () => looked;
      const { test, all, injected } = scene([{ at_ms: 0, heal_after_ms: null }], 0, proving);
      await injected;
      if (isStopped) test.stop.abort(new Error('stopped'));
      look();
      await all.proved();
      expect(test.names().includes('fault.proved'), String(isStopped)).to.equal(!isStopped);
    }
  });

  it('are healed in the end, the newest first, where no time is set', async () => {
    const faults = [
      { at_ms: 0, heal_after_ms: null },
      { at_ms: 10, heal_after_ms: null },
    ];
    const { test, all, healed, injected } = scene(faults);
    await injected;
    await all.open.healRest(test.run, never);
    expect(healed).to.deep.equal([1, 0]);
    expect(test.events.at(-1)).to.include({ event: 'fault.healed', by: 'end' });
  });

  it('explain what is seen of another one as long as they last, and no longer', async () => {
    const took = { ...plan.faults[0]!.effect, region: 'frozen' } as const;
    const faults = [
      { at_ms: 0, heal_after_ms: 1_000, effect: took },
      { at_ms: 0, heal_after_ms: 1_100, effect: took },
      { at_ms: 0, heal_after_ms: 4_000, effect: took },
    ];
    const { test, all, alone, injected } = scene(faults);
    await injected;
    const ended = all.open.healRest(test.run, never);
    await test.clock.runUntil(ended);
    expect(alone).to.deep.equal([
      [0, false],
      [1, false],
      [2, true],
    ]);
  });

  it('are looked at while another one waits for its condition', async () => {
    const when = { metric: 'availability', is: 'below', value: 0, for_ms: 0 } as const;
    const waiting = { at_ms: 0, heal_after_ms: null, when, wait_ms: 5_000 };
    const { test, all, alone, injected } = scene([{ at_ms: 0, heal_after_ms: null }, waiting]);
    await test.clock.runUntil(injected);
    expect(test.names()).to.include('fault.awaited');
    // Every two seconds, as long as it waits.
    expect(alone.filter(([index]) => index === 0).length).to.be.within(2, 4);
    await all.open.healRest(test.run, never);
  });

  it('keep the end waiting until their time has come', async () => {
    const { test, all, healed, injected } = scene([{ at_ms: 0, heal_after_ms: 400 }]);
    await injected;
    const healing = all.open.healRest(test.run, never);
    await settle();
    expect(healed).to.deep.equal([]);
    await test.clock.advance(400);
    await healing;
    expect(test.events.at(-1)).to.include({ event: 'fault.healed', by: 'schedule' });
  });

  it('are healed at once when the run is stopped', async () => {
    const { test, all, healed, injected } = scene([{ at_ms: 0, heal_after_ms: 400 }]);
    await injected;
    test.stop.abort(new Error('Ctrl-C'));
    await all.open.healRest(test.run, test.stop.signal);
    expect(healed).to.deep.equal([0]);
    expect(test.events.at(-1)).to.include({ event: 'fault.healed', by: 'end' });
  });

  it('are tried again in the end when they could not be healed at their time', async () => {
    const { test, all, healed, names, injected } = scene([{ at_ms: 0, heal_after_ms: 400 }], 1);
    await injected;
    await test.clock.advance(400);
    await settle();
    expect([healed, names(), all.open.over(0).aborted]).to.deep.equal([[], ['heal.failed'], false]);
    await all.open.healRest(test.run, never);
    expect([healed, names()]).to.deep.equal([[0], ['heal.failed', 'fault.healed']]);
  });

  it('do not stay by half where they could not be injected', async () => {
    const fails = () => Promise.reject(failed('only one of two'));
    const { test, healed, injected } = scene([{ at_ms: 0 }], 0, undefined, failed, fails);
    await injected;
    expect(healed).to.deep.equal([0]);
    expect(test.events.at(-1)).to.deep.include({
      event: 'fault.proved',
      checks: [{ name: 'injection of lose-region', ok: false, detail: 'only one of two' }],
    });
    expect(await test.run.scope.close(never)).to.deep.equal([]);
    expect(healed).to.deep.equal([0]);
  });

  it('say so when they cannot be healed at all', async () => {
    const { test, all, names, injected } = scene([{ at_ms: 0, heal_after_ms: null }], 9);
    await injected;
    await all.open.healRest(test.run, never);
    expect(names()).to.deep.equal(['heal.failed']);
    expect(test.events.at(-1)).to.include({ index: 0, reason: 'not yet' });
    expect(all.open.lastHealed_ms).to.equal(null);
  });

  it('leave the fence open to doubt, not disproved, where nobody can be asked about it', async () => {
    const scened = scene([{ at_ms: 0, heal_after_ms: null }]);
    const { test, all, recovery, names, looking } = scened;
    await scened.injected;
    recovery.learn({ fenced: [] }, 'east', 0);
    looking.look = () => Promise.reject(failed('the engine does not answer'));
    await all.open.healRest(test.run, never);
    expect(names()).to.deep.equal(['fault.healed']);
    const [checked] = test.events.filter(({ event }) => event === 'verification.checked');
    const name = 'the fence of east was looked at after the heal';
    expect(checked).to.deep.include({
      checks: [{ name, ok: false, detail: 'the engine does not answer' }],
    });
  });

  describe('whose look takes longer than until the heal', () => {
    const checks = [{ name: 'it lasts', ok: false, detail: 'it is over' }];
    /** By a look that takes so long. */
    async function looksOf(heal_after_ms: number, took_ms: number) {
      const seeing = () => test.clock.sleep(took_ms).then(() => checks);
      const asked = [0, undefined, failed, undefined, seeing] as const;
      const { test, all, healed, injected } = scene([{ at_ms: 0, heal_after_ms }], ...asked);
      await injected;
      await test.clock.advance(heal_after_ms - 1);
      expect(healed).to.deep.equal([]);
      await test.clock.advance(1);
      expect(healed, 'at its time').to.deep.equal([0]);
      await all.open.healRest(test.run, never);
      return test.events.flatMap((e) => (e.event === 'fault.looked' ? [[e.t, e.checks]] : []));
    }

    it('are healed at their time, and were not seen', async () => {
      const late = { name: 'a look at it', ok: null, detail: 'it was not over in time' };
      expect(await looksOf(2_000, 60_000)).to.deep.equal([[2_000, [late]]]);
    });

    it('have time for one by a busy machine, where they last long', async () => {
      expect(await looksOf(6_000, 1_500)).to.deep.equal([[4_500, checks]]);
    });

    it('are healed at their time, and nothing is said of those that are as short', async () => {
      expect(await looksOf(400, 60_000)).to.deep.equal([]);
    });
  });

  it('are followed by a look at the fence, where there is one', async () => {
    const { test, all, recovery, names, injected } = scene([{ at_ms: 0, heal_after_ms: null }]);
    await injected;
    await recovery.checkFence(test.run);
    expect(names()).to.deep.equal([]);
    recovery.learn({ fenced: [] }, 'east', 0);
    await all.open.healRest(test.run, never);
    expect(names()).to.deep.equal(['fault.healed', 'fence.checked']);
    const [checked] = test.events.filter(({ event }) => event === 'fence.checked');
    expect(checked).to.deep.include({
      checks: [
        { name: 'east/postgres takes no write', ok: true, detail: 'refused' },
        { name: 'east/postgres is dead', ok: true, detail: 'dead: seen' },
      ],
    });
  });

  it('that drill itself cannot inject end the run, and nothing of them stays', async () => {
    const bug = new TypeError('x is not a function');
    const fails = () => Promise.reject(bug);
    const { test, healed, injected } = scene([{ at_ms: 0 }], 0, undefined, failed, fails);
    expect(await injected.catch((error: unknown) => error)).to.equal(bug);
    expect([healed, test.names().includes('fault.proved')]).to.deep.equal([[0], false]);
  });

  it('that drill itself cannot prove end the run at once, as drill’s own failure', async () => {
    for (const error of [new TypeError('x is not a function'), failed('nobody is there')]) {
      const proving = () => Promise.reject(error);
      const { test, all, injected } = scene([{ at_ms: 0, heal_after_ms: null }], 0, proving);
      await injected;
      const isBug = error instanceof TypeError;
      expect(await all.proved().catch((thrown: unknown) => thrown)).to.equal(isBug ? error : false);
      await settle();
      expect(test.stop.signal.aborted).to.equal(isBug);
      if (isBug) reportFailure(test.run, test.stop.signal.reason);
      expect(test.names().at(-1)).to.equal(isBug ? 'internal.failed' : 'fault.proved');
    }
  });

  it('that drill itself cannot heal end the run, and the others are healed first', async () => {
    const faults = [
      { at_ms: 0, heal_after_ms: null },
      { at_ms: 10, heal_after_ms: null },
    ];
    const bug = (words: string) => new TypeError(words);
    const { test, all, healed, names, injected } = scene(faults, 1, undefined, bug);
    await injected;
    const thrown = await all.open.healRest(test.run, never).catch((error: Error) => error.message);
    expect([thrown, healed, names()]).to.deep.equal(['not yet', [0], ['fault.healed']]);
    expect(await test.run.scope.close(never)).to.deep.equal([]);
    expect(healed).to.deep.equal([0, 1]);
  });
});

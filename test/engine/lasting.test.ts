// Drills on `noop` whose fault somebody else ends, after it was proved and before it is healed; and
// honest ones, of which nobody says so.
import { expect } from 'chai';
import type { Strategy } from '../../src/drill/names.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import type { PlannedFault } from '../../src/drill/fault/registry.ts';
import type { RecoveryName } from '../../src/drill/recovery/registry.ts';
import { OperationFailed } from '../../src/host/operation-failed.ts';
import type { Result } from '../../src/verdict/result.ts';
import type { MemorySystem } from '../support/noop/memory-system.ts';
import { noopPlan } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const AT = { at_ms: 300 };
const lost = (how: 'kill' | 'partition' | 'freeze', heal_after_ms: number | null = null) =>
  plannedFault('lose-region', { how, disks: 'kept' }, { ...AT, heal_after_ms });
const cut = (heal_after_ms: number | null) =>
  plannedFault('partition', { link: 'east-west' }, { ...AT, heal_after_ms });
const slow = plannedFault(
  'latency',
  { link: 'east-west', latency_ms: 400 },
  { at_ms: 0, beforehand: true, disaster: false },
);
const after = (fault: PlannedFault) => ({ ...fault, index: 1 });

const LASTING = /did not last|could not be looked at again/;
const saidOf = ({ reasons }: Result) => reasons.filter((reason) => LASTING.test(reason));
const looks = (run: NoopRun) => run.named('fault.looked').map(({ index }) => index);

function drilled(
  faults: readonly PlannedFault[],
  changes: Partial<Plan> = {},
  [strategy, recovery]: readonly [Strategy, RecoveryName?] = ['warm-standby'],
): NoopRun {
  return new NoopRun(noopPlan(strategy, { faults, ...changes }, recovery));
}

/** Somebody else ends it so long after that is done. */
function ends(run: NoopRun, after_ms: number, deed: string): NoopRun {
  return run.plant((system) => {
    system.deeds.plant(deed, () => {
      void run.clock.sleep(after_ms).then(() => system.deeds.endAll());
    });
  });
}

describe('a fault that lasts', () => {
  const honest: readonly (readonly [string, NoopRun, readonly number[]])[] = [
    ['a killed region', drilled([lost('kill')]), [0]],
    ['a region that is cut off until the end', drilled([lost('partition')]), [0]],
    ['a frozen region until the end', drilled([lost('freeze')]), [0]],
    ['one that is healed in time', drilled([lost('partition', 700)]), [0]],
    ['one that is healed before anybody noticed', drilled([lost('freeze', 100)]), [0]],
    ['one that is healed while it is recovered from', drilled([lost('partition', 300)]), [0]],
    ['a failback', drilled([lost('partition')], { failback: true }), [0]],
    [
      'a condition and a disaster',
      drilled([slow, after(lost('kill'))], { preflight: 'warn' }),
      [0, 1],
    ],
    ['regions that ride out a cut', drilled([cut(900)], {}, ['active-active', 'ride-out']), [0]],
    [
      'a slow link and a planned move',
      drilled([slow, after(plannedFault('maintenance', {}, AT))], {}, [
        'warm-standby',
        'switch-over',
      ]),
      [0],
    ],
  ];
  for (const [title, run, seen] of honest) {
    it(`is believed, and was looked at again: ${title}`, async () => {
      const result = await run.run();
      expect(saidOf(result), result.reasons.join('\n')).to.deep.equal([]);
      expect(new Set(looks(run))).to.deep.equal(new Set(seen));
      expect(run.named('fault.healed').flatMap(({ gone }) => gone)).to.deep.equal([]);
      expect(run.named('fence.lifted').flatMap(({ gone }) => gone)).to.deep.equal([]);
    });
  }

  it('is looked at in time: no heal comes later for it', async () => {
    for (const heal_after_ms of [40, 700, 2_000]) {
      const run = drilled([lost('partition', heal_after_ms)]);
      await run.run();
      const [injected] = run.named('fault.injected');
      const [looked] = run.named('fault.looked');
      const [healed] = run.named('fault.healed');
      expect(healed!.t - injected!.t, String(heal_after_ms)).to.be.closeTo(heal_after_ms, 5);
      expect(looked!.t).to.be.lessThan(healed!.t);
    }
  });
});

describe('a fault that somebody else ends', () => {
  const isNoPass = async (run: NoopRun, ...said: readonly RegExp[]) => {
    const result = await run.run();
    const reasons = result.reasons.join('\n');
    expect(result.verdict, reasons).to.equal('inconclusive');
    for (const each of said) expect(reasons).to.match(each);
  };

  it('is none that passes: a partition, 0.2 s after it was proved', async () => {
    const run = ends(drilled([lost('partition', 2_000)]), 200, 'isolate east');
    await isNoPass(run, /when it was healed, this was gone: isolate east\./);
  });

  it('is none that passes: a partition that is over when it has been recovered from', async () => {
    const run = ends(drilled([lost('partition')]), 0, 'promote west/postgres');
    await isNoPass(run, /^The fault lose-region of region east did not last: when it was healed,/m);
  });

  it('is none that passes: a standstill', async () => {
    const thawed = ends(drilled([lost('freeze', 250)], { expect: 'ride-out' }), 10, 'freeze east');
    await isNoPass(
      thawed,
      /did not last: looked at again \d+ ms after it was injected: east\/postgres is frozen: seen/,
      /this was gone: freeze east/,
      /they answered \d+ operations/,
    );
  });

  it('is none that passes: a link between two regions that serve', async () => {
    const run = drilled([cut(900)], {}, ['active-active', 'ride-out']);
    await isNoPass(
      ends(run, 250, 'disturb east-west'),
      /did not last: looked at again .*: link east-west is silent: a write came to west after/,
      /this was gone: disturb east-west/,
    );
  });

  it('is none that passes: a delay before the disaster', async () => {
    const run = drilled([slow, after(lost('kill'))], { preflight: 'warn' });
    await isNoPass(
      ends(run, 250, 'disturb east-west'),
      /^The fault latency of region east did not last: when it was healed, this was gone/m,
    );
  });

  it('is seen just before the disaster, which may end what would tell later', async () => {
    const late = { ...after(lost('kill')), at_ms: 3_000 };
    const run = () => drilled([slow, late], { preflight: 'warn' });
    await isNoPass(
      ends(run(), 2_000, 'disturb east-west'),
      /^The fault latency of region east did not last: looked at again .*a write came to west/m,
    );
    const honest = run();
    expect(saidOf(await honest.run())).to.deep.equal([]);
    const [disaster] = honest.named('fault.started').filter(({ index }) => index === 1);
    const seen = honest.named('fault.looked').filter(({ index }) => index === 0);
    const before = seen.map(({ t }) => disaster!.t - t).filter((ms) => ms > 0);
    expect(Math.min(...before)).to.be.below(1_000);
  });

  it('is looked at for its own heal alone where that comes then', async () => {
    const late = { ...after(lost('kill')), at_ms: 3_000 };
    for (const heal_after_ms of [500, 3_000, 3_300, 4_000]) {
      const run = drilled([{ ...slow, heal_after_ms }, late], { preflight: 'warn' });
      expect(saidOf(await run.run()), String(heal_after_ms)).to.deep.equal([]);
    }
  });

  const distant = { links: { 'east-west': { latency_ms: 20, jitter_ms: 2 } } };

  it('is no other where it is the delay of a link', async () => {
    const run = drilled([lost('kill')], distant);
    run.plant((system) => {
      system.deeds.plant('serve west', () => {
        system.link('east-west').lost = ['toxic delay-upstream of east-west'];
      });
    });
    await isNoPass(
      run,
      /A link did not stay as it was: link east-west takes 20 ms each way: toxic .* is gone\.$/m,
    );
    const honest = await drilled([lost('kill')], distant).run();
    expect(honest.verdict, honest.reasons.join()).to.equal('pass');
  });

  it('is in doubt where nobody can be asked about it any more', async () => {
    const run = drilled([lost('freeze')]);
    run.plant((system: MemorySystem) => {
      system.deeds.plant('serve west', () => {
        const [node] = system.region('east').nodes();
        const failed = { what: 'east', expected: 'an answer', found: 'the engine is gone' };
        const look = () => Promise.reject(new OperationFailed(failed, { words: failed.found }));
        system.region('east').nodes = () => [{ ...node!, look }];
      });
    });
    await isNoPass(
      run,
      /^The fault lose-region of region east could not be looked at again: .*: the engine is gone\.$/m,
    );
  });

  it('was killed and lives again', async () => {
    const run = drilled([lost('kill')]);
    run.plant((system) => {
      system.deeds.plant('scale west to 2', () => void (system.region('east').state = 'running'));
    });
    const result = await run.run();
    expect(result.verdict).to.equal('fail'); // its fence is down too
    expect(result.reasons.join('\n')).to.match(/did not last: .*: east\/postgres is dead: seen/);
  });

  it('opens a fence, which its lifting tells', async () => {
    const run = drilled([lost('partition')], { failback: true });
    run.plant((system) => {
      const { edge } = system.region('east');
      system.deeds.plant('read west/postgres', () => edge.restore());
    });
    await isNoPass(run, /^The fence of east did not last: when it was lifted, this was gone: the/m);
  });
});

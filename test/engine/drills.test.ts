// Whole drills on `noop`, each with a planted truth: every strategy and every recovery. The counted
// loss is the planted one, and the RTO is the time that passed on the clock of the run.
import { expect } from 'chai';
import { type Strategy, OWN_SYSTEM } from '../../src/drill/names.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import {
  RECOVERY_NAMES,
  recoveryNamed,
  type RecoveryName,
} from '../../src/drill/recovery/registry.ts';
import { OperationFailed } from '../../src/host/operation-failed.ts';
import type { Result } from '../../src/verdict/result.ts';
import { noopPlan, noopRedis, SPACING_MS } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const AT = { at_ms: 300 };
const KILL = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, AT);
const DESTROY = plannedFault('lose-region', { how: 'kill', disks: 'destroyed' }, AT);
const PARTITION = plannedFault('lose-region', { how: 'partition', disks: 'kept' }, AT);
const FREEZE = plannedFault('lose-region', { how: 'freeze', disks: 'kept' }, AT);
const MISTAKE = plannedFault('corrupt-data', { statement: 'delete', share: 0.3 }, AT);
const MOVE = plannedFault('maintenance', {}, AT);
const CUT = plannedFault('partition', { link: 'east-west' }, { ...AT, heal_after_ms: 900 });

interface Case {
  readonly name: string;
  readonly strategy: Strategy;
  readonly recovery: RecoveryName;
  readonly fault: Plan['faults'][number];
  /** What is done to the system when its service ends, and when it is back. */
  readonly ends: string;
  readonly back: string;
  /** Takes so long, in the time without service. */
  readonly slow: readonly [string, number];
  /** So many rows never come to the other region. */
  readonly held: number;
}

const WARM = { strategy: 'warm-standby', recovery: 'promote-standby', back: 'serve west' } as const;
const CASES: readonly Case[] = [
  {
    ...{ ...WARM, name: 'a killed region', fault: KILL, ends: 'sever clients-east', held: 7 },
    slow: ['promote west/postgres', 700],
  },
  {
    ...{ ...WARM, name: 'destroyed disks', fault: DESTROY, ends: 'sever clients-east', held: 3 },
    slow: ['app of west is ready', 120],
  },
  {
    ...{
      ...WARM,
      name: 'a region that is cut off',
      fault: PARTITION,
      ends: 'isolate east',
      held: 0,
    },
    slow: ['sever clients-east', 300],
  },
  {
    ...{ ...WARM, name: 'a region that stands still', fault: FREEZE, ends: 'freeze east', held: 5 },
    slow: ['kill east', 90],
  },
  {
    ...{ ...WARM, recovery: 'switch-over', name: 'a planned move', fault: MOVE, held: 9 },
    ...{ ends: 'stop the database of east', slow: ['promote west/postgres', 200] },
  },
  {
    ...{ ...WARM, strategy: 'pilot-light', recovery: 'promote-and-start', fault: KILL, held: 4 },
    ...{ name: 'a killed region', ends: 'sever clients-east', slow: ['scale west to 2', 450] },
  },
  {
    ...{ ...WARM, strategy: 'backup-restore', recovery: 'restore-backup', fault: KILL, held: 6 },
    ...{ name: 'a killed region', ends: 'sever clients-east' },
    slow: ['restore west by all', 1_200],
  },
  {
    ...{ ...WARM, strategy: 'backup-restore', recovery: 'restore-to-point', fault: MISTAKE },
    ...{
      name: 'a mistake',
      ends: 'harm east',
      slow: ['restore west by transaction', 800],
      held: 0,
    },
  },
  {
    ...{ ...WARM, strategy: 'active-active', recovery: 'redirect-clients', fault: KILL, held: 8 },
    ...{ name: 'a killed region', ends: 'sever clients-east', back: 'region.down' },
    slow: ['kill east', 150],
  },
];

const CUT_OFF: Case = {
  ...{ strategy: 'active-active', recovery: 'ride-out', fault: CUT, name: 'a cut link' },
  ...{ ends: 'disturb east-west', back: 'catch up', slow: ['ask the GSLB', 0], held: 0 },
};

/** Runs the case with its plants; the truth is what the clock said when the deeds were done. */
async function runCase(each: Case, changes: Partial<Plan> = {}) {
  const run = new NoopRun(
    noopPlan(each.strategy, { faults: [each.fault], ...changes }, each.recovery),
  );
  const times: Record<string, number> = {};
  run.plant((system) => {
    const { deeds } = system;
    for (const rows of system.region('east').rows.values()) rows.held = each.held;
    const tell = (deed: string) => (times[deed] ??= run.clock.now());
    const [slow, ms] = each.slow;
    for (const deed of [each.ends, each.back, slow]) deeds.plant(deed, () => tell(deed));
    deeds.plant(slow, async () => {
      tell(slow);
      await run.clock.sleep(ms);
    });
  });
  const result = await run.run();
  times['region.down'] = run.named('region.down')[0]?.t ?? NaN;
  return { run, result, truth_ms: times[each.back]! - times[each.ends]! };
}

/** A planned move loses nothing, however far behind its standby was. */
function lossOf({ recovery, held }: Case): number {
  return recovery === 'switch-over' ? 0 : held;
}

function expectTruth(result: Result, truth_ms: number, lost: number): void {
  expect(result.reasons).to.deep.equal([]);
  expect(result.loss!.lost).to.equal(lost);
  expect(result.recovery!.rto_ms).to.be.closeTo(truth_ms, SPACING_MS + 5);
}

describe('whole drills on noop', () => {
  it('are drills of every recovery', () => {
    const ofDisasters = RECOVERY_NAMES.filter((name) => {
      const { withoutDisaster, fits } = recoveryNamed(name);
      return !withoutDisaster && !fits.includes(OWN_SYSTEM);
    });
    const names = new Set([...CASES.map(({ recovery }) => recovery), CUT_OFF.recovery]);
    expect([...names]).to.have.members(ofDisasters);
  });

  for (const each of CASES) {
    const { name, strategy, recovery } = each;
    it(`${recovery} after ${name} (${strategy}): the planted loss, the planted time`, async () => {
      const { result, truth_ms } = await runCase(each);
      expectTruth(result, truth_ms, lossOf(each));
      expect(result.verdict).to.equal('pass');
    });
  }

  it('pass or fail by the target on either side of the planted time', async () => {
    const [each] = CASES;
    const { targets } = noopPlan('warm-standby');
    const within = await runCase(each!, { targets: { ...targets, rto_ms: 1_050 } });
    expect(within.result.verdict).to.equal('pass');
    const over = await runCase(each!, { targets: { ...targets, rto_ms: 950 } });
    expect(over.result.verdict).to.equal('fail');
    const lossless = await runCase(each!, { targets: { ...targets, lost_writes: 6 } });
    expect(lossless.result.failures.map(({ gate }) => gate)).to.deep.equal(['lost_writes']);
    const enough = await runCase(each!, { targets: { ...targets, lost_writes: 7 } });
    expect(enough.result.verdict).to.equal('pass');
  });

  it('count each store by itself', async () => {
    const { result, truth_ms } = await runCase(CASES[0]!, { redis: noopRedis });
    expectTruth(result, truth_ms, 14);
    const { postgres, redis } = result.loss!.stores;
    expect([postgres.lost, redis!.lost]).to.deep.equal([7, 7]);
  });

  for (const each of CASES.filter(({ strategy }) => strategy !== 'backup-restore')) {
    it(`return after ${each.name} with ${each.strategy}, and lose nothing on the way`, async () => {
      const { run, result } = await runCase(each, { failback: true });
      expect(run.named('step.failed')).to.deep.equal([]);
      expect(result.reasons).to.deep.equal([]);
      expect(result.failback!.loss!.lost).to.equal(0);
      expect(run.system.region('east').isPrimary).to.equal(true);
    });
  }

  it('ride out a cut link without loss, and without an outage', async () => {
    const { run, result } = await runCase(CUT_OFF);
    expect(result.reasons).to.deep.equal([]);
    expect([result.recovery!.rto_ms, result.loss!.lost]).to.deep.equal([0, 0]);
    expect(run.named('fault.healed').map(({ by }) => by)).to.deep.equal(['schedule']);
    expect(run.named('convergence.checked').map(({ differing }) => differing)).to.deep.equal([0]);
  });

  it('keep faults as far apart as the file says, however long the check before them takes', async () => {
    const changes = { at_ms: 100, disaster: false, heal_after_ms: 200 };
    const cut = plannedFault('partition', { link: 'east-west' }, changes);
    const own = { how: 'kill', disks: 'kept' } as const;
    const loss = plannedFault('lose-region', own, { at_ms: 400, index: 1 });
    for (const check_ms of [0, 900]) {
      const run = new NoopRun(noopPlan('warm-standby', { faults: [cut, loss] }));
      let left_ms = check_ms;
      run.plant(({ deeds }) =>
        deeds.plant('ask the GSLB', async () => {
          if (run.named('steady.ended').length === 0) return;
          const ms = left_ms;
          left_ms = 0;
          if (ms > 0) await run.clock.sleep(ms);
        }),
      );
      await run.run();
      const [first, second] = run.named('fault.started').map(({ t }) => t);
      expect(second! - first!, `after ${check_ms} ms`).to.be.closeTo(300, 10);
      const steady_ms = run.named('steady.ended')[0]!.t;
      expect(first! - steady_ms, `after ${check_ms} ms`).to.be.closeTo(
        Math.max(100, check_ms),
        120,
      );
    }
  });

  it('fail where a step fails, and read what can be read: the old disk, and no dead server', async () => {
    const run = new NoopRun(noopPlan('warm-standby', { faults: [KILL] }));
    run.plant(({ deeds }) =>
      deeds.plant('promote west/postgres', () => {
        throw new OperationFailed({ what: 'west', expected: 'it promoted', found: 'it is not' });
      }),
    );
    const result = await run.run();
    expect(result.verdict).to.equal('fail');
    expect(result.failures.map(({ code }) => code)).to.include('recovery-step-failed');
    const read = run.named('survivors.read').map(({ reading, ok }) => [reading, ok]);
    expect(read).to.deep.equal([
      ['serving', false],
      ['old-primary', true],
    ]);
  });
});

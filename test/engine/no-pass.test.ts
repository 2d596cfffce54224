// Drills on `noop` that prove nothing: a reading, a marker, a fence or a standby that is not there.
// The result says so, and which part it was. The best known of these causes stand in
// test/whole/false-greens.test.ts.
import { expect } from 'chai';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { OperationFailed } from '../../src/host/operation-failed.ts';
import type { Store } from '../../src/topology/system/store.ts';
import type { Result } from '../../src/verdict/result.ts';
import type { MemorySystem } from '../support/noop/memory-system.ts';
import { noopPlan, noopRedis } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const AT = { at_ms: 300 };
const KILL = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, AT);
const PARTITION = plannedFault('lose-region', { how: 'partition', disks: 'kept' }, AT);
const BRIEF = plannedFault(
  'lose-region',
  { how: 'partition', disks: 'kept' },
  { ...AT, heal_after_ms: 150 },
);

const failed = (found: string) =>
  new OperationFailed({ what: 'west', expected: 'what was asked', found }, { words: found });
const fails = (found: string) => () => Promise.reject(failed(found));

/** The region's store of that role does some things in another way. */
function change(system: MemorySystem, name: string, own: (store: Store) => Partial<Store>): void {
  const { stores } = system.region(name);
  for (const [role, store] of stores) stores.set(role, { ...store, ...own(store) });
}

interface Case {
  readonly title: string;
  readonly plan?: Partial<Plan>;
  readonly plant: (system: MemorySystem, run: NoopRun) => void;
  readonly verdict: Result['verdict'];
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  {
    title: 'its fault cannot be injected',
    plant: ({ deeds }) => deeds.plant('kill east', fails('the power switch is stuck')),
    verdict: 'fail',
    says: /the power switch is stuck/,
  },
  {
    title: 'service never comes back, for longer than the target',
    plan: { targets: { ...noopPlan('warm-standby').targets, rto_ms: 900 } },
    plant: (system) => Object.assign(system.gslb, { serve: async () => {} }),
    verdict: 'fail',
    says: /RTO target of 900 ms/,
  },
  {
    title: 'service never comes back while it is watched, for less than the target',
    plant: (system) => Object.assign(system.gslb, { serve: async () => {} }),
    verdict: 'inconclusive',
    says: /did not come back/,
  },
  {
    title: 'the carts cannot be read',
    plan: { redis: noopRedis },
    plant: ({ deeds }) => deeds.plant('read west/redis', fails('the carts are locked')),
    verdict: 'inconclusive',
    says: /the carts are locked/,
  },
  {
    title: 'the marker is not in the snapshot',
    plant: (system) =>
      change(system, 'west', (own) => ({
        readRows: (onRow) => own.readRows((row) => (row.writer > 1_000 ? undefined : onRow(row))),
      })),
    verdict: 'inconclusive',
    says: /The marker \d+-1 is not among the survivors|gave \d+ rows/,
  },
  {
    title: 'somebody is still at work at the cut',
    plant: (system) => change(system, 'west', () => ({ activeClients: async () => 1 })),
    verdict: 'inconclusive',
    says: /client backends idle/,
  },
  {
    title: 'the standby does not follow',
    plant: (system) => (system.region('east').follows = null),
    verdict: 'inconclusive',
    says: /The pre-flight check failed: replication .*no standby is connected/,
  },
  {
    title: 'no operation ends before the fault',
    plan: { workload: { ...noopPlan('warm-standby').workload, timeout_ms: 60_000, seed_rows: 0 } },
    plant: (system) => void system.region('east').freeze().act(),
    verdict: 'inconclusive',
    says: /^The pre-flight check failed: steady state: 0 of [1-9]\d* operations acknowledged/m,
  },
  {
    title: 'the standby finds its data damaged',
    plant: (system) => {
      const found = { name: 'checksums', ok: false, detail: 'page 7', proves: 'harm' } as const;
      change(system, 'west', () => ({ inspect: async () => [found] }));
    },
    verdict: 'fail',
    says: /page 7/,
  },
  {
    title: 'the disk of the dead primary cannot be opened',
    plan: { targets: { ...noopPlan('warm-standby').targets, lost_writes: 0 } },
    plant: (system) => Object.assign(system.region('east'), { openDead: fails('torn off') }),
    verdict: 'pass',
    says: /^$/,
  },
  {
    title: 'what comes back brings the fence down',
    plan: { faults: [PARTITION] },
    plant: (system) => {
      const east = system.region('east');
      system.deeds.plant('end of isolate east', () => void (east.state = 'running'));
    },
    verdict: 'fail',
    says: /^The fence did not hold when the fault was healed: .*east\/postgres is dead/m,
  },
];

describe('a drill on noop', () => {
  for (const { title, plan = {}, plant, verdict, says } of CASES) {
    it(`is ${verdict} where ${title}`, async () => {
      const run = new NoopRun(noopPlan('warm-standby', { faults: [KILL], ...plan }));
      run.plant((system) => plant(system, run));
      const result = await run.run();
      expect(result.reasons.join('\n')).to.match(says);
      expect(result.verdict, result.reasons.join('\n')).to.equal(verdict);
      expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
    });
  }

  const undeclared: readonly (readonly [string, Partial<Plan>, RegExp])[] = [
    [
      'the region is back before anybody saw it go',
      { faults: [BRIEF] },
      /^the fault was healed before region east was reported down$/,
    ],
    [
      'the region is back before anybody declared it',
      {
        faults: [{ ...BRIEF, heal_after_ms: 900 }],
        declare: { by: 'after', after_ms: 2_000 },
      },
      /^the fault was healed before a disaster was declared$/,
    ],
    [
      'nobody is there to declare it',
      { declare: { by: 'operator' } },
      /^nobody declared it before the deadline$/,
    ],
    [
      'the declaration would come too late',
      { declare: { by: 'after', after_ms: 60_000 } },
      /^nobody declared it before the deadline$/,
    ],
    [
      'no check sees that an edge link is slow',
      { faults: [plannedFault('latency', { link: 'clients-east', latency_ms: 30 }, AT)] },
      /^the health checks did not report region east down within \d+ ms$/,
    ],
  ];
  for (const [title, plan, why] of undeclared) {
    it(`has no recovery to speak of where ${title}`, async () => {
      for (const expected of ['recovery', 'ride-out'] as const) {
        const changes = { faults: [PARTITION], ...plan, expect: expected };
        const run = new NoopRun(noopPlan('warm-standby', changes));
        const result = await run.run();
        const reasons = run.named('disaster.undeclared').map(({ reason }) => reason);
        expect(reasons).to.have.length(1);
        expect(reasons[0]).to.match(why);
        expect(run.named('recovery.started')).to.deep.equal([]);
        expect(run.named('database.writable')).to.deep.equal([]);
        const codes = result.failures.map(({ code }) => code);
        expect(codes.includes('not-declared'), expected).to.equal(expected === 'recovery');
        if (expected === 'recovery') {
          expect(['inconclusive', 'fail']).to.include(result.verdict);
          expect(result.reasons[0]).to.equal(
            `No recovery ran, so nothing is proved of one: ${reasons[0]!}.`,
          );
        }
      }
    });
  }

  it('passes without a recovery only where the file expects to ride it out', async () => {
    const verdicts = (['recovery', 'ride-out'] as const).map(async (expected) => {
      const plan = noopPlan('warm-standby', { faults: [BRIEF], expect: expected });
      return (await new NoopRun(plan).run()).verdict;
    });
    expect(await Promise.all(verdicts)).to.deep.equal(['inconclusive', 'pass']);
  });
});

// What each recovery does to a system, in order, with the strategy that it is for; and that a step
// which fails keeps the next ones from being taken.
import { expect } from 'chai';
import { STRATEGY_FACTS } from '../../src/drill/plan/strategies.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import type { Strategy } from '../../src/drill/names.ts';
import type { RecoveryName } from '../../src/drill/recovery/registry.ts';
import { Scope } from '../../src/engine/frame/scope.ts';
import { effectsOn } from '../../src/engine/recovery/effects.ts';
import type { RunEvent } from '../../src/evidence/event.ts';
import { OperationFailed } from '../../src/host/operation-failed.ts';
import type { Mistake } from '../../src/evidence/restore.ts';
import {
  rebuildSteps,
  returnSteps,
  serveAgainSteps,
  takeBackSteps,
} from '../../src/recovery/fail-back.ts';
import type { RecoveryContext, Step } from '../../src/recovery/procedure.ts';
import { recoveries, stepsOf } from '../../src/recovery/registry.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { basePlan } from '../support/plan/base-plan.ts';
import { plannedRecovery } from '../support/plan/planned-recovery.ts';

const BACKUP = { every_ms: 60_000, keep: 3, wal: 'archive', archive_timeout_ms: 1_000 } as const;

function planWith(strategy: Strategy, recovery: RecoveryName, mode: 'async' | 'sync'): Plan {
  const { second, hasApp, hasBackups } = STRATEGY_FACTS[strategy];
  const app = { instances: hasApp ? 1 : 0, capacity_per_s: 200 };
  return {
    ...basePlan,
    strategy,
    regions: [basePlan.regions[0]!, { ...basePlan.regions[1]!, role: second, app }],
    replication: { ...basePlan.replication, mode },
    backup: hasBackups ? BACKUP : null,
    recover: plannedRecovery(recovery, { ...basePlan.recover, instances: 2 }),
  };
}

const order = { writer: 1, sequence: 1, created: '2026-11-22T20:13:00.000Z' };
const MISTAKE: Mistake = {
  ...{ statement: 'delete', orders: [order], name: 'point', lsn: '0/1', xid: '7', at_ms: 1 },
  ...{ named_at: '2026-11-22T20:13:16.000Z', at: '2026-11-22T20:13:17.000Z' },
};

/** The steps that need a standby which is gone. */
const RELEASES = (['release', 'cancel-sync-wait'] as const).map((name) => stepsOf(name)[0]!.title);

class Recovery {
  readonly system: MemorySystem;
  readonly events: string[] = [];
  /** In the undo log. */
  readonly logged: string[] = [];
  readonly context: RecoveryContext;
  readonly #clock = new ManualClock();

  constructor(strategy: Strategy, name: RecoveryName, mode: 'async' | 'sync' = 'async') {
    const plan = planWith(strategy, name, mode);
    const { from: lost, to: takeover } = plan.replication;
    this.system = new MemorySystem(plan);
    const clock = this.#clock;
    const scope = new Scope({ append: ({ undo }) => void this.logged.push(undo) }, clock, '/none');
    this.context = {
      plan,
      system: this.system,
      clock,
      emit: (event: RunEvent['event']) => void this.events.push(event),
      lost,
      takeover,
      mistake: name === 'restore-to-point' ? MISTAKE : null,
      effects: effectsOn({ scope }, this.system),
      signal: new AbortController().signal,
    };
  }

  get done(): readonly string[] {
    return this.system.deeds.done;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (RELEASES.includes(step.title)) await this.#whileLost(step);
      else await step.run(this.context);
    }
  }

  /** A standby that follows is not released from. */
  async #whileLost(step: Step): Promise<void> {
    const east = this.system.region('east');
    const { follows } = east;
    east.follows = null;
    try {
      await this.#clock.runUntil(Promise.resolve(step.run(this.context)));
    } finally {
      east.follows = follows;
    }
  }
}

const FENCE = ['sever clients-east', 'sever east-west', 'kill east'];
const PROMOTE = ['release west', 'promote west/postgres'];
const SERVE = ['app of west is ready', 'serve west'];
/** The app starts while the replica is promoted. */
const BESIDE_EACH_OTHER = ['release west', 'scale west to 2', 'promote west/postgres'];
const SWITCH = ['checkpoint in east', 'stop the database of east'];

const AGAIN = ['commits of east wait for the standby'];

const DEEDS: readonly [RecoveryName, Strategy, readonly string[]][] = [
  ['promote-standby', 'warm-standby', [...FENCE, ...PROMOTE, ...SERVE, 'scale west to 2']],
  ['promote-and-start', 'pilot-light', [...FENCE, ...BESIDE_EACH_OTHER, ...SERVE]],
  [
    'switch-over',
    'warm-standby',
    ['scale west to 2', ...SWITCH, ...PROMOTE, ...SERVE, 'rebuild east'],
  ],
  [
    'restore-backup',
    'backup-restore',
    [...FENCE, 'restore west by all', 'scale west to 2', ...SERVE],
  ],
  [
    'restore-to-point',
    'backup-restore',
    ['secure the log', ...FENCE, 'restore west by transaction', 'scale west to 2', ...SERVE],
  ],
  ['redirect-clients', 'active-active', [...FENCE, ...SERVE, 'scale west to 2']],
  ['ride-out', 'active-active', ['catch up']],
  [
    'release',
    'warm-standby',
    [
      ...['release commits of east', 'commits of east wait for nobody', 'commit in east'],
      ...['end of release commits of east', ...AGAIN],
    ],
  ],
  [
    'cancel-sync-wait',
    'warm-standby',
    ['cancel waits of east', 'commit in east', 'end of cancel waits of east', ...AGAIN],
  ],
  ['none', 'warm-standby', []],
];

describe('recoveries', () => {
  it('are all here', () => {
    // Those of a system of somebody's own do nothing.
    const ofLabs = recoveries.filter(({ name }) => !['itself', 'commands'].includes(name));
    expect(DEEDS.map(([name]) => name)).to.have.members(ofLabs.map(({ name }) => name));
  });

  for (const [name, strategy, deeds] of DEEDS) {
    it(`${name} does what it says, in order`, async () => {
      const recovery = new Recovery(strategy, name);
      await recovery.run(stepsOf(name));
      expect(recovery.done).to.deep.equal(deeds);
    });

    for (const [at, deed] of deeds.entries()) {
      it(`${name} stops where the world does not do this: ${deed}`, async () => {
        const recovery = new Recovery(strategy, name);
        const failed = new OperationFailed({ what: deed, expected: 'it', found: 'not' });
        recovery.system.deeds.plant(deed, () => {
          throw failed;
        });
        const thrown = await recovery.run(stepsOf(name)).catch((error: unknown) => error);
        expect(thrown).to.equal(failed);
        // What is done at once is done whatever becomes of one part; nothing else follows a failure.
        const together = [FENCE, BESIDE_EACH_OTHER].find((each) => each.includes(deed)) ?? [];
        const isApart = (each: string) => name !== 'promote-and-start' || !together.includes(each);
        const later = deeds.slice(at + 1).filter((each) => !FENCE.includes(each) && isApart(each));
        for (const each of later) expect(recovery.done).not.to.include(each);
      });
    }
  }

  it('do not promote beside a primary that lives on', async () => {
    const recovery = new Recovery('warm-standby', 'promote-standby');
    const east = recovery.system.region('east');
    recovery.system.deeds.plant('kill east', () => Object.assign(east, { kill: () => {} }));
    const look = async () => ({ state: 'running', detail: 'it lives' }) as const;
    const nodes = east.nodes();
    east.nodes = () => nodes.map((node) => ({ ...node, look }));
    const thrown = await recovery.run(stepsOf('promote-standby')).catch((error: Error) => error);
    expect((thrown as Error).message).to.contain('east/postgres is dead?');
    expect(recovery.done).not.to.include('promote west/postgres');
  });

  it('have clients wait for the old primary again, where they did', async () => {
    const recovery = new Recovery('warm-standby', 'switch-over', 'sync');
    await recovery.run(stepsOf('switch-over'));
    expect(recovery.done.slice(-2)).to.deep.equal(['rebuild east', 'west waits for east']);
  });

  it('have the undo on the disk before commits wait for nobody', async () => {
    const recovery = new Recovery('warm-standby', 'release', 'sync');
    const logged = () => recovery.logged.join();
    recovery.system.deeds.plant('release commits of east', () => expect(logged()).to.equal('noop'));
    await recovery.run(stepsOf('release'));
    expect(logged()).to.equal('noop,undone');
    expect(recovery.events).to.deep.equal([
      ...['standby.released', 'standby.required', 'region.protected'],
    ]);
  });

  it('have commits wait again only once the standby has what was written by then', async () => {
    const recovery = new Recovery('warm-standby', 'release', 'sync');
    const east = recovery.system.region('east');
    const [first, second] = stepsOf('release');
    await recovery.run([first!]);
    east.position = 500n;
    const clock = recovery.context.clock as ManualClock;
    east.follows = null;
    const waiting = recovery.run([second!]);
    for (const seen of [
      { state: 'streaming', lag_bytes: 1 },
      { state: 'catchup', lag_bytes: 0 },
    ]) {
      await clock.runUntil(clock.sleep(1_000));
      expect(recovery.done).not.to.include('end of release commits of east');
      east.follows = seen;
    }
    await clock.runUntil(clock.sleep(1_000));
    expect(recovery.done).not.to.include('end of release commits of east');
    east.follows = { state: 'streaming', lag_bytes: 0 };
    await clock.runUntil(waiting);
    expect(recovery.done).to.include('end of release commits of east');
  });

  it('release nothing from a standby that confirms what is written', async () => {
    const recovery = new Recovery('warm-standby', 'release', 'sync');
    const [first] = stepsOf('release');
    const thrown = await Promise.resolve(first!.run(recovery.context)).catch(
      (error: Error) => error,
    );
    expect((thrown as Error).message).to.contain('there is nothing to release');
    expect([recovery.done, recovery.logged]).to.deep.equal([[], []]);
  });

  it('say where somebody else had commits wait before', async () => {
    const recovery = new Recovery('warm-standby', 'release', 'sync');
    const [first, second] = stepsOf('release');
    await recovery.run([first!]);
    recovery.system.deeds.endAll();
    const thrown = await recovery.run([second!]).catch((error: Error) => error);
    expect((thrown as Error).message).to.contain('release commits of east');
    expect(recovery.events).to.include('standby.required');
  });

  it('say what a system lacks that has no such way', async () => {
    const recovery = new Recovery('warm-standby', 'ride-out');
    const thrown = await recovery.run(stepsOf('ride-out')).catch((error: Error) => error);
    expect(thrown).to.be.instanceOf(OperationFailed);
    expect((thrown as Error).message).to.contain('two regions that replicate to each other');
  });
});

describe('the way back', () => {
  it('rebuilds the lost region, starts its app, and moves service there', async () => {
    const recovery = new Recovery('warm-standby', 'promote-standby');
    recovery.system.region('east').state = 'dead';
    await recovery.run(rebuildSteps);
    const rebuilt = ['restore clients-east', 'restore east-west', 'rebuild east'];
    expect(recovery.done).to.deep.equal([...rebuilt, 'scale east to 2']);
    expect(returnSteps.map(({ title }) => title)).to.include('stop the primary in an orderly way');
  });

  it('of a region that lives is to follow, which it does already', async () => {
    const recovery = new Recovery('warm-standby', 'switch-over');
    await recovery.run(rebuildSteps);
    expect(recovery.done).to.deep.equal(['scale east to 2']);
  });

  for (const [disks, comes] of [
    ['kept', ['east comes back', 'catch up']],
    ['destroyed', ['east is made anew', 'catch up']],
  ] as const) {
    it(`takes a region back that served, with its disks ${disks}`, async () => {
      const recovery = new Recovery('active-active', 'redirect-clients');
      await recovery.run([...takeBackSteps(disks), ...serveAgainSteps]);
      const links = ['restore clients-east', 'restore east-west'];
      const serves = ['scale east to 2', 'app of east is ready', 'serve east and west'];
      expect(recovery.done).to.deep.equal([...links, ...comes, ...serves]);
    });
  }
});

// Each kind of fault, whichever there are: its proof and its later look see what it does, and do not
// see it where nothing was done, where what was done had no effect, and where it is healed.
import { expect } from 'chai';
import type { FaultContext } from '../../src/fault/fault.ts';
import { faults } from '../../src/fault/registry.ts';
import { hostClock } from '../../src/host/clock.ts';
import { OperationFailed } from '../../src/host/operation-failed.ts';
import { it } from '../support/commands.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { startSmallApp, type SmallApp } from '../support/servers/small-app.ts';
import { startTestedLinks, type TestedLinks } from '../support/servers/toxiproxy.ts';
import { faultContext, type Heal } from '../support/system/fault-context.ts';
import { FAULT_WORLDS } from '../support/system/fault-worlds.ts';

const WATCH_MS = 200;

const SCENES = faults.flatMap((fault) =>
  Object.entries(FAULT_WORLDS[fault.kind as keyof typeof FAULT_WORLDS]).map(([way, scene]) => {
    return { title: `${fault.kind} (${way})`, fault, ...scene };
  }),
);
type Scene = (typeof SCENES)[number];

/** A check that could not be made is none that holds. */
async function holds(seeing: Promise<readonly { ok: boolean | null }[]>): Promise<boolean> {
  try {
    const checks = await seeing;
    return checks.length > 0 && checks.every(({ ok }) => ok === true);
  } catch (error) {
    if (error instanceof OperationFailed) return false;
    throw error;
  }
}

describe('the registry of faults', () => {
  /** Of what takes its time: all of them are looked at at once. */
  const looking = new Map<string, Promise<unknown>>();
  let links: TestedLinks;
  let app: SmallApp;
  let count = 0;

  before(async function () {
    links = await startTestedLinks(this, 'built-in');
    app = await startSmallApp();
    for (const scene of SCENES.filter(({ onRealLink }) => onRealLink)) {
      const unseen = expectUnseen(scene);
      unseen.catch(() => {}); // its test tells
      looking.set(scene.title, unseen);
    }
    await Promise.allSettled(looking.values());
  });
  after(async () => {
    await links?.stop();
    app?.close();
  });

  async function open({ fault, make, onRealLink }: Scene) {
    count += 1;
    const manual = new ManualClock(1e-4);
    const clock = onRealLink ? hostClock() : manual;
    const inTime = <T>(work: Promise<T>) => (onRealLink ? work : manual.runUntil(work));
    const link = links.links.create(`clients-east-${count}`);
    await link.addProxy(`clients-east.app-${count}`, app.at);
    const world = make({ clock, app, link });
    const heals: Heal[] = [];
    let context: FaultContext = faultContext({ ...world, clock }, heals);
    return {
      heals,
      deeds: world.system.deeds,
      inject: async () => {
        const injected = await inTime(fault.inject(context));
        const { mistake = null, life = null, isOver } = injected;
        if (isOver) heals.length = 0; // there is nothing to heal later
        context = { ...context, mistake, life };
      },
      isProved: () => inTime(holds(fault.prove(context))),
      /** Null: nothing can be seen of it later. */
      isSeen: async () => {
        const own = { ...context, watch_ms: WATCH_MS, isAlone: true };
        const looks = fault.look === undefined ? [] : await inTime(fault.look(own));
        return looks.length === 0 ? null : looks.every(({ ok }) => ok === true);
      },
    };
  }

  async function expectUnseen(scene: Scene): Promise<void> {
    const { deeds, inject, isProved, isSeen } = await open(scene);
    deeds.haveEffect = false;
    expect(await isProved(), 'nothing was done').to.equal(false);
    await inject();
    expect(await isProved(), 'it had no effect').to.equal(false);
    expect(await isSeen()).not.to.equal(true);
  }

  async function expectSeen(scene: Scene): Promise<void> {
    const { heals, inject, isProved, isSeen } = await open(scene);
    await inject();
    expect(await isProved()).to.equal(true);
    expect(await isSeen()).not.to.equal(false);
    if (heals.length === 0) return;
    for (const heal of heals.toReversed()) expect(await heal()).to.deep.equal([]);
    expect(await isProved(), 'it is healed').to.equal(false);
    expect(await isSeen(), 'it is healed').not.to.equal(true);
  }

  for (const scene of SCENES) {
    it(`has ${scene.title}, which is not proved where it has no effect`, async () => {
      await (looking.get(scene.title) ?? expectUnseen(scene));
    });

    (scene.onRealLink ? it.full : it)(`has ${scene.title}, proved until it is healed`, async () => {
      await expectSeen(scene);
    });
  }
});

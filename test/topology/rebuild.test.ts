// A dead primary becomes a standby of the one that took over, on both runtimes: it must hold every
// row of the new primary and none of its own that was lost, and follow what is written from then on.
import { expect } from 'chai';
import type { Context } from 'mocha';
import { systemMaker } from '../../src/topology/runtimes.ts';
import type { Lab, SystemMaker } from '../../src/topology/system/system.ts';
import { composeEnvironment, docker, requireDocker } from '../support/servers/docker.ts';
import { SystemInTest } from '../support/system/system-in-test.ts';
import { postOrder, sequencesOf } from '../support/system/orders-of.ts';
import { optionsFor } from '../support/system/runtime-options.ts';
import { it } from '../support/commands.ts';
import { ordersIn, type LabRegion } from '../../src/topology/system/region.ts';

interface RuntimeInTest {
  readonly make: () => SystemMaker;
  readonly need: (context: Context) => void;
  readonly how: 'rewound' | 'cloned';
}

const RUNTIMES: Readonly<Record<string, RuntimeInTest>> = {
  embedded: {
    make: () => systemMaker('embedded', optionsFor(process.env)),
    need: () => {},
    how: 'cloned',
  },
  compose: {
    make: () => systemMaker('compose', optionsFor(composeEnvironment())),
    need: (context) => requireDocker(context),
    how: 'rewound',
  },
};

async function place(region: LabRegion, sequence: number): Promise<void> {
  expect(await postOrder(region, sequence)).to.equal(201);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function untilHolds(region: LabRegion, sequence: number): Promise<number[]> {
  for (let tries = 0; tries < 200; tries++) {
    const held = await sequencesOf(ordersIn(region));
    if (held.includes(sequence)) return held;
    await pause(25);
  }
  throw new Error(`order ${sequence} does not arrive in ${region.name}`);
}

/** East takes two orders that west never gets, dies, and west takes over with two of its own. */
async function failOver(system: Lab): Promise<void> {
  const [east, west] = [system.region('east'), system.region('west')];
  for (const sequence of [1, 2, 3]) await place(east, sequence);
  await untilHolds(west, 3);
  await system.link('east-west').sever();
  for (const sequence of [4, 5]) await place(east, sequence);
  await east.edge.sever();
  await east.kill();
  await ordersIn(west).promote(() => {});
  await west.untilAppReady();
  for (const sequence of [6, 7]) await place(west, sequence);
  await system.link('east-west').restore();
}

async function follows(system: Lab): Promise<void> {
  const [east, west] = [system.region('east'), system.region('west')];
  expect(await sequencesOf(ordersIn(east))).to.deep.equal([1, 2, 3, 6, 7]);
  expect(await ordersIn(west).replication()).to.include({ state: 'streaming' });
  await place(west, 8);
  expect(await untilHolds(east, 8)).to.deep.equal([1, 2, 3, 6, 7, 8]);
  expect((await ordersIn(east).tryWrite(1_000)).accepted).to.equal(false);
}

for (const [name, { make, need, how }] of Object.entries(RUNTIMES)) {
  describe(`a dead database rebuilt on the ${name} runtime`, function () {
    this.timeout(120_000);
    let test: SystemInTest;
    before(function () {
      need(this);
    });
    beforeEach(() => (test = new SystemInTest()));
    afterEach(async () => await test.down());

    (name === 'embedded' ? it : it.full)(`is ${how} and follows the new primary`, async () => {
      const system = await test.up({ latency_ms: 2 }, make());
      await failOver(system);
      const rebuilt = await system.region('east').rebuild!();
      expect(rebuilt.how).to.equal(how);
      expect(rebuilt.checks.map(({ ok }) => ok)).to.deep.equal([true, true]);
      await follows(system);
    });

    (name === 'embedded' ? it : it.full)('is refused while it runs', async () => {
      const system = await test.up({}, make());
      const error = (await system.region('east').rebuild!().catch((e: Error) => e)) as Error;
      expect(error.message).to.match(/east\/postgres: expected .*dead/);
      await place(system.region('east'), 1);
    });

    if (name !== 'compose') return;

    it.full('is cloned where its directory cannot be rewound', async () => {
      const system = await test.up({ latency_ms: 2 }, make());
      await failOver(system);
      const filter = `label=dr.drill.run=${test.place.id}`;
      const volumes = docker('volume', 'ls', '-q', '--filter', filter).split('\n');
      const volume = volumes.find((one) => one.endsWith('_east-postgres'))!;
      const image = composeEnvironment()['DRILL_IMAGE_POSTGRES']!;
      const control = '/v/drill/data/global/pg_control';
      docker('run', '--rm', '--network', 'none', '-v', `${volume}:/v`, image, 'rm', control);
      const rebuilt = await system.region('east').rebuild!();
      expect(rebuilt.how).to.equal('cloned');
      await follows(system);
    });
  });
}

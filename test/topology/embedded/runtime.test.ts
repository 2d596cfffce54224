import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import { findRunProcesses, untilGone } from '../../../src/host/process/processes.ts';
import { sharedMemoryOf, stillThere } from '../../support/system/shared-memory-of.ts';
import { SystemInTest } from '../../support/system/system-in-test.ts';
import { postOrder, sequencesOf } from '../../support/system/orders-of.ts';
import { it } from '../../support/commands.ts';
import { ordersIn } from '../../../src/topology/system/region.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('the embedded runtime', function () {
  this.timeout(90_000);
  let test: SystemInTest;
  beforeEach(() => (test = new SystemInTest()));
  afterEach(async () => await test.down());

  it('brings up two regions that replicate, survives the loss of one, and leaves nothing', async () => {
    const system = await test.up({ latency_ms: 2 });
    const [east, west] = [system.region('east'), system.region('west')];
    expect(await ordersIn(east).replication()).to.include({ state: 'streaming' });
    for (const sequence of upTo(20))
      expect(await postOrder(system.region('east'), sequence)).to.equal(201);

    const held = sharedMemoryOf(findRunProcesses(test.place.id, test.place.scratch));
    if (process.platform === 'linux') expect(held).to.have.length.at.least(2);
    await east.kill();
    expect(east.nodes().flatMap((node) => node.pids())).to.deep.equal([]);
    expect((await ordersIn(east).tryWrite(500)).accepted).to.equal(false);
    expect((await system.gslb.untilDown('east')).detail).to.contain('east/app-1');
    expect(system.gslb.isDown('east')).to.equal(true);

    await ordersIn(west).synchronous!.release();
    const emitted: string[] = [];
    const { timeline } = await ordersIn(west).promote((name) => emitted.push(name));
    expect(timeline).to.equal(2);
    expect(emitted).to.include.members(['promote.sent', 'database.writable']);
    await west.untilAppReady();
    await system.gslb.serve(['west']);
    expect((await system.gslb.state()).answered).to.deep.equal(['west']);
    await west.scaleApp(2);
    expect(west.nodes().map(({ node }) => node)).to.include('west/app-2');
    expect(await postOrder(system.region('west'), 21)).to.equal(201);
    expect(await sequencesOf(ordersIn(west))).to.deep.equal(upTo(21));
    const checks = await ordersIn(west).inspect();
    expect(checks.filter(({ ok }) => !ok)).to.deep.equal([]);

    const unexpected = test.of('node.ended').filter((event) => !event.expected);
    expect(unexpected).to.deep.equal([]);
    await test.down();
    expect(findRunProcesses(test.place.id, test.place.scratch)).to.deep.equal([]);
    expect(existsSync(test.place.scratch)).to.equal(false);
    expect(stillThere(held)).to.deep.equal([]);
  });

  it('sees a backend that outlives its server, and kills it with the region', async () => {
    const system = await test.up();
    const east = system.region('east');
    const database = east.nodes().find(({ kind }) => kind === 'postgres')!;
    const [server, ...others] = database.pids();
    process.kill(others[0]!, 'SIGSTOP'); // a running one notices the death and ends by itself
    process.kill(server!, 'SIGKILL');
    expect(await untilGone([server!, ...others.slice(1)], hostClock(), 5_000)).to.deep.equal([]);
    expect(database.pids()).to.deep.equal([others[0]]);
    await east.kill();
    expect(database.pids()).to.deep.equal([]);
    expect(await untilGone([others[0]!], hostClock(), 1_000)).to.deep.equal([]);
  });

  it('reads from the disk of a dead primary exactly what it had acknowledged', async () => {
    const system = await test.up();
    const [east, west] = [system.region('east'), system.region('west')];
    await postOrder(system.region('east'), 1);
    await system.link('east-west').sever();
    for (const sequence of upTo(10)) await postOrder(system.region('east'), sequence + 1);
    await east.kill();
    for (let i = 0; i < 2; i++) {
      const dead = await east.openDead('orders');
      expect(await sequencesOf(dead!)).to.deep.equal(upTo(11));
      await dead!.stop();
    }
    await ordersIn(west).promote(() => {});
    expect(await sequencesOf(ordersIn(west))).to.deep.equal([1]);
  });

  it('loses nothing with a synchronous standby', async () => {
    const system = await test.up({ mode: 'sync', latency_ms: 5 });
    const [east, west] = [system.region('east'), system.region('west')];
    expect(await ordersIn(east).replication()).to.include({ sync_state: 'sync' });
    for (const sequence of upTo(10))
      expect(await postOrder(system.region('east'), sequence)).to.equal(201);
    await east.kill();
    // In this order: the copied configuration still waits for a standby that is gone.
    await ordersIn(west).synchronous!.release();
    await ordersIn(west).promote(() => {});
    await west.untilAppReady();
    expect(await postOrder(system.region('west'), 11)).to.equal(201);
    expect(await sequencesOf(ordersIn(west))).to.deep.equal(upTo(11));
  });

  it('reports the end of a node that nobody ended', async () => {
    const system = await test.up();
    const app = system
      .region('east')
      .nodes()
      .find(({ node }) => node === 'east/app-2')!;
    process.kill(app.pids()[0]!, 'SIGKILL');
    for (let i = 0; i < 200 && test.of('node.ended').length === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(test.of('node.ended')[0]).to.include({ node: 'east/app-2', expected: false });
  });

  it('keeps a system for its user, who reaches it with a password file of mode 0600', async () => {
    const system = await test.up();
    const kept = await system.keep();
    const file = join(test.place.directory, 'pgpass');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(kept.map(({ node }) => node)).to.include.members([
      'east/postgres',
      'west/app-1',
      'gslb',
    ]);
    const postgres = kept.find(({ node }) => node === 'east/postgres')!;
    expect(postgres.connect).to.contain(`PGPASSFILE='${file}'`);
    expect(postgres.url).not.to.contain(readFileSync(file, 'utf8').split(':')[4]!.split('\n')[0]);
    expect(await postOrder(system.region('east'), 1)).to.equal(201);
  });

  it('writes no password into a log, an event or an undo entry', async () => {
    const system = await test.up();
    const { password } = system.way.database!;
    await postOrder(system.region('east'), 1);
    const logs = readdirSync(test.place.logs).map((name) => {
      return readFileSync(join(test.place.logs, name), 'utf8');
    });
    const entries = test.undos.map(({ entry }) => entry);
    const written = [...logs, JSON.stringify([test.events, entries, system.description])].join(
      '\n',
    );
    expect(written).not.to.contain(password);
    expect(written).not.to.contain('SCRAM-SHA-256$');
  });
});

describe('promotion', function () {
  this.timeout(120_000);

  it.full(
    'takes no seconds when it comes right after the death of the primary, five times',
    async () => {
      for (let i = 0; i < 5; i++) {
        const test = new SystemInTest();
        try {
          const system = await test.up();
          await postOrder(system.region('east'), 1);
          await system.region('east').kill();
          const times: number[] = [];
          const began = process.hrtime.bigint();
          await ordersIn(system.region('west')).promote(() => {
            times.push(Number(process.hrtime.bigint() - began) / 1e6);
          });
          expect(times.at(-1)! - times[0]!).to.be.below(1_000);
        } finally {
          await test.down();
        }
      }
    },
  );
});

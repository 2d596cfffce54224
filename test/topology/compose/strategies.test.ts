// What the strategies are made of on containers: a database restored from the repository of the
// other region, and two that replicate to each other, lost and made anew.
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import type { RestoreTarget } from '../../../src/evidence/restore.ts';
import { systemMaker } from '../../../src/topology/runtimes.ts';
import type { Lab } from '../../../src/topology/system/system.ts';
import { postOrder, sequencesOf } from '../../support/system/orders-of.ts';
import { SystemInTest, type PlanChanges } from '../../support/system/system-in-test.ts';
import {
  atEngine,
  composeEnvironment,
  containerOf,
  docker,
  requireDocker,
} from '../../support/servers/docker.ts';
import { optionsFor } from '../../support/system/runtime-options.ts';
import { ordersIn, type LabRegion } from '../../../src/topology/system/region.ts';

const LOOK_MS = 1_000;

describe('strategies on the compose runtime', function () {
  this.timeout(180_000);
  let test: SystemInTest;
  before(function () {
    requireDocker(this);
  });
  beforeEach(() => (test = new SystemInTest()));
  afterEach(async () => {
    await test.down();
    expect(atEngine(test.place.id)).to.deep.equal([]);
  });

  const up = (changes: PlanChanges, files: string[] = []): Promise<Lab> => {
    const options = optionsFor(composeEnvironment(), files);
    return test.up(changes, systemMaker('compose', options));
  };
  const place = async (region: LabRegion, ...sequences: number[]) => {
    for (const sequence of sequences) expect(await postOrder(region, sequence)).to.equal(201);
  };
  /** As `lose-region` does it, with the disks. */
  const destroy = async (system: Lab) => {
    const east = system.region('east');
    await Promise.all([system.link('east-west').sever(), east.edge.sever()]);
    await east.kill();
    await east.destroyDisks!();
  };
  const thingsOf = (name: string) => atEngine(test.place.id).filter((line) => line.includes(name));
  const inContainer = (node: string, ...command: string[]) =>
    docker('exec', containerOf(test.place.id, node), ...command);

  it('restores to before a mistake from the backup that is sound, and takes service back', async () => {
    const system = await up({ strategy: 'backup-restore', instances: 1 });
    const [east, west, repository] = [
      system.region('east'),
      system.region('west'),
      system.backups!,
    ];
    expect(west.nodes()).to.deep.equal([]);
    await place(east, 1, 2, 3);
    const { name: newest } = await repository.backup();
    await place(east, 4, 5);
    const mistake = await ordersIn(east).harm!.makeMistake('delete', 1);
    expect(mistake.orders).to.have.length(5);
    await place(east, 6);
    await repository.secure();
    const usage = await system.usage();
    expect(usage.nodes.map(({ node }) => node)).to.include('west/storage');
    for (const { node, disk_bytes } of usage.nodes) {
      expect(disk_bytes! > 1_000_000, node).to.equal(/postgres|storage/.test(node));
    }
    const backups = (await repository.state()).backups.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(usage.replicated_bytes).to.be.above(backups);

    await destroy(system);
    expect(thingsOf('east-postgres')).to.deep.equal([]);
    const looks = await Promise.all(east.nodes().map((node) => node.look(LOOK_MS)));
    expect(new Set(looks.map(({ state }) => state))).to.deep.equal(new Set(['dead']));
    expect(test.of('node.ended').filter(({ expected }) => !expected)).to.deep.equal([]);

    const unreachable: [RestoreTarget, RegExp][] = [
      [
        { by: 'name', name: 'never' },
        /^the restore point "never" cannot be restored: the log in the storage ends at /,
      ],
      [
        { by: 'time', time: '2020-01-01T00:00:00Z', inclusive: true },
        /it lies before the end of the oldest base backup \(base-0001, /,
      ],
    ];
    for (const [target, sentence] of unreachable) {
      const error = await west.restore!(target).catch((thrown: Error) => thrown);
      expect(error).to.be.instanceOf(Error);
      expect((error as Error).message).to.match(sentence);
      expect(thingsOf('west-postgres')).to.deep.equal([]);
      expect(west.nodes()).to.deep.equal([]);
    }

    inContainer('west/storage', 'rm', `/storage/backups/${newest}/PG_VERSION`);
    const { xid, lsn } = mistake;
    const restored = await west.restore!({ by: 'transaction', xid, lsn });
    expect(restored).to.include({ backup: 'base-0001', timeline: 2 });
    expect(restored.problems.join()).to.match(new RegExp(`^${newest}: .*PG_VERSION`));
    expect(restored.replay_ms).to.be.above(0);
    expect(await sequencesOf(ordersIn(west))).to.deep.equal([1, 2, 3, 4, 5]);
    const directory = '/var/lib/postgresql/drill/data';
    expect(inContainer('west/postgres', 'stat', '-c', '%U %a', directory)).to.equal('postgres 700');
    const others = ['find', directory, '!', '-user', 'postgres'];
    expect(inContainer('west/postgres', ...others)).to.equal('');
    expect(await ordersIn(west).archive!.state()).to.include({ mode: 'off' });
    await west.scaleApp(1);
    await west.untilAppReady();
    await place(west, 7);

    await system.link('east-west').restore();
    const { how } = await system.region('east').rebuild!();
    expect(how).to.equal('cloned');
    expect(await sequencesOf(ordersIn(east))).to.deep.equal([1, 2, 3, 4, 5, 7]);
    await west.stopDatabase(); // by itself, though it was made after the compose file
    expect(test.of('node.ended').filter(({ expected }) => !expected)).to.deep.equal([]);
  });

  it('restores the unfinished end of a streamed log', async () => {
    const system = await up({ strategy: 'backup-restore', wal: 'receive-sync', instances: 1 });
    const [east, west] = [system.region('east'), system.region('west')];
    await place(east, 1, 2, 3);
    const { last_segment } = (await system.backups!.state()).wal;
    const stored = inContainer('west/storage', 'ls', '/storage/wal');
    expect(stored).to.match(/^[0-9A-F]{24}\.partial$/m);
    await destroy(system);
    const restored = await west.restore!({ by: 'all' });
    expect(restored.problems, `whole up to ${last_segment}`).to.deep.equal([]);
    expect(await sequencesOf(ordersIn(west))).to.deep.equal([1, 2, 3]);
  });

  it('says that archiving needs bash where the image has none', async () => {
    const file = join(test.place.directory, 'no-bash.yaml');
    const hidden = ['/dev/null:/bin/bash:ro', '/dev/null:/usr/bin/bash:ro'];
    const services = { 'east-postgres': { volumes: hidden } };
    writeFileSync(file, JSON.stringify({ services }));
    const failure = await up({ strategy: 'backup-restore' }, [file]).catch((e: unknown) => e);
    expect(failure).to.be.instanceOf(EnvironmentError);
    const { what, log = [] } = (failure as EnvironmentError).problem;
    expect(what).to.equal('the container of east/postgres');
    expect(log.join()).to.contain('expected bash in the image of PostgreSQL');
  });

  it('has two primaries that replicate to each other; a lost one returns, or is made anew', async () => {
    const system = await up({ strategy: 'active-active', latency_ms: 2 });
    const [east, west, twoWay] = [
      system.region('east'),
      system.region('west'),
      system.bidirectional!,
    ];
    const both = async () => {
      await twoWay.catchUp();
      const held = await sequencesOf(ordersIn(east));
      expect(await sequencesOf(ordersIn(west))).to.deep.equal(held);
      return held;
    };
    const before = (await system.usage()).replicated_bytes!;
    await place(east, 1, 2);
    await place(west, 3);
    expect(await both()).to.deep.equal([1, 2, 3]);
    // Later a direction that was lost meanwhile says so for ever.
    expect((await twoWay.check()).filter(({ ok }) => !ok)).to.deep.equal([]);
    expect((await system.usage()).replicated_bytes).to.be.above(before);

    // What the link held back comes with the return.
    await system.link('east-west').sever();
    await place(east, 4);
    await east.edge.sever();
    await east.kill();
    await place(west, 5);
    const proxies = system.link('east-west').proxies;
    const seen = await Promise.all(proxies.map((proxy) => system.mayListen(proxy, LOOK_MS)));
    expect(seen.map(({ listens }) => listens)).to.deep.equal([false, false]);
    await system.link('east-west').restore();
    await twoWay.bringBack('east');
    expect(await both()).to.deep.equal([1, 2, 3, 4, 5]);

    await destroy(system);
    await place(west, 6);
    await system.link('east-west').restore();
    await twoWay.rebuild('east');
    expect(await both()).to.deep.equal([1, 2, 3, 4, 5, 6]);
    await east.edge.restore();
    await east.scaleApp(2);
    await east.untilAppReady();
    await place(east, 7);
    await place(west, 8);
    expect(await both()).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await twoWay.compare()).to.include({ differing: 0 });
  });
});

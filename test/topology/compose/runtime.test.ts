import { expect } from 'chai';
import { provenRun } from '../../support/system/proven-run.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { probe } from '../../../src/host/probe.ts';
import { BLACKHOLE } from '../../../src/link/toxics.ts';
import { systemMaker } from '../../../src/topology/runtimes.ts';
import { openEngine } from '../../../src/topology/compose/engine/engine.ts';
import { removeRun } from '../../../src/topology/compose/engine/remove.ts';
import type { Lab } from '../../../src/topology/system/system.ts';
import { performUndo } from '../../../src/topology/undo.ts';
import { SystemInTest, type PlanChanges } from '../../support/system/system-in-test.ts';
import {
  atEngine,
  composeEnvironment,
  containerOf,
  docker,
  requireDocker,
} from '../../support/servers/docker.ts';
import { postOrder, sequencesOf } from '../../support/system/orders-of.ts';
import { optionsFor } from '../../support/system/runtime-options.ts';
import { it } from '../../support/commands.ts';
import { type NodeState, ordersIn } from '../../../src/topology/system/region.ts';

const LOOK_MS = 1_000;

function upIn(test: SystemInTest, changes: PlanChanges = {}): Promise<Lab> {
  const runtime = systemMaker('compose', optionsFor(composeEnvironment()));
  return test.up(changes, runtime);
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const looks = async (nodes: readonly NodeState[]) =>
  (await Promise.all(nodes.map((node) => node.look(LOOK_MS)))).map(({ state }) => state);
const listening = (system: Lab, region: string) =>
  Promise.all(system.region(region).edge.proxies.map((proxy) => system.mayListen(proxy, LOOK_MS)));

describe('the compose runtime', function () {
  this.timeout(120_000);
  let test: SystemInTest;
  before(function () {
    requireDocker(this);
  });
  beforeEach(() => (test = new SystemInTest()));
  afterEach(async () => {
    await test.down();
    expect(atEngine(test.place.id)).to.deep.equal([]);
  });

  it.full(
    'brings up two regions that replicate, survives the loss of one, and leaves nothing',
    async () => {
      const system = await upIn(test, { latency_ms: 2, instances: 3 });
      const [east, west] = [system.region('east'), system.region('west')];
      expect(await ordersIn(east).replication()).to.include({ state: 'streaming' });
      for (const sequence of upTo(20))
        expect(await postOrder(system.region('east'), sequence)).to.equal(201);
      expect((await listening(system, 'east')).map(({ listens }) => listens)).to.not.include(false);

      // What is lost is what the link held back: the standby never had these.
      await system.link('east-west').sever();
      for (const sequence of [21, 22])
        expect(await postOrder(system.region('east'), sequence)).to.equal(201);
      await east.edge.sever();
      await east.kill();
      expect(new Set(await looks(east.nodes()))).to.deep.equal(new Set(['dead']));
      expect((await listening(system, 'east')).map(({ listens }) => listens)).to.not.include(true);
      expect((await ordersIn(east).tryWrite(500)).accepted).to.equal(false);
      expect((await system.gslb.untilDown('east')).detail).to.contain('east/app-1');
      const witnessed = test.of('node.witnessed').filter(({ action }) => action === 'die');
      expect(witnessed.map(({ node }) => node).toSorted()).to.deep.equal(
        east
          .nodes()
          .map(({ node }) => node)
          .toSorted(),
      );
      expect(test.of('node.ended').filter(({ expected }) => !expected)).to.deep.equal([]);

      await ordersIn(west).synchronous!.release();
      expect(await ordersIn(west).promote(() => {})).to.deep.equal({ timeline: 2 });
      await west.untilAppReady();
      await system.gslb.serve(['west']);
      expect((await system.gslb.state()).answered).to.deep.equal(['west']);
      await west.scaleApp(3); // one more than the compose file has
      await west.untilAppReady();
      expect(west.nodes().map(({ node }) => node)).to.include.members(['west/app-2', 'west/app-3']);
      expect(await postOrder(system.region('west'), 23)).to.equal(201);
      expect(await sequencesOf(ordersIn(west))).to.deep.equal([...upTo(20), 23]);
      for (let i = 0; i < 2; i++) {
        const dead = (await east.openDead('orders'))!;
        expect(await sequencesOf(dead)).to.deep.equal(upTo(22));
        await dead.stop();
      }
    },
  );

  it.full('cuts a region off in silence and joins it again; a fence meanwhile holds', async () => {
    const system = await upIn(test);
    const east = system.region('east');
    const [proxy] = east.edge.proxies;
    const isolation = east.isolate();
    await isolation.act();
    expect(await looks(east.nodes())).to.not.include('dead');
    expect(await probe(proxy!.host, proxy!.port, 500)).to.include({ isSilent: true });
    expect((await system.gslb.untilDown('east')).detail).to.contain('no answer');
    await isolation.undo();
    expect(await postOrder(system.region('east'), 1)).to.equal(201);
    await isolation.act();
    await east.edge.sever();
    await isolation.undo();
    expect(await east.edge.isSevered()).to.equal(true);
    expect((await listening(system, 'east')).map(({ listens }) => listens)).to.not.include(true);
  });

  it.full('disturbs an app instance past a link that lets nothing through', async () => {
    const system = await upIn(test);
    const east = system.region('east');
    const app = east.nodes().find(({ kind }) => kind === 'app')!;
    const silence = east.edge.disturb(BLACKHOLE);
    await silence.act();
    const slow = system.disturbApp(app, { errors: 0, delay_ms: 200 });
    await slow.act();
    expect(await slow.undo()).to.deep.equal([]);
    await silence.undo();
    await east.kill();
    expect(await system.directAt(app)).to.equal(null);
  });

  it.full('freezes a region, thaws it, and kills a frozen one for good', async () => {
    const system = await upIn(test);
    const east = system.region('east');
    const standstill = east.freeze();
    await standstill.act();
    expect(new Set(await looks(east.nodes()))).to.deep.equal(new Set(['frozen']));
    const [proxy] = east.edge.proxies;
    expect(await probe(proxy!.host, proxy!.port, 500)).to.include({ isSilent: true });
    await standstill.undo();
    expect(new Set(await looks(east.nodes()))).to.deep.equal(new Set(['running']));
    expect(await postOrder(system.region('east'), 1)).to.equal(201);
    await standstill.act();
    await east.kill();
    await standstill.undo();
    expect(new Set(await looks(east.nodes()))).to.deep.equal(new Set(['dead']));
    docker('start', containerOf(test.place.id, 'east/postgres'));
    await east.kill();
    expect(new Set(await looks(east.nodes()))).to.deep.equal(new Set(['dead']));
  });

  it.full('reports the end of a container that nobody ended', async () => {
    await upIn(test);
    const filter = ['--filter', `label=dr.drill.run=${test.place.id}`];
    const service = ['--filter', 'label=dr.drill.node=east/app-2'];
    docker('kill', docker('ps', '--quiet', ...filter, ...service));
    for (let i = 0; i < 200 && test.of('node.ended').length === 0; i++) {
      await hostClock().sleep(10);
    }
    expect(test.of('node.ended')[0]).to.include({ node: 'east/app-2', expected: false });
  });

  it.full('writes every log and no password', async () => {
    const system = await upIn(test);
    await postOrder(system.region('east'), 1);
    const entries = test.undos.map(({ entry }) => entry);
    await test.end();
    const logs = readdirSync(test.place.logs);
    expect(logs).to.include.members(['east-postgres.log', 'west-app-1.log', 'toxiproxy.log']);
    const text = logs.map((name) => readFileSync(join(test.place.logs, name), 'utf8')).join('\n');
    expect(text).to.contain('database system is ready to accept connections');
    const written = [text, JSON.stringify([test.events, entries, system.description])].join('\n');
    expect(written).not.to.contain(system.way.database!.password);
  });
});

describe('what a run left at the docker engine', function () {
  this.timeout(60_000);
  before(function () {
    requireDocker(this);
  });

  const image = composeEnvironment()['DRILL_IMAGE_NODE']!;
  const make = (name: string, label: string) => {
    const labels = label === '' ? [] : ['--label', label];
    docker('network', 'create', ...labels, `${name}-net`);
    docker('volume', 'create', ...labels, `${name}-volume`);
    const command = ['run', '--detach', '--name', name, ...labels, '--network', `${name}-net`];
    docker(...command, '--volume', `${name}-volume:/v`, image, 'sleep', '600');
  };
  const remove = (name: string) => {
    docker('rm', '--force', '--volumes', name);
    docker('network', 'rm', `${name}-net`);
    docker('volume', 'rm', `${name}-volume`);
  };

  it('is removed by its label, twice if asked to, and nothing else is', async () => {
    const run = `undo-${process.pid}`;
    const foreign = [
      [`drill-${run}-east-postgres-1`, ''],
      [`drill-${run}-other`, `dr.drill.run=${run}-other`],
      [`drill-${run}-key`, `dr.drill.runs=${run}`],
    ] as const;
    for (const [name, label] of foreign) make(name, label);
    make(`innocent-${run}`, `dr.drill.run=${run}`);
    try {
      const { url } = openEngine(composeEnvironment()).address;
      const entry = { undo: 'compose', run, docker: url } as const;
      const own = { run, directory: '/none', place: '/none', scratch: '/none' };
      const asked = { own, system: null, environment: process.env };
      expect(await performUndo(entry, asked)).to.deep.equal([]);
      expect(await performUndo(entry, asked)).to.deep.equal([]);
      expect(atEngine(run)).to.deep.equal([]);
      for (const [name] of foreign) {
        expect(docker('inspect', '--format', '{{.State.Running}}', name)).to.equal('true');
        expect(docker('network', 'inspect', '--format', '{{.Name}}', `${name}-net`)).to.contain(
          name,
        );
        expect(docker('volume', 'inspect', '--format', '{{.Name}}', `${name}-volume`)).contain(
          name,
        );
      }
    } finally {
      for (const [name] of foreign) remove(name);
    }
  });

  it('is named as left where the engine does not answer', async () => {
    const docker = 'unix:///nonexistent/docker.sock';
    const left = await performUndo(
      { undo: 'compose', run: 'none', docker },
      { own: provenRun('none', '/none'), system: null, environment: { DOCKER_HOST: docker } },
    );
    expect(left.join())
      .to.contain('expected it to answer')
      .and.to.contain('/nonexistent/docker.sock');
  });

  it('is nothing where there was nothing', async () => {
    const engine = openEngine(composeEnvironment());
    expect(
      await removeRun(engine, { run: 'never-was', madeBy: null }, hostClock(), true),
    ).to.deep.equal([]);
  });
});

describe('a machine without what the compose runtime needs', function () {
  this.timeout(60_000);
  let test: SystemInTest;
  beforeEach(() => (test = new SystemInTest()));
  afterEach(async () => await test.down());

  async function problemOf(environment: Record<string, string>) {
    const runtime = systemMaker('compose', optionsFor(environment));
    const error = await test.up({}, runtime).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(EnvironmentError);
    return (error as EnvironmentError).problem;
  }

  it('says where it looked for the engine', async function () {
    requireDocker(this);
    const DOCKER_HOST = 'unix:///nonexistent/docker.sock';
    const { what, expected, hint } = await problemOf({ ...composeEnvironment(), DOCKER_HOST });
    expect(what).to.equal('the docker engine');
    expect(expected).to.contain(DOCKER_HOST).and.to.contain('DOCKER_HOST');
    expect(hint).to.contain('docker info');
  });

  it('names an image that is nowhere', async function () {
    requireDocker(this);
    const image = 'example.invalid/nobody/nothing:1';
    const { what, hint } = await problemOf({ ...composeEnvironment(), DRILL_IMAGE_NODE: image });
    expect(what).to.contain(image);
    expect(hint).to.contain('build-local.sh');
    expect(atEngine(test.place.id)).to.deep.equal([]);
  });

  it('says that there is no docker command', async () => {
    const { what, hint } = await problemOf({ ...composeEnvironment(), PATH: '/nonexistent' });
    expect(what).to.equal('the docker command');
    expect(hint).to.contain('--runtime embedded');
  });
});

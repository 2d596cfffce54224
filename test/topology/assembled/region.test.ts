// A region over nodes in memory: what every runtime's regions do alike, and how small a driver is.
import { expect } from 'chai';
import type { StoreRole } from '../../../src/drill/stores.ts';
import type { GslbEndpoint } from '../../../src/gslb/protocol.ts';
import type { OpenDatabase } from '../../../src/topology/assembled/database.ts';
import {
  AssembledRegion,
  numberOf,
  type Instance,
  type Node,
  type RegionDriver,
} from '../../../src/topology/assembled/region.ts';
import type { NodeLook } from '../../../src/topology/system/region.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Deeds, MemoryLink } from '../../support/noop/memory-link.ts';

class MemoryNode implements Node {
  readonly node: string;
  state: NodeLook['state'] = 'running';

  constructor(node: string) {
    this.node = node;
  }

  look = (): Promise<NodeLook> => Promise.resolve({ state: this.state, detail: 'seen' });
  pids = (): number[] => [];
  processorShare = () => Promise.resolve(1);
  life = () => Promise.resolve(this.state === 'dead' ? null : 'the first');
}

/** All that a runtime without disks, backups and standbys has to bring. */
class MemoryDriver implements RegionDriver<MemoryNode> {
  readonly trip_ms = 0;
  readonly deeds: Deeds;

  constructor(deeds: Deeds) {
    this.deeds = deeds;
  }

  async kill(nodes: readonly MemoryNode[]): Promise<void> {
    await this.deeds.do(`kill ${nodes.map(({ node }) => node).join(', ')}`);
    for (const node of nodes) node.state = 'dead';
  }

  freeze(nodes: readonly MemoryNode[]) {
    const names = nodes.map(({ node }) => node).join(', ');
    const entry = { undo: 'noop' };
    const act = () => this.deeds.do(`freeze ${names}`);
    const undo = async () => {
      await this.deeds.do(`thaw ${names}`);
      return [];
    };
    return { entry, act, undo };
  }

  slow = ({ node }: MemoryNode) => this.freeze([new MemoryNode(`${node} a little`)]);
  stop = ({ node }: MemoryNode) => this.deeds.do(`stop ${node}`);

  async startServer(role: StoreRole) {
    await this.deeds.do(`start the ${role} again`);
    return new MemoryNode('east/postgres');
  }

  async startApp(instance: number) {
    const node = new MemoryNode(`east/app-${instance}`);
    await this.deeds.do(`start ${node.node}`);
    const at = { host: 'there', port: instance };
    return { instance: { node, at }, exposed: { host: 'edge', port: instance } };
  }

  async startAppAgain(dead: Instance<MemoryNode>) {
    await this.deeds.do(`start ${dead.node.node} again`);
    return { node: new MemoryNode(dead.node.node), at: dead.at };
  }

  living(instances: readonly Instance<MemoryNode>[]) {
    return Promise.resolve(() => instances.filter(({ node }) => node.state === 'running'));
  }

  exposeDatabase = () => Promise.resolve({ host: 'edge', port: 90 });
}

function regionInTest() {
  const deeds = new Deeds();
  const region: AssembledRegion<MemoryNode> = new AssembledRegion({
    name: 'east',
    edge: new MemoryLink('clients-east', deeds),
    replication: new MemoryLink('east-west', deeds),
    clock: new ManualClock(),
    signal: new AbortController().signal,
    peer: () => region,
    driver: new MemoryDriver(deeds),
    openDead: () => Promise.resolve(null),
  });
  const told: GslbEndpoint[] = [];
  region.onEndpoint = async (endpoint) => void told.push(endpoint);
  return { region, deeds, told, names: () => region.nodes().map(({ node }) => node) };
}

describe('a region, whatever its nodes are', () => {
  it('starts instances and says how clients reach them', async () => {
    const { region, told } = regionInTest();
    expect(await region.startApps([1, 2])).to.deep.equal([
      { node: 'east/app-1', region: 'east', service: 'orders', host: 'edge', port: 1 },
      { node: 'east/app-2', region: 'east', service: 'orders', host: 'edge', port: 2 },
    ]);
    expect(told).to.deep.equal([]); // there is no GSLB yet
  });

  it('brings dead instances back where they were before it starts new ones', async () => {
    const { region, deeds, told, names } = regionInTest();
    await region.startApps([1, 2]);
    region.instances[0]!.node.state = 'dead';
    await region.scaleApp(3);
    expect(deeds.done.slice(2)).to.deep.equal(['start east/app-1 again', 'start east/app-3']);
    expect(names()).to.deep.equal(['east/app-1', 'east/app-2', 'east/app-3']);
    expect(told.map(({ node }) => node)).to.deep.equal(['east/app-3']);
    await region.scaleApp(2);
    expect(deeds.done).to.have.length(4);
  });

  it('keeps what came back, and tells nobody of instances, where one does not start', async () => {
    const { region, deeds, told, names } = regionInTest();
    await region.startApps([1]);
    deeds.plant('start east/app-2', () => {
      throw new Error('no room');
    });
    const failure = await region.scaleApp(2).catch((error: Error) => error.message);
    expect(failure).to.equal('no room');
    expect(names()).to.deep.equal(['east/app-1']);
    expect(told).to.deep.equal([]);
  });

  it('kills and freezes every node at once, and is cut off on both links', async () => {
    const { region, deeds } = regionInTest();
    await region.startApps([1, 2]);
    const frozen = region.freeze();
    await frozen.act();
    await frozen.undo();
    await region.isolate().act();
    await region.kill();
    expect(deeds.done.slice(2).toSorted()).to.deep.equal(
      [
        'freeze east/app-1, east/app-2',
        'thaw east/app-1, east/app-2',
        'disturb east-west',
        'disturb clients-east',
        'kill east/app-1, east/app-2',
      ].toSorted(),
    );
  });

  it('has no ability that its driver does not have, and no database that nobody joined', () => {
    const { region } = regionInTest();
    expect([region.destroyDisks, region.rebuild, region.restore]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    expect(() => region.database).to.throw(
      'region east: expected a database in it, found none yet',
    );
    region.joinDatabase(null as { node: MemoryNode; store: OpenDatabase } | null);
    expect([...region.stores]).to.deep.equal([]);
  });

  it('numbers instances by their names', () => {
    expect(numberOf({ node: 'us-east-1/app-12' })).to.equal(12);
  });
});

// One region in memory: nodes that run, stand still or are dead, and stores that keep rows. What is
// done to it stands in a list; a test plants what happens at any of these.
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { STORES, type StoreRole } from '../../../src/drill/stores.ts';
import type { Undoable } from '../../../src/evidence/undo.ts';
import type { Mistake } from '../../../src/evidence/restore.ts';
import { OperationFailed } from '../../../src/host/operation-failed.ts';
import {
  type EndingWay,
  type NodeLook,
  type NodeState,
  type Region,
  storeIn,
} from '../../../src/topology/system/region.ts';
import { MemoryLink, undoable, type Deeds } from './memory-link.ts';
import { MemoryRows } from './memory-rows.ts';
import { MeddledStore } from './memory-store.ts';
import type { Store } from '../../../src/topology/system/store.ts';

/** What becomes of a region's rows where the other region has a part in it. */
export interface World {
  /** Whether what it writes comes to the other region. */
  readonly mayShip: (region: string) => boolean;
  /** `arrive` is done once what the region writes now has come to the other one, if it does. */
  readonly ship: (region: string, arrive: () => void) => void;
  readonly rebuilt: (region: MemoryRegion) => void;
  readonly restored: (region: MemoryRegion, by: string) => void;
  readonly makeMistake: (region: MemoryRegion, share: number) => Promise<Mistake>;
  readonly now: () => number;
}

export class MemoryRegion implements Region {
  readonly name: string;
  readonly edge: MemoryLink;
  readonly stores = new Map<StoreRole, Store>();
  /** What they hold. */
  readonly rows = new Map<StoreRole, MemoryRows>();
  readonly meddled = new Map<StoreRole, MeddledStore>();
  /** Cut off the network. */
  isIsolated = false;
  /** The region that follows this one's log; null: none. */
  follower: MemoryRegion | null = null;
  /** What every node is seen to be. */
  state: NodeLook['state'] = 'running';
  /** Whether the stores take writes while the region runs. */
  isPrimary: boolean;
  /** What the primary says of the standby of each store; null: none is connected. */
  follows: { state: string; lag_bytes: number } | null = { state: 'streaming', lag_bytes: 0 };
  timeline = 1;
  /** Of the log, in bytes. */
  position = 0n;
  /** Living app instances. */
  instances: number;
  readonly #deeds: Deeds;
  readonly #world: World;
  readonly #mode: Plan['replication']['mode'];
  readonly rebuild = async () => {
    await this.#deeds.do(`rebuild ${this.name}`);
    this.state = 'running';
    this.isPrimary = false;
    this.#world.rebuilt(this);
    const checks = [{ name: 'follows', ok: true, detail: '' }];
    return { how: 'cloned' as const, ms: 1, checks };
  };
  readonly restore = async ({ by }: { readonly by: string }) => {
    await this.#deeds.do(`restore ${this.name} by ${by}`);
    this.addStore('orders');
    this.#world.restored(this, by);
    this.isPrimary = true;
    const times = { copy_ms: 1, verify_ms: 1, replay_ms: 1 };
    const log = { replayed_to: '0/2', log_end: '0/2', problems: [] };
    return { backup: 'b1', timeline: 2, ...times, ...log };
  };

  constructor(
    plan: Plan,
    name: string,
    stores: readonly StoreRole[],
    { deeds, ...world }: World & { readonly deeds: Deeds },
  ) {
    const planned = plan.regions.find((region) => region.name === name)!;
    this.name = name;
    this.#deeds = deeds;
    this.#world = world;
    this.#mode = plan.replication.mode;
    this.edge = new MemoryLink(`clients-${name}`, deeds);
    this.isPrimary = planned.role === 'active';
    this.instances = planned.app.instances;
    for (const store of stores) this.addStore(store);
  }

  isGivenUp = false;

  async kill(): Promise<void> {
    await this.#deeds.do(`kill ${this.name}`);
    if (!this.#deeds.haveEffect) return;
    this.isGivenUp = true;
    this.#die();
  }

  #die(): void {
    this.state = 'dead';
    for (const store of this.meddled.values()) store.die();
  }

  async scaleApp(instances: number): Promise<void> {
    await this.#deeds.do(`scale ${this.name} to ${instances}`);
    this.instances = instances;
  }

  async untilAppReady(): Promise<number> {
    this.#mustRun(`the app in ${this.name}`);
    await this.#deeds.do(`app of ${this.name} is ready`);
    return this.instances;
  }

  #mustRun(what: string): void {
    if (this.state === 'running') return;
    throw new OperationFailed({ what, expected: 'it to answer', found: `it is ${this.state}` });
  }

  isolate(): Undoable {
    const tell = (isOn: boolean) => (this.isIsolated = isOn);
    return undoable(this.#deeds, `isolate ${this.name}`, tell);
  }

  /** What each node gets of a processor, where that is not all. */
  readonly #shares = new Map<string, number>();

  slow(node: string, share: number): Undoable {
    return undoable(this.#deeds, `leave ${share} to ${node}`, (isOn) => {
      if (isOn) this.#shares.set(node, share);
      else this.#shares.delete(node);
    });
  }

  freeze(node?: string): Undoable {
    return undoable(this.#deeds, `freeze ${node ?? this.name}`, (isOn) => {
      if (this.state !== 'dead') this.state = isOn ? 'frozen' : 'running';
    });
  }

  /** The nodes of stores that were ended one by one. */
  readonly ended = new Set<string>();
  /** How often a node was started again. */
  readonly #starts = new Map<string, number>();
  readonly #crashing = new Map<string, { readonly since_ms: number; readonly every_ms: number }>();

  end(node: string, how: EndingWay): Undoable {
    return undoable(this.#deeds, `${how} ${node}`, (isOn) => {
      if (isOn) this.ended.add(node);
      else if (this.ended.delete(node)) this.#starts.set(node, 1 + (this.#starts.get(node) ?? 0));
    });
  }

  #lifeOf(node: string): string | null {
    if (this.ended.has(node) || this.state === 'dead') return null;
    const life = `started ${this.#starts.get(node) ?? 0} times`;
    const crashing = this.#crashing.get(node);
    if (crashing === undefined) return life;
    const { since_ms, every_ms } = crashing;
    return `${life}, then ${Math.floor((this.#world.now() - since_ms) / every_ms)} times more`;
  }

  mayDie(node: string): Undoable {
    return undoable(this.#deeds, `look after ${node}`);
  }

  crash(node: string, every_ms: number): Undoable {
    return undoable(this.#deeds, `crash ${node} every ${every_ms} ms`, (isOn) => {
      if (isOn) this.#crashing.set(node, { since_ms: this.#world.now(), every_ms });
      else this.#crashing.delete(node);
    });
  }

  readonly destroyDisks = (): Promise<void> => this.#deeds.do(`destroy the disks of ${this.name}`);

  async openDead(role: StoreRole) {
    const { node } = storeIn(this, role);
    const readRows: Store['readRows'] = (onRow) => this.#read(role, node, onRow);
    const stop = () => this.#deeds.do(`close the disk of ${node}`);
    return await Promise.resolve({ role, node, readRows, rowsOf: null, stop });
  }

  async #read(role: StoreRole, node: string, onRow: Parameters<Store['readRows']>[0]) {
    await this.#deeds.do(`read ${node}`);
    const { all } = this.rows.get(role)!;
    for (const row of all) onRow(row);
    return { rows: all.length, timeline: this.timeline, snapshot: '' };
  }

  async stopDatabase(): Promise<void> {
    await this.#deeds.do(`stop the database of ${this.name}`);
    for (const rows of this.rows.values()) rows.flush();
    this.isGivenUp = true;
    this.#die();
  }

  nodes(): NodeState[] {
    return [...this.stores.values()].map(({ node, engine: kind }) => ({
      node,
      kind,
      host: '',
      port: 0,
      look: async () => {
        const state = this.ended.has(node) ? 'dead' : this.state;
        return await Promise.resolve({ state, detail: 'seen' });
      },
      processorShare: () => Promise.resolve(this.#shares.get(node) ?? 1),
      life: () => Promise.resolve(this.#lifeOf(node)),
      pids: () => [],
    }));
  }

  addStore(role: StoreRole): void {
    const { engine } = STORES[role];
    const node = `${this.name}/${engine}`;
    const deeds = this.#deeds;
    const rows = new MemoryRows(() => this.#world.mayShip(this.name) && this.#isFollowed(role));
    this.rows.set(role, rows);
    const around = { region: this.name, deeds, position: () => this.position };
    const meddled = new MeddledStore(around);
    this.meddled.set(role, meddled);
    const base: Store = {
      role,
      engine,
      node,
      replication: async () => {
        const follows = await Promise.resolve(this.#isFollowed(role) ? this.follows : null);
        const written_bytes = Number(this.position);
        return follows && { ...follows, written_bytes, sync_state: this.#mode, reply_age_ms: 0 };
      },
      tryWrite: async () => {
        const accepted = this.state === 'running' && this.isPrimary && !this.ended.has(node);
        if (accepted) this.position += 1n;
        const { follower, position } = this;
        if (accepted && follower !== null && this.#isFollowed(role)) {
          this.#world.ship(this.name, () => void (follower.position = position));
        }
        return await Promise.resolve({ accepted, detail: accepted ? 'taken' : 'refused' });
      },
      promote: async (emit) => {
        this.#mustRun(node);
        await deeds.do(`promote ${node}`);
        this.isPrimary = true;
        this.timeline += 1;
        emit('database.writable', { node, timeline: this.timeline });
        return { timeline: this.timeline };
      },
      describe: async () => {
        const held = { bytes: 100 * rows.all.length, rows: rows.all.length };
        return await Promise.resolve({ version: '1.0', ...held });
      },
      activeClients: () => Promise.resolve(0),
      readRows: async (onRow) => {
        this.#mustRun(node);
        return await this.#read(role, node, onRow);
      },
      inspect: () => Promise.resolve([]),
    };
    const own =
      role === 'orders' ? this.#ofPostgres(node, meddled) : { disturb: meddled.ofRedis(rows) };
    this.stores.set(role, { ...base, ...own });
  }

  /** Nobody has told the standby of that store to hear nothing. */
  #isFollowed(role: StoreRole): boolean {
    return this.follower?.meddled.get(role)?.isFollowing !== false;
  }

  #ofPostgres(node: string, meddled: MeddledStore): Partial<Store> {
    const deeds = this.#deeds;
    return {
      disturb: meddled.ofPostgres(),
      archive: meddled.archive,
      log: {
        position: () => Promise.resolve(this.position),
        replayedAgo_ms: () => Promise.resolve(0),
        replayed: meddled.replayed,
        checkpoint: () => deeds.do(`checkpoint in ${this.name}`),
      },
      synchronous: {
        release: async () => {
          this.#mustRun(node);
          await deeds.do(`release ${this.name}`);
        },
        require: (standby) => deeds.do(`${this.name} waits for ${standby}`),
      },
      harm: {
        makeMistake: (_, share) => this.#world.makeMistake(this, share),
        unharmedRows: async (ids) => {
          const rows = this.rows.get('orders')!;
          const there = ids.filter(({ writer, sequence }) => rows.has(writer, sequence));
          return await Promise.resolve(there.length);
        },
      },
    };
  }
}

// Two regions in memory, for what the engine, the faults and the recoveries do to a system: nothing
// is started, and what is done can be looked at. On a run's clock and with its clients it is a
// runtime: `noop`.
import { regionChecks } from '../../../src/topology/assembled/system.ts';
import { storesOf, type Plan } from '../../../src/drill/plan/plan.ts';
import { STRATEGY_FACTS } from '../../../src/drill/plan/strategies.ts';
import type { Emit, EventBodies } from '../../../src/evidence/event.ts';
import type { Mistake } from '../../../src/evidence/restore.ts';
import type { Clock } from '../../../src/host/clock.ts';
import type { LinkProxy } from '../../../src/link/links.ts';
import type { Backups, Bidirectional } from '../../../src/topology/system/protection.ts';
import type { AskedProgram } from '../../../src/topology/system/asked-program.ts';
import { regionIn } from '../../../src/topology/system/region.ts';
import type { Lab, Listening } from '../../../src/topology/system/system.ts';
import { ManualClock } from '../manual-clock.ts';
import { MemoryGslb } from './memory-gslb.ts';
import { Deeds, MemoryLink, undoable } from './memory-link.ts';
import { MemoryRegion } from './memory-region.ts';
import { MemoryRows } from './memory-rows.ts';

/** App instances that a region has names for. */
const INSTANCES_MAX = 4;
const POLL_MS = 5;

interface Surroundings {
  readonly clock: Clock;
  readonly emit: Emit;
  /** What is done to it, told elsewhere too. */
  readonly deeds: Deeds;
  /** The run directory of a system that is up. */
  readonly directory: string;
}

export class MemorySystem implements Lab {
  readonly deeds: Deeds;
  readonly bidirectional: Bidirectional | null;
  readonly backups: Backups | null;
  readonly description: EventBodies['topology.up'];
  readonly way = { gslb: null, database: null };
  readonly own = null;
  readonly lab = this;
  readonly mark = 'in-memory';
  readonly directory: string;
  /** What the repository holds, where the strategy keeps backups. */
  readonly stored = new MemoryRows();
  readonly gslb: MemoryGslb;
  readonly #clock: Clock;
  readonly #plan: Plan;
  readonly #regions: ReadonlyMap<string, MemoryRegion>;
  readonly #replication: MemoryLink;
  readonly #served = new Map<string, { first_ms: number; last_ms: number }>();
  #harmed: readonly MemoryRows[] = [];

  constructor(plan: Plan, surroundings: Partial<Surroundings> = {}) {
    const { from, to } = plan.replication;
    const { clock, emit, deeds = new Deeds(), directory = '/none' } = surroundings;
    this.#plan = plan;
    this.deeds = deeds;
    this.directory = directory;
    const { database } = STRATEGY_FACTS[plan.strategy];
    this.#clock = clock ?? new ManualClock();
    const stores = (name: string) => (name === to && database === 'none' ? [] : storesOf(plan));
    const world = {
      deeds,
      mayShip: (name: string) => this.#mayShip(name),
      ship: (name: string, arrive: () => void) => this.#ship(name, arrive),
      rebuilt: (region: MemoryRegion) => this.#follow(region),
      restored: (region: MemoryRegion, by: string) => this.#restore(region, by),
      makeMistake: (region: MemoryRegion, share: number) => this.#harm(region, share),
      now: () => this.#clock.now(),
    };
    this.#regions = new Map(
      plan.regions.map(({ name }) => [name, new MemoryRegion(plan, name, stores(name), world)]),
    );
    this.#replication = new MemoryLink(`${from}-${to}`, deeds);
    const nodes = plan.regions.flatMap(({ name }) =>
      Array.from({ length: INSTANCES_MAX }, (_, at) => `${name}/app-${at + 1}`),
    );
    const facts = { runtime: 'noop', postgres: '', proxy: '', settings: {} };
    this.description = { ...facts, endpoints: [], nodes };
    this.bidirectional = database === 'primary' ? this.#bidirectional() : null;
    this.backups = plan.backup === null ? null : this.#backups(to);
    this.gslb = new MemoryGslb({
      plan,
      clock: this.#clock,
      emit: emit ?? (() => {}),
      deeds,
      isUp: (name) => this.reach(name) === 'answered',
    });
    this.#join(from, to);
    if (database === 'primary') this.#join(to, from);
  }

  region(name: string): MemoryRegion {
    return regionIn(this.#regions, name);
  }

  link(name: string): MemoryLink {
    const edges = [...this.#regions.values()].map(({ edge }) => edge);
    const found = [this.#replication, ...edges].find((link) => link.name === name);
    if (found === undefined) throw new Error(`there is no link ${name}`);
    return found;
  }

  mayListen: (proxy: LinkProxy, ms: number) => Promise<Listening> = () =>
    Promise.resolve({ listens: false, detail: 'nobody' });

  directAt: Lab['directAt'] = (at) => Promise.resolve(at);

  disturbApp: Lab['disturbApp'] = ({ node }, { errors, delay_ms }) =>
    undoable(this.deeds, `disturb ${node}: ${errors} errors, ${delay_ms} ms`);

  /** None, unless a test has some. */
  asked: readonly AskedProgram[] = [];
  programs = () => this.asked;

  serving = async () => {
    const { answered } = await this.gslb.state();
    return [...this.#regions.keys()].filter((name) => answered.includes(name));
  };
  health = () => regionChecks(this.#plan, this.gslb);

  usage = () => Promise.resolve({ nodes: [], replicated_bytes: null });
  keep = () => Promise.resolve([]);

  /** Whether a request through the edge link of the region would be answered now, and how. */
  reach(name: string): 'answered' | 'severed' | 'silent' {
    const { edge, state, isIsolated, instances, ended } = this.region(name);
    if (edge.state === 'severed' || state === 'dead' || instances === 0) return 'severed';
    if (ended.size > 0) return 'severed';
    return edge.state === 'silent' || isIsolated || state === 'frozen' ? 'silent' : 'answered';
  }

  tellServed(region: string): void {
    const now_ms = this.#clock.now();
    const first_ms = this.#served.get(region)?.first_ms ?? now_ms;
    this.#served.set(region, { first_ms, last_ms: now_ms });
  }

  /** When the region took its first write of a client, and its last; null: none. */
  served(region: string): { readonly first_ms: number; readonly last_ms: number } | null {
    return this.#served.get(region) ?? null;
  }

  /** Both ends of the link between the regions are there, and nothing of it is lost. */
  #mayShip(name: string): boolean {
    const { isIsolated, state } = this.region(name);
    return this.#replication.state === 'open' && !isIsolated && state === 'running';
  }

  #ship(name: string, arrive: () => void): void {
    const { delay_ms } = this.#replication;
    if (!this.#mayShip(name)) return;
    if (delay_ms === 0) arrive();
    else void this.#clock.sleep(delay_ms).then(arrive);
  }

  #join(from: string, to: string): void {
    const [one, other] = [this.region(from), this.region(to)];
    for (const [role, rows] of one.rows) rows.peer = other.rows.get(role) ?? this.stored;
    one.follower = other;
  }

  /** The region holds what the other one does, and follows it. */
  #follow(region: MemoryRegion): void {
    const other = [...this.#regions.values()].find((each) => each !== region)!;
    for (const [role, rows] of region.rows) rows.become(other.rows.get(role)!);
    for (const rows of region.rows.values()) rows.peer = null;
    region.timeline = other.timeline;
    this.#join(other.name, region.name);
  }

  #restore(region: MemoryRegion, by: string): void {
    const [harmed] = this.#harmed;
    region.rows.get('orders')!.become(by === 'all' || harmed === undefined ? this.stored : harmed);
    region.timeline = 2;
  }

  /** A share of the rows is deleted; how it was before is kept, as a log does. */
  async #harm(region: MemoryRegion, share: number): Promise<Mistake> {
    await this.deeds.do(`harm ${region.name}`);
    const rows = region.rows.get('orders')!;
    const before = new MemoryRows();
    before.become(rows);
    this.#harmed = [before];
    const hit = rows.all.slice(0, Math.ceil(rows.all.length * share));
    if (this.deeds.haveEffect) rows.delete(hit);
    const at_ms = this.#clock.now();
    const at = new Date(this.#clock.wall()).toISOString();
    const created = new Date(this.#clock.wall() - 1_000).toISOString();
    const orders = hit.map(({ writer, sequence }) => ({ writer, sequence, created }));
    const point = { name: 'drill-before-mistake', lsn: '0/1', xid: '7' };
    return { statement: 'delete', orders, ...point, named_at: at, at, at_ms };
  }

  #bidirectional(): Bidirectional {
    const { deeds } = this;
    const both = () => [...this.#regions.values()];
    const flush = () => both().forEach(({ rows }) => rows.forEach((each) => each.flush()));
    return {
      check: () => Promise.resolve([]),
      catchUp: async (signal) => {
        await deeds.do('catch up');
        while (!both().every(({ name }) => this.#mayShip(name))) {
          await this.#clock.sleep(POLL_MS, signal);
        }
        flush();
      },
      compare: async () => {
        await deeds.do('compare');
        const [one, other] = both().map(({ rows }) => rows.get('orders')!);
        const has = (rows: MemoryRows) => (row: { writer: number; sequence: number }) =>
          !rows.has(row.writer, row.sequence);
        const differing = one!.all.filter(has(other!)).length + other!.all.filter(has(one!)).length;
        const sides = both().map(({ name, rows }) => {
          return [name, { rows: rows.get('orders')!.all.length }] as const;
        });
        return { tables: { orders: Object.fromEntries(sides) }, differing, listed: [] };
      },
      sentBytes: () => Promise.resolve(0),
      exposure: () => Promise.resolve({ bytes: 0, ms: 0 }),
      bringBack: async (name) => {
        await deeds.do(`${name} comes back`);
        this.region(name).state = 'running';
      },
      rebuild: async (name) => {
        await deeds.do(`${name} is made anew`);
        const region = this.region(name);
        region.state = 'running';
        this.#follow(region);
        this.#join(name, region === both()[0] ? both()[1]!.name : both()[0]!.name);
      },
    };
  }

  #backups(region: string): Backups {
    const { deeds } = this;
    const none = () => Promise.reject(new Error('nothing is stored in memory'));
    return {
      node: `${region}/storage`,
      asked: { name: `${region}/storage`, ask: none, isDirect: true },
      state: none,
      backup: none,
      secure: () => deeds.do('secure the log'),
      missing: () => Promise.resolve({ bytes: 0, ms: 0 }),
      check: () => Promise.resolve([]),
    };
  }
}

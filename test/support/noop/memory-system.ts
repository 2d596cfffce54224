// Two regions in memory, for what the engine, the faults and the recoveries do to a system: nothing
// is started, and what is done can be looked at.
import { storesOf, type Plan } from '../../../src/drill/plan/plan.ts';
import { STRATEGY_FACTS } from '../../../src/drill/plan/strategies.ts';
import type { LinkProxy } from '../../../src/link/links.ts';
import type { Gslb, Listening } from '../../../src/topology/system/clients.ts';
import type { Backups, Bidirectional } from '../../../src/topology/system/protection.ts';
import { regionIn } from '../../../src/topology/system/region.ts';
import type { System } from '../../../src/topology/system/system.ts';
import { Deeds, MemoryLink, MemoryRegion } from './memory-region.ts';

export class MemorySystem implements System {
  readonly deeds = new Deeds();
  readonly bidirectional: Bidirectional | null;
  readonly backups: Backups | null;
  readonly description;
  readonly workloadDatabase = { user: '', password: '', database: '' };
  readonly mark = 'in-memory';
  readonly directory = '/none';
  readonly #regions: ReadonlyMap<string, MemoryRegion>;
  readonly #replication: MemoryLink;
  /** The regions that the health checks hold to be down. */
  readonly down = new Set<string>();
  readonly gslb: Gslb;

  constructor(plan: Plan) {
    const { from, to } = plan.replication;
    const { deeds } = this;
    const { database } = STRATEGY_FACTS[plan.strategy];
    const stores = (name: string) => (name === to && database === 'none' ? [] : storesOf(plan));
    this.#regions = new Map(
      plan.regions.map(({ name }) => [name, new MemoryRegion(plan, name, stores(name), deeds)]),
    );
    this.#replication = new MemoryLink(`${from}-${to}`, deeds);
    const facts = { runtime: 'noop', postgres: '', proxy: '', settings: {} };
    this.description = { ...facts, endpoints: [], nodes: [] };
    this.bidirectional = database === 'primary' ? bidirectionalIn(deeds) : null;
    this.backups = plan.backup === null ? null : backupsIn(deeds, to);
    this.gslb = this.#gslbOf(from);
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

  usage = () => Promise.resolve({ nodes: [], replicated_bytes: null });
  keep = () => Promise.resolve([]);

  #gslbOf(active: string): Gslb {
    let answered: readonly string[] = [active];
    return {
      host: '',
      port: 0,
      serve: async (regions) => {
        await this.deeds.do(`serve ${regions.join(' and ')}`);
        answered = regions;
      },
      state: () => Promise.resolve({ regions: {}, answered, queries: 0 }),
      untilDown: (region, signal) =>
        this.down.has(region)
          ? Promise.resolve({ at_ms: 0, detail: '' })
          : new Promise((_resolve, reject) => {
              signal?.addEventListener('abort', () => reject(signal.reason as Error));
            }),
      isDown: (region) => this.down.has(region),
    };
  }
}

function bidirectionalIn(deeds: Deeds): Bidirectional {
  return {
    check: () => Promise.resolve([]),
    catchUp: () => deeds.do('catch up'),
    compare: () => Promise.resolve({ tables: {}, differing: 0, listed: [] }),
    sentBytes: () => Promise.resolve(0),
    exposure: () => Promise.resolve({ bytes: 0, ms: 0 }),
    comeBack: (region) => deeds.do(`${region} comes back`),
    rebuild: (region) => deeds.do(`${region} is made anew`),
  };
}

function backupsIn(deeds: Deeds, region: string): Backups {
  const none = () => Promise.reject(new Error('nothing is stored in memory'));
  return {
    node: `${region}/storage`,
    state: none,
    backup: none,
    hold: () => deeds.do('hold the backups'),
    secure: () => deeds.do('secure the log'),
    missing: () => Promise.resolve({ bytes: 0, ms: 0 }),
    check: () => Promise.resolve([]),
  };
}

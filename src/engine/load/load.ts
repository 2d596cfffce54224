// The clients of a run: one workload program for each store, begun and ended together.
import { allDone } from '../../base/all-done.ts';
import { storesOf } from '../../drill/plan/plan.ts';
import type { RunContext } from '../frame/context.ts';
import { StoreLoad } from './store-load.ts';
import type { System } from '../../topology/system/system.ts';

export class Load {
  /** In the order of `storesOf`. */
  readonly stores: readonly StoreLoad[];

  constructor(run: RunContext) {
    this.stores = storesOf(run.plan).map((store) => new StoreLoad(run, store));
  }

  async open(system: System): Promise<void> {
    await this.#each((load) => load.open(system));
  }

  /** Resolves to the number of rows in all stores. */
  async seed(): Promise<number> {
    const rows = await this.#each((load) => load.seed());
    return rows.reduce((sum, each) => sum + each, 0);
  }

  async begin(): Promise<void> {
    await this.#each((load) => load.begin());
  }

  watchLag(system: System): void {
    for (const load of this.stores) load.watchLag(system);
  }

  /** Ends all of them, whatever becomes of one; doing it twice is fine. */
  async close(): Promise<void> {
    await this.#each((load) => load.close());
  }

  /** Waits for all, and only then rejects with the first failure. */
  async #each<T>(work: (load: StoreLoad) => Promise<T>): Promise<T[]> {
    return await allDone(this.stores.map(work));
  }
}

// What is done to a store in memory while it runs, and what is seen of that by whoever asks it.
import type {
  LogArchive,
  StoreDisturbance,
  StoreEffect,
} from '../../../src/topology/system/store.ts';
import { undoable, type Deeds } from './memory-link.ts';
import type { MemoryRows } from './memory-rows.ts';

const WARNING = 'canceling wait for synchronous replication due to user request';

interface Around {
  readonly region: string;
  readonly deeds: Deeds;
  /** Of the log, in bytes, as it has come by now. */
  readonly position: () => bigint;
}

export class MeddledStore {
  /** A standby hears its primary. */
  isFollowing = true;
  readonly #around: Around;
  /** Up to where the log was applied when that was stopped; null: it goes on. */
  #paused: bigint | null = null;
  #lock: 'access exclusive' | 'exclusive' | null = null;
  /** So many connections are left; null: enough. */
  #left: number | null = null;
  #isDamaged = false;
  #areCancelled = false;
  #witness: 'none' | 'there' | 'gone' = 'none';
  #isBroken = false;
  #failures = 0;
  readonly #done = new Set<string>();

  constructor(around: Around) {
    this.#around = around;
  }

  replayed = () => Promise.resolve(this.#paused ?? this.#around.position());

  readonly archive: LogArchive = {
    switchSegment: async () => {
      await this.#do('switch the segment');
      if (this.#isBroken) this.#failures += 1;
    },
    state: () =>
      Promise.resolve({
        failed_count: this.#failures,
        last_failed: this.#failures > 0 ? '000000010000000000000001' : null,
        is_failing: this.#isBroken,
        is_broken: this.#isBroken,
      }),
    setWorking: async (works) => {
      await this.#do(`${works ? 'mend' : 'break'} the archive`);
      if (this.#around.deeds.haveEffect) this.#isBroken = !works;
    },
  };

  ofPostgres(): StoreDisturbance {
    return {
      stopReplication: () => this.#stopReplication(),
      pauseReplay: () =>
        this.#effect('pause the replay', false, (isOn) => {
          this.#paused = isOn ? this.#around.position() : null;
        }),
      lockTable: (mode) =>
        this.#effect('lock the orders', false, (isOn) => (this.#lock = isOn ? mode : null)),
      requestWaits: (request) => {
        const ok =
          this.#lock === 'access exclusive' || (request === 'write' && this.#lock !== null);
        return Promise.resolve({ ok, detail: `a ${request} ${ok ? 'waited' : 'was done'}` });
      },
      takeConnections: (leaves) =>
        this.#effect('take connections', false, (isOn) => (this.#left = isOn ? leaves : null)),
      refusesConnections: (leaves) => {
        const ok = this.#left !== null && this.#left <= leaves;
        return Promise.resolve({ ok, detail: `${this.#left ?? 'enough'} are left` });
      },
      releaseCommits: () => this.#effect('release commits', true),
      cancelSyncWaits: () =>
        this.#effect('cancel waits', false, (isOn) => (this.#areCancelled = isOn)),
      damagePage: async (apply) => {
        await apply(this.#effect('damage a page', true, (isOn) => (this.#isDamaged = isOn)));
        return 'a page';
      },
      readsDamage: () => {
        const [ok, detail] = [this.#isDamaged, this.#isDamaged ? 'it is met' : 'all were read'];
        return Promise.resolve({ ok, detail });
      },
      untilCommitsWait: (wait) =>
        this.#around.deeds.do(
          `commits of ${this.#around.region} wait for ${wait ? 'the standby' : 'nobody'}`,
        ),
      unprotected: async () => {
        await this.#around.deeds.do(`commit in ${this.#around.region}`);
        return { warning: this.#areCancelled ? WARNING : null, writes: 0 };
      },
    };
  }

  ofRedis(rows: MemoryRows): StoreDisturbance {
    return {
      stopReplication: () => this.#stopReplication(),
      flush: async () => {
        const { all } = rows;
        this.#witness = 'there';
        await this.#do('flush');
        if (!this.#around.deeds.haveEffect) return all.length;
        this.#witness = 'gone';
        for (const each of [rows, rows.peer]) each?.delete(all);
        return all.length;
      },
      isFlushed: () => Promise.resolve(this.#witness === 'gone'),
    };
  }

  #stopReplication(): StoreEffect {
    return this.#effect('stop the replication', true, (isOn) => (this.isFollowing = !isOn));
  }

  #effect(
    deed: string,
    staysOnDisk: boolean,
    tell: (isOn: boolean) => unknown = () => {},
  ): StoreEffect {
    const { deeds, region } = this.#around;
    const whole = `${deed} of ${region}`;
    this.#done.add(whole);
    return { ...undoable(deeds, whole, (isOn) => void tell(isOn)), staysOnDisk };
  }

  /** It dies with a region that is given up: also what stands on its disk is nobody's any more. */
  die(): void {
    for (const deed of this.#done) this.#around.deeds.end(deed);
  }

  #do(deed: string): Promise<void> {
    return this.#around.deeds.do(`${deed} of ${this.#around.region}`);
  }
}

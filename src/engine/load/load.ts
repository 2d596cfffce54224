// The clients of a run, those of each store by themselves: started early (a process takes a while
// to load), told where to go once the system is up, sampled while they run.
import { allDone } from '../../base/all-done.ts';
import { reasonOf, unlessFailed } from '../../host/operation-failed.ts';
import { writesAtMost } from '../../drill/attached/system.ts';
import {
  ratesOf,
  storesOf,
  type Plan,
  type PlannedWorkload,
  type StoreRole,
} from '../../drill/plan/plan.ts';
import { STORES } from '../../drill/stores.ts';
import type { EventBodies, StandbySeen } from '../../evidence/event.ts';
import { processEnvironment } from '../../host/process/environment.ts';
import { linesAtEnd, partFailure } from '../../host/machine/last-words.ts';
import type { MarkerReply, WorkloadSampled, WorkloadSettings } from '../../workload/protocol.ts';
import { STORE_FILES } from '../../evidence/evidence.ts';
import { runFile } from '../../evidence/run-files.ts';
import { join } from 'node:path';
import type { Clients } from '../../workload/clients.ts';
import { asBug, type RunContext } from '../frame/context.ts';
import { Vitals } from './vitals.ts';
import { untilAborted } from '../frame/before-deadline.ts';
import type { AskedProgram } from '../../topology/system/asked-program.ts';
import { askedOver } from '../../topology/assembled/programs.ts';
import { storeIn } from '../../topology/system/region.ts';
import type { System } from '../../topology/system/system.ts';

const SAMPLE_EVERY_MS = 200;
const LAG_EVERY_MS = 500;
const SEED_AT_MOST_MS = 60_000;
const DRAIN_SPARE_MS = 5_000;
const CLOSE_AT_MOST_MS = 5_000;

type OnSample = (sample: EventBodies['workload.sampled'], at_ms: number) => void;

export class StoreLoad {
  readonly store: StoreRole;
  /** Operations that are due each second. */
  readonly rate_per_s: number;
  readonly asked: AskedProgram;
  readonly #run: RunContext;
  readonly #onSample: OnSample;
  readonly #clients: Clients;
  readonly #samples: WorkloadSampled[] = [];
  readonly #logFile: string;
  #lagBytes: number | null = null;
  /** Where commits wait for it. */
  #standby: StandbySeen | null = null;
  #closed: Promise<void> | null = null;
  readonly #closing = new AbortController();

  constructor(run: RunContext, store: StoreRole, onSample: OnSample) {
    const { isUsual, written } = STORES[store];
    const node = isUsual ? 'workload' : `workload-${written}`;
    this.#run = run;
    this.#onSample = onSample;
    this.store = store;
    this.rate_per_s = workloadOf(run.plan, store).rate_per_s;
    this.#logFile = join(run.place.logs, `${node}.log`);
    this.#clients = run.parts.startClients({
      node,
      environment: processEnvironment(run.environment, run.place.id),
      logFile: this.#logFile,
      clock: run.clock,
      onSample: (sample) => this.#sampled(sample),
      onNote: (note) => run.emit('run.noted', note),
    });
    this.asked = askedOver(node, this.#clients);
    run.emit('node.started', { node, pid: this.#clients.pid, ms: 0 });
    void this.#clients.exited.then(({ code, signal }) => {
      const reason = signal ?? `exit code ${code}`;
      run.emit('node.ended', { node, reason, expected: this.#closing.signal.aborted });
    });
  }

  /** Samples so far, oldest first. */
  get samples(): readonly WorkloadSampled[] {
    return this.#samples;
  }

  async open(system: System): Promise<void> {
    const { plan, place, origin_ms } = this.#run;
    const { store } = this;
    const workload = workloadOf(plan, store);
    const settings: WorkloadSettings = {
      origin_ms,
      run: place.id,
      mark: system.mark,
      store,
      seed: plan.seed,
      workload,
      ...system.way,
      ledger: runFile(place.directory, STORE_FILES[store].ledger),
      nodes: system.description.nodes,
      database: workload.via === 'sql' ? system.way.database : null,
      sample_every_ms: SAMPLE_EVERY_MS,
      pace: 'rate',
      ...seedPaceOf(plan),
    };
    await this.#prepare('start', settings);
    this.#watchLag(system);
  }

  async seed(): Promise<number> {
    const reply = await this.#prepare('seed', {}, SEED_AT_MOST_MS);
    const { rows } = reply as { rows: number };
    this.#run.emit('seed.written', { store: this.store, rows });
    return rows;
  }

  /** The rate rises for so long before it is whole. */
  async begin(ramp_ms: number): Promise<void> {
    const reply = await this.#prepare('run', { ramp_ms });
    const { scheduled_from_ms } = reply as EventBodies['workload.started'];
    this.#run.emit('workload.started', { store: this.store, scheduled_from_ms });
  }

  /** Stops scheduling and waits until every operation finished or timed out. */
  async drain(): Promise<void> {
    const { stopped_ms } = (await this.#clients.request('stop', {})) as { stopped_ms: number };
    this.#run.emit('workload.stopped', { store: this.store }, stopped_ms);
    // An operation may wait for DNS, and then for its reply.
    const limit = 2 * this.#run.plan.workload.timeout_ms + DRAIN_SPARE_MS;
    const reply = await this.#clients.request('drain', {}, limit);
    const { in_flight } = reply as EventBodies['workload.drained'];
    this.#run.emit('workload.drained', { store: this.store, in_flight });
  }

  async marker(): Promise<MarkerReply> {
    return (await this.#clients.request('marker', {})) as MarkerReply;
  }

  /**
   * Flushes and closes the ledger, and ends the process, whatever state it is in. Doing it twice is
   * fine. Rejects when the process does not end.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Keeps the replication lag that samples carry up to date, until the load is closed. */
  #watchLag(system: System): void {
    const { clock, plan } = this.#run;
    const primary = storeIn(system.region(plan.replication.from), this.store);
    const { signal } = this.#closing;
    const isWaitedFor = this.store === 'orders' && plan.replication.mode === 'sync';
    const look = async () => {
      while (!signal.aborted) {
        const asked_ms = clock.now();
        const seen = await unlessFailed(primary.replication().then((state) => ({ state })));
        const state = seen?.state ?? null;
        this.#lagBytes = state?.lag_bytes ?? null;
        if (isWaitedFor && seen !== null) {
          const written_bytes = state?.written_bytes ?? null;
          const has_bytes = state === null ? null : state.written_bytes - state.lag_bytes;
          this.#standby = { asked_ms, answered_ms: clock.now(), written_bytes, has_bytes };
        }
        await clock.sleep(isWaitedFor ? SAMPLE_EVERY_MS : LAG_EVERY_MS, signal).catch(() => {});
      }
    };
    look().catch((bug: unknown) => this.#run.fail(asBug(bug)));
  }

  /** A request on the way to the steady state: what fails here is a system that did not come up. */
  async #prepare(request: string, body: unknown, atMost_ms?: number): Promise<unknown> {
    try {
      return await this.#clients.request(request, body, atMost_ms);
    } catch (error) {
      const { isUsual, written } = STORES[this.store];
      const problem = {
        what: isUsual ? 'the workload' : `the workload of ${written}`,
        expected: `to do what was asked (${request})`,
        found: reasonOf(error),
        hint: `read its log, ${this.#logFile}, and those of the app beside it`,
        log: linesAtEnd(this.#logFile),
      };
      throw partFailure(problem, error);
    }
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    const over = new AbortController();
    await Promise.race([
      this.#clients.request('close', {}, CLOSE_AT_MOST_MS).catch(() => {}),
      untilAborted(this.#run.kill, over.signal),
    ]);
    over.abort();
    await this.#clients.end();
  }

  #sampled(sample: WorkloadSampled): void {
    this.#samples.push(sample);
    const { at_ms, ...body } = sample;
    const standby = this.#standby === null ? {} : { standby: this.#standby };
    const sampled = { store: this.store, ...body, lag_bytes: this.#lagBytes, ...standby } as const;
    this.#run.emit('workload.sampled', sampled, at_ms);
    this.#onSample(sampled, at_ms);
  }
}

/** Carts are only written, over HTTP, at a rate of their own; seed rows are in proportion to it. */
function workloadOf({ workload, redis }: Plan, store: StoreRole): PlannedWorkload {
  if (store === 'orders' || redis === null) return workload;
  const seed_rows = Math.round((workload.seed_rows * redis.carts_per_s) / workload.rate_per_s);
  return {
    ...workload,
    via: 'http',
    rate_per_s: redis.carts_per_s,
    reads: 0,
    updates: 0,
    seed_rows,
  };
}

/** What a system of somebody's own is to bear holds before the warm-up too. */
function seedPaceOf({ attached, workload }: Plan): Pick<WorkloadSettings, 'seed_rows_per_s'> {
  if (attached === undefined) return {};
  const { rate_at_most_per_s, bytes_at_most } = attached;
  const { payload_bytes } = workload;
  return { seed_rows_per_s: writesAtMost(rate_at_most_per_s, bytes_at_most, payload_bytes) };
}

/** The clients of all stores, begun and ended together. */
export class Load {
  /** In the order of `storesOf`. */
  readonly stores: readonly StoreLoad[];
  /** What all of them meet right now. */
  readonly vitals: Vitals;

  constructor(run: RunContext) {
    this.vitals = new Vitals(ratesOf(run.plan));
    this.stores = storesOf(run.plan).map((store, at) => {
      return new StoreLoad(run, store, (sample, at_ms) => this.vitals.add(at, sample, at_ms));
    });
  }

  async open(system: System): Promise<void> {
    await this.#each((load) => load.open(system));
  }

  /** Resolves to the number of rows in all stores. */
  async seed(): Promise<number> {
    const rows = await this.#each((load) => load.seed());
    return rows.reduce((sum, each) => sum + each, 0);
  }

  async begin(ramp_ms = 0): Promise<void> {
    await this.#each((load) => load.begin(ramp_ms));
  }

  programs(): readonly AskedProgram[] {
    return this.stores.map(({ asked }) => asked);
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

// The workload program as the engine sees it: started early (a process takes a while to load), told
// where to go once the system is up, sampled while it runs.
import type { EventBodies } from '../evidence/event.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { tailOf } from '../host/files.ts';
import { killTrees, untilGone } from '../host/processes.ts';
import { startProgram, type Program } from '../host/program.ts';
import type { System } from '../topology/system.ts';
import type { MarkerReply, WorkloadSampled, WorkloadSettings } from '../workload/protocol.ts';
import { runFile } from '../evidence/run-files.ts';
import { join } from 'node:path';
import type { RunContext } from './context.ts';

const SAMPLE_EVERY_MS = 200;
const LAG_EVERY_MS = 500;
const SEED_AT_MOST_MS = 60_000;
const DRAIN_SPARE_MS = 5_000;
const CLOSE_AT_MOST_MS = 5_000;
const GONE_AT_MOST_MS = 2_000;
const SHOWN_LINES = 10;

export class Load {
  readonly #run: RunContext;
  readonly #program: Program;
  readonly #samples: WorkloadSampled[] = [];
  readonly #logFile: string;
  #lagBytes: number | null = null;
  #closed: Promise<void> | null = null;
  readonly #closing = new AbortController();

  constructor(run: RunContext) {
    this.#run = run;
    this.#logFile = join(run.place.logs, 'workload.log');
    this.#program = startProgram({
      title: 'workload',
      module: new URL('../workload/main.ts', import.meta.url),
      env: run.environment,
      logFile: this.#logFile,
      onEvent: (name, body) => {
        if (name === 'sampled') this.#sampled(body as WorkloadSampled);
      },
    });
    run.emit('node.started', { node: 'workload', pid: this.#program.pid, ms: 0 });
    void this.#program.exited.then(({ code, signal }) => {
      const reason = signal ?? `exit code ${code}`;
      run.emit('node.ended', { node: 'workload', reason, expected: this.#closing.signal.aborted });
    });
  }

  /** Samples so far, oldest first. */
  get samples(): readonly WorkloadSampled[] {
    return this.#samples;
  }

  async open(system: System): Promise<void> {
    const { plan, place, origin_ms } = this.#run;
    const settings: WorkloadSettings = {
      origin_ms,
      run: place.id,
      seed: plan.seed,
      workload: plan.workload,
      gslb: { host: system.gslb.host, port: system.gslb.port },
      ledger: runFile(place.directory, 'ledger'),
      nodes: system.description.nodes,
      database: plan.workload.via === 'sql' ? system.workloadDatabase : null,
      sample_every_ms: SAMPLE_EVERY_MS,
      pace: 'rate',
    };
    await this.#prepare('start', settings);
  }

  async seed(): Promise<number> {
    const reply = await this.#prepare('seed', {}, SEED_AT_MOST_MS);
    return (reply as { rows: number }).rows;
  }

  async begin(): Promise<void> {
    const reply = await this.#prepare('run', {});
    this.#run.emit('workload.started', reply as EventBodies['workload.started']);
  }

  /** Stops scheduling and waits until every operation finished or timed out. */
  async drain(): Promise<void> {
    await this.#program.request('stop', {});
    this.#run.emit('workload.stopped', {});
    // An operation may wait for DNS, and then for its reply.
    const limit = 2 * this.#run.plan.workload.timeout_ms + DRAIN_SPARE_MS;
    const reply = await this.#program.request('drain', {}, limit);
    this.#run.emit('workload.drained', reply as EventBodies['workload.drained']);
  }

  async marker(): Promise<MarkerReply> {
    return (await this.#program.request('marker', {})) as MarkerReply;
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
  watchLag(system: System): void {
    const { clock, plan } = this.#run;
    const { database } = system.region(plan.replication.from);
    const { signal } = this.#closing;
    const look = async () => {
      while (!signal.aborted) {
        const state = await database.replication().catch(() => null);
        this.#lagBytes = state?.lag_bytes ?? null;
        await clock.sleep(LAG_EVERY_MS, signal).catch(() => {});
      }
    };
    void look();
  }

  /** A request on the way to the steady state: what fails here is a system that did not come up. */
  async #prepare(request: string, body: unknown, atMost_ms?: number): Promise<unknown> {
    try {
      return await this.#program.request(request, body, atMost_ms);
    } catch (error) {
      throw new EnvironmentError(
        {
          what: 'the workload',
          expected: `to do what was asked (${request})`,
          found: (error as Error).message,
          hint: `read its log, ${this.#logFile}, and those of the app beside it`,
          log: tailOf(this.#logFile, SHOWN_LINES),
        },
        { cause: error },
      );
    }
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await Promise.race([
      this.#program.request('close', {}, CLOSE_AT_MOST_MS).catch(() => {}),
      untilAborted(this.#run.kill),
    ]);
    this.#program.release();
    const killed = killTrees([this.#program.pid]);
    const alive = await untilGone(killed, this.#run.clock, GONE_AT_MOST_MS);
    if (alive.length > 0) throw new Error(`the workload (process ${alive[0]}) does not end`);
  }

  #sampled(sample: WorkloadSampled): void {
    this.#samples.push(sample);
    const { at_ms, ...body } = sample;
    this.#run.emit('workload.sampled', { ...body, lag_bytes: this.#lagBytes }, at_ms);
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

// The clients of a run: an open loop that starts operations on schedule whatever the service does.
// `pace: 'closed'` (each writer as fast as it goes) serves benchmarks only.
import { setImmediate as afterPoll } from 'node:timers/promises';
import { IN_FLIGHT_MAX } from '../drill/plan/limits.ts';
import type { LedgerWriter } from '../evidence/ledger/ledger.ts';
import { MARKER_WRITER, OPERATION_KIND, OUTCOME } from '../evidence/ledger/operation.ts';
import type { ResolvedAddress, ResolvedService } from '../gslb/resolver.ts';
import type { Clock } from '../host/clock.ts';
import { addressBook } from './address-book.ts';
import { Attempts } from './attempts.ts';
import { type DueOperation, type OperationEnd, WriterIds } from './writer-ids.ts';
import type { MarkerReply, WorkloadSampled, WorkloadSettings } from './protocol.ts';
import { roomInFlight, scheduledOperation, type Beginning } from './schedule.ts';
import { writeSeedRows } from './seed-rows.ts';
import { makeTally, type Tally } from './tally.ts';
import type { Transport } from './transport/transport.ts';

/** Operations that share one write to the ledger. */
const BATCH_MAX = 32;
const TICK_MAX_MS = 5;
/** A tick later than this may have replies waiting: they are read before time limits count. */
const STALL_MS = 20;
/**
 * In its first second the workload samples as soon as it has seen this many operations: whoever
 * waits for a settled latency need not wait for full intervals.
 */
const EARLY_FOR_MS = 1_000;
const EARLY_EVERY_MS = 25;
const EARLY_OPERATIONS = 5;
/** Beyond a lookup and a request, which have their own limits. */
const DRAIN_SPARE_MS = 1_000;
/** Before a writer in a closed loop tries a service again that did not acknowledge. */
const CLOSED_PAUSE_MS = 10;

export interface WorkloadParts {
  readonly clock: Clock;
  readonly ledger: LedgerWriter;
  readonly transport: Transport;
  /** One lookup, bounded by the workload's timeout. */
  readonly resolve: () => Promise<ResolvedService>;
  readonly onSample: (sample: WorkloadSampled) => void;
}

/** The clients from their start to the closed ledger. */
export class Workload {
  readonly #settings: WorkloadSettings;
  readonly #parts: WorkloadParts;
  readonly #attempts: Attempts;
  readonly #ids: WriterIds;
  readonly #tally: Tally;
  /** Null: not scheduling. `next` is the index of the operation that is due next. */
  #schedule: (Beginning & { next: number }) | null = null;
  #isTicking = false;
  #isClosed = false;
  #nextSample_ms = Infinity;
  #markers = 0;
  #freeWriters: number[] = [];

  constructor(settings: WorkloadSettings, parts: WorkloadParts) {
    this.#settings = settings;
    this.#parts = parts;
    const { workload, seed, nodes } = settings;
    const { clock, ledger, transport, resolve } = parts;
    const onAddresses = (addresses: ReadonlySet<string>) => transport.keepOnly(addresses);
    const room = roomInFlight(workload);
    this.#tally = makeTally(clock.now());
    this.#ids = new WriterIds(workload.writers);
    this.#attempts = new Attempts({
      clock,
      ledger,
      transport,
      book: addressBook({ clock, seed, resolve, onAddresses }),
      tally: this.#tally,
      seed,
      payload_bytes: workload.payload_bytes,
      shared_rows: workload.shared_rows,
      timeout_ms: workload.timeout_ms,
      room: Math.min(room, IN_FLIGHT_MAX[workload.via]),
      nodes,
    });
  }

  /** Writes the seed rows; rejects when the service does not take them. */
  async seed(): Promise<{ rows: number }> {
    const { clock } = this.#parts;
    const { workload, seed_rows_per_s = Infinity } = this.#settings;
    const attempt = (operation: DueOperation) => this.#attempt(operation);
    const pace = { rows: workload.seed_rows, per_s: seed_rows_per_s };
    return { rows: await writeSeedRows(pace, clock, attempt) };
  }

  /** Begins to schedule. */
  run({ ramp_ms = 0 }: Partial<Pick<Beginning, 'ramp_ms'>> = {}): { scheduled_from_ms: number } {
    if (this.#schedule !== null) throw new Error('the workload is running already');
    const from_ms = this.#parts.clock.now();
    this.#schedule = { from_ms, ramp_ms, next: 0 };
    this.#tally.sample(from_ms, 0);
    this.#nextSample_ms = from_ms + this.#settings.sample_every_ms;
    const { writers } = this.#settings.workload;
    if (this.#settings.pace === 'closed') {
      for (let writer = 1; writer <= writers; writer++) this.#writerIsFree(writer);
    }
    this.#keepTicking();
    return { scheduled_from_ms: from_ms };
  }

  /** No new operations after those that are due by now, the time in the reply. */
  stop(): { stopped_ms: number } {
    const stopped_ms = this.#parts.clock.now();
    this.#beginDue(stopped_ms);
    this.#schedule = null;
    return { stopped_ms };
  }

  /** Waits until every operation ended; the reply has how many did not (0 unless a part hangs). */
  async drain(): Promise<{ in_flight: number }> {
    const { clock, ledger } = this.#parts;
    const limit_ms = clock.now() + 2 * this.#settings.workload.timeout_ms + DRAIN_SPARE_MS;
    while (this.#attempts.inFlight > 0 && clock.now() < limit_ms) await clock.sleep(2);
    ledger.flush();
    return { in_flight: this.#attempts.inFlight };
  }

  /** One write through a fresh answer of the GSLB, its link and an app. */
  async marker(): Promise<MarkerReply> {
    const { clock, resolve } = this.#parts;
    const sequence = ++this.#markers;
    const base = { writer: MARKER_WRITER, sequence };
    let address: ResolvedAddress;
    try {
      address = (await resolve()).addresses[0]!;
    } catch (error) {
      return { ...base, node: '', ok: false, detail: (error as Error).message };
    }
    const { outcome, node, detail } = await this.#attempt({
      ...base,
      kind: OPERATION_KIND.marker,
      scheduled_ms: clock.now(),
      row: sequence,
      address,
    });
    this.#parts.ledger.flush();
    return { ...base, node: node ?? '', ok: outcome === OUTCOME.acknowledged, detail };
  }

  /** Flushes and closes the ledger. What is still in flight stays a send without an outcome. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#schedule = null;
    this.#attempts.abandon();
    this.#parts.transport.close();
    this.#parts.ledger.close();
  }

  #attempt(operation: DueOperation): Promise<OperationEnd> {
    return new Promise((resolve) => {
      this.#attempts.begin([{ ...operation, onEnd: resolve }]);
      this.#keepTicking();
    });
  }

  /** A failure in here (a full disk) ends the program: nothing true could be recorded any more. */
  #keepTicking(): void {
    if (this.#isTicking || this.#isClosed) return;
    this.#isTicking = true;
    void this.#tick();
  }

  async #tick(): Promise<void> {
    const { clock, ledger } = this.#parts;
    while (!this.#isClosed && (this.#schedule !== null || this.#attempts.inFlight > 0)) {
      this.#beginDue(clock.now());
      ledger.flush();
      this.#sampleWhenDue();
      const wait_ms = Math.min(TICK_MAX_MS, Math.max(1, this.#nextDue_ms() - clock.now()));
      const wake_ms = clock.now() + wait_ms;
      await clock.sleep(wait_ms);
      if (clock.now() - wake_ms > STALL_MS) await afterPoll();
      if (!this.#isClosed) this.#attempts.sweep(clock.now());
    }
    this.#isTicking = false;
  }

  #nextDue_ms(): number {
    const { workload, seed, pace } = this.#settings;
    if (this.#schedule === null || pace === 'closed') return Infinity;
    const { next } = this.#schedule;
    return scheduledOperation(workload, seed, this.#schedule, next).scheduled_ms;
  }

  #beginDue(now: number): void {
    const { workload, seed, pace } = this.#settings;
    const schedule = this.#schedule;
    if (schedule === null || pace === 'closed') return;
    let batch: DueOperation[] = [];
    for (;;) {
      const due = scheduledOperation(workload, seed, schedule, schedule.next);
      if (due.scheduled_ms > now) break;
      schedule.next += 1;
      batch.push(this.#ids.operation(due));
      if (batch.length < BATCH_MAX) continue;
      this.#attempts.begin(batch);
      batch = [];
    }
    this.#attempts.begin(batch);
  }

  #sampleWhenDue(): void {
    const now = this.#parts.clock.now();
    if (now < this.#nextSample_ms && !this.#isEarlySample(now)) return;
    this.#nextSample_ms = now + this.#settings.sample_every_ms;
    this.#parts.onSample({ at_ms: now, ...this.#tally.sample(now, this.#attempts.inFlight) });
  }

  #isEarlySample(now: number): boolean {
    const from_ms = this.#schedule?.from_ms ?? -Infinity;
    const { sample_every_ms } = this.#settings;
    const since_ms = now - (this.#nextSample_ms - sample_every_ms);
    const isEarly = now - from_ms < EARLY_FOR_MS && since_ms >= EARLY_EVERY_MS;
    return isEarly && this.#tally.count() >= EARLY_OPERATIONS;
  }

  /** Closed loop: writers that became free in one turn go on together, with one ledger write. */
  #writerIsFree(writer: number): void {
    if (this.#freeWriters.push(writer) > 1) return;
    setImmediate(() => {
      const writers = this.#freeWriters;
      this.#freeWriters = [];
      if (this.#schedule !== null) this.#attempts.begin(writers.map((free) => this.#nextOf(free)));
    });
  }

  #nextOf(writer: number): DueOperation {
    const scheduled_ms = this.#parts.clock.now();
    const operation = this.#ids.operation({ scheduled_ms, writer, kind: 'write' });
    const onEnd = (end: OperationEnd) => {
      operation.onEnd?.(end);
      if (end.outcome === OUTCOME.acknowledged) return this.#writerIsFree(writer);
      void this.#parts.clock.sleep(CLOSED_PAUSE_MS).then(() => this.#writerIsFree(writer));
    };
    return { ...operation, onEnd };
  }
}

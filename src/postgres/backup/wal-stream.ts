// The stream of write-ahead log that a server sends after START_REPLICATION, and what it is
// answered (PostgreSQL's "Streaming Replication Protocol").
import type { Connection, Submittable } from 'pg';
import type { Clock } from '../../host/clock.ts';
import { formatLsn } from '../server/lsn.ts';

const MESSAGE = { log: 0x77, keepalive: 0x6b, status: 0x72 } as const;
/** Kind, start, end of the server's log, time. */
const LOG_HEADER_BYTES = 25;
const KEEPALIVE_REPLY_AT = 17;
const STATUS_BYTES = 34;
/** Microseconds count from 2000-01-01. */
const EPOCH_MS = 946_684_800_000;
/** Bytes that may wait to be written before the server is held back. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

/** The driver's connection, with a method that its types leave out. */
type Wire = Connection & { sendCopyFromChunk(chunk: Buffer): void };

export interface StreamStart {
  readonly slot: string;
  readonly from: bigint;
  readonly timeline: number;
}

/** Given to `client.query`. Whoever takes from it says how far everything is on the disk. */
export class WalStream implements Submittable {
  readonly #command: string;
  readonly #clock: Clock;
  #wire: Wire | null = null;
  #next: bigint;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #problem: Error | null = null;
  #isReplyWanted = false;
  #heard_ms: number;
  #wake: (() => void) | null = null;

  constructor({ slot, from, timeline }: StreamStart, clock: Clock) {
    const at = `${formatLsn(from)} TIMELINE ${timeline}`;
    this.#command = `START_REPLICATION SLOT "${slot}" PHYSICAL ${at}`;
    this.#next = from;
    this.#clock = clock;
    this.#heard_ms = clock.now();
  }

  submit(connection: Connection): null {
    this.#wire = connection as Wire;
    // The end of a timeline: the server there was promoted, or follows one that was.
    this.#wire.once('copyDone', () => this.fail(new Error('the server ended its timeline')));
    this.#wire.query(this.#command);
    return null;
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.#heard_ms = this.#clock.now();
    if (chunk[0] === MESSAGE.keepalive) {
      if (chunk[KEEPALIVE_REPLY_AT] === 1) this.#isReplyWanted = true;
    } else if (chunk[0] === MESSAGE.log) this.#take(chunk);
    this.#wakeUp();
  }

  #take(chunk: Buffer): void {
    const lsn = chunk.readBigUInt64BE(1);
    const expected = this.#next;
    if (lsn !== expected) {
      const found = `expected log from ${formatLsn(expected)}, got it from ${formatLsn(lsn)}`;
      return this.fail(new Error(found));
    }
    const data = Buffer.from(chunk.subarray(LOG_HEADER_BYTES)); // pg uses its memory again
    this.#next += BigInt(data.length);
    this.#waiting.push(data);
    this.#waitingBytes += data.length;
    if (this.#waitingBytes > WAITING_BYTES_MAX) this.#wire!.stream.pause();
  }

  /** Resolves once there is something to take, or the server wants to know how far it got. */
  async arrived(): Promise<void> {
    if (this.#waiting.length > 0 || this.#isReplyWanted || this.#problem !== null) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /**
   * All that came since the last time, and the position at which it begins; null when nothing did.
   * Throws once the stream is over.
   */
  take(): { readonly lsn: bigint; readonly data: Buffer } | null {
    if (this.#waiting.length === 0) {
      if (this.#problem !== null) throw this.#problem;
      return null;
    }
    const data = this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#wire!.stream.resume();
    return { lsn: this.#next - BigInt(data.length), data };
  }

  /** Says that everything before `flushed` is on the disk. */
  confirm(flushed: bigint, wantsReply = false): void {
    this.#isReplyWanted = false;
    if (this.#problem !== null) return;
    const status = Buffer.alloc(STATUS_BYTES);
    status[0] = MESSAGE.status;
    status.writeBigUInt64BE(flushed, 1);
    status.writeBigUInt64BE(flushed, 9);
    // Nothing is ever applied here: that position stays 0.
    const now = BigInt(Math.round((this.#clock.wall() - EPOCH_MS) * 1000));
    status.writeBigInt64BE(now, 25);
    status[33] = wantsReply ? 1 : 0;
    this.#wire!.sendCopyFromChunk(status);
  }

  /** Since the server's last word. */
  silence_ms(): number {
    return this.#clock.now() - this.#heard_ms;
  }

  fail(problem: Error): void {
    this.#problem ??= problem;
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }

  handleError(error: Error): void {
    this.fail(error);
  }

  handleReadyForQuery(): void {
    this.fail(new Error('the server ended the stream'));
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {
    this.fail(new Error('the server ended the stream'));
  }
}

// Receives a primary's write-ahead log as it is written, through a replication slot: what
// pg_receivewal does, for packages without it. As a synchronous standby it makes a commit wait
// until its log is on the disk here.
import type { Client } from 'pg';
import type { Clock } from '../../host/clock.ts';
import { closeConnection } from '../../host/database/close.ts';
import { oneRow } from '../server/connection.ts';
import { parseLsn, segmentStart } from '../server/lsn.ts';
import {
  identify,
  openReplication,
  type ReplicationAddress,
  type LogSource,
} from '../replicate/replication-connection.ts';
import { SegmentWriter } from './segment-writer.ts';
import { WalStream, type StreamStart } from './wal-stream.ts';
import type { Owner } from '../../host/files.ts';

const CONNECT_MS = 2_000;
const STATUS_EVERY_MS = 500;
/** The server is asked for a word before that; then the link is taken for dead. */
const SILENT_AT_MOST_MS = 5_000;
const RETRY_MS = { first: 50, most: 1_000 } as const;
const NOT_YET = 'it has not connected yet';
/** Names that need no quoting and fit a slot. */
const SLOT_NAME = /^[a-z0-9_]{1,63}$/;

export interface ReceiverOptions {
  readonly from: ReplicationAddress;
  /** The name of the slot, and of the receiver in `synchronous_standby_names`. */
  readonly name: string;
  /** The directory that segments are written to. */
  readonly directory: string;
  readonly owner: Owner;
  readonly clock: Clock;
  /** The server's facts at every connection: what this returns is why its log is not wanted. */
  readonly refuse: (server: LogSource) => string | null;
  /** The position from which on log is missing here; null: from where the slot begins. */
  readonly missingFrom: (server: LogSource) => bigint | null;
  /** Everything before `flushed` is on the disk. */
  readonly onFlushed: (flushed: bigint) => void;
  readonly onWhole: (segment: string) => void;
  /** The stream began, or why it is broken: told once until it streams again. */
  readonly onStream: (problem: string | null) => void;
}

/** A server whose log is not wanted: that does not become better by trying again. */
class RefusedServer extends Error {}

export class WalReceiver {
  readonly #options: ReceiverOptions;
  readonly #ending = new AbortController();
  #isSlotThere = false;
  #refused: RefusedServer | null = null;
  #running: Promise<void> = Promise.resolve();
  #flushed: bigint | null = null;
  #receivedBytes = 0;
  /** Null while it streams. */
  #problem: string | null = NOT_YET;

  constructor(options: ReceiverOptions) {
    if (!SLOT_NAME.test(options.name)) {
      throw new Error(`expected a slot name of a-z, 0-9 and _, found "${options.name}"`);
    }
    this.#options = options;
  }

  /** Tries again and again until `stop`, or until the server turns out to be another one. */
  start(): void {
    this.#running = this.#run();
  }

  /** Everything before it is on the disk; null before anything came. */
  get flushed(): bigint | null {
    return this.#flushed;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Null while it streams. */
  get problem(): string | null {
    return this.#problem;
  }

  /**
   * Whether the primary keeps its log for the slot: base backups come after that. Throws when it is
   * a server whose log is not wanted.
   */
  get isSlotThere(): boolean {
    if (this.#refused !== null && !this.#isSlotThere) throw this.#refused;
    return this.#isSlotThere;
  }

  /** Ends the receiver; the received log is on the disk when this resolves. */
  async stop(): Promise<void> {
    this.#ending.abort(new Error('the receiver was stopped'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#ending;
    let pause_ms: number = RETRY_MS.first;
    while (!signal.aborted) {
      const before = this.#receivedBytes;
      const error = await this.#session().catch((reason: Error) => reason);
      if (signal.aborted) return;
      const problem = error instanceof Error ? error.message : 'the stream ended';
      if (this.#problem === null || this.#problem === NOT_YET) this.#options.onStream(problem);
      this.#problem = problem;
      if (error instanceof RefusedServer) {
        this.#refused = error;
        return;
      }
      if (this.#receivedBytes > before) pause_ms = RETRY_MS.first;
      await clock.sleep(pause_ms, signal).catch(() => {});
      pause_ms = Math.min(pause_ms * 2, RETRY_MS.most);
    }
  }

  async #session(): Promise<void> {
    const { from, name, directory, owner, onWhole, refuse, missingFrom } = this.#options;
    const { signal } = this.#ending;
    const client = await openReplication(from, name, CONNECT_MS, signal);
    const end = () => void closeConnection(client);
    signal.addEventListener('abort', end, { once: true });
    try {
      const server = await identify(client);
      const refusal = refuse(server);
      if (refusal !== null) throw new RefusedServer(refusal);
      const reserved = await ensureSlot(client, name);
      this.#isSlotThere = true;
      const { timeline, segment_bytes } = server;
      const first = this.#flushed ?? missingFrom(server) ?? reserved;
      const writer = new SegmentWriter({ directory, timeline, segment_bytes, owner }, onWhole);
      const start = segmentStart(first, segment_bytes);
      await this.#receive(client, { slot: name, from: start, timeline }, writer);
    } finally {
      signal.removeEventListener('abort', end);
      await closeConnection(client);
    }
  }

  async #receive(client: Client, start: StreamStart, writer: SegmentWriter): Promise<void> {
    const { clock, onFlushed } = this.#options;
    const stream = new WalStream(start, clock);
    const over = new AbortController();
    client.query(stream);
    const telling = this.#keepTelling(stream, start.from, over.signal);
    try {
      for (;;) {
        await stream.arrived();
        const received = stream.take();
        if (this.#problem !== null) {
          this.#problem = null;
          this.#options.onStream(null);
        }
        if (received !== null) {
          const { lsn, data } = received;
          this.#receivedBytes += data.length;
          await writer.write(lsn, data);
          const end = lsn + BigInt(data.length);
          if (this.#flushed === null || end > this.#flushed) {
            this.#flushed = end;
            onFlushed(end);
          }
        }
        stream.confirm(this.#flushed ?? start.from);
      }
    } finally {
      over.abort();
      await telling;
      await writer.close();
    }
  }

  /** By silence alone does the server learn that the receiver is gone, and the other way round. */
  async #keepTelling(stream: WalStream, from: bigint, over: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      const isOver = await clock.sleep(STATUS_EVERY_MS, over).then(
        () => false,
        () => true,
      );
      if (isOver) return;
      const silence_ms = stream.silence_ms();
      if (silence_ms > SILENT_AT_MOST_MS) {
        stream.fail(new Error(`the primary has been silent for ${SILENT_AT_MOST_MS / 1000} s`));
      } else stream.confirm(this.#flushed ?? from, silence_ms > SILENT_AT_MOST_MS / 3);
    }
  }
}

/** Makes the slot if it is not there; resolves to the first position that it keeps. */
async function ensureSlot(client: Client, name: string): Promise<bigint> {
  type Slot = { readonly slot_type: string | null; readonly restart_lsn: string | null };
  const read = () => oneRow<Slot>(client, `READ_REPLICATION_SLOT "${name}"`);
  let slot = await read();
  if (slot.slot_type === null) {
    await client.query(`CREATE_REPLICATION_SLOT "${name}" PHYSICAL RESERVE_WAL`);
    slot = await read();
  }
  if (slot.restart_lsn === null) throw new Error(`the slot ${name} keeps no log any more`);
  return parseLsn(slot.restart_lsn);
}

// Attempts: operations on their way. Each is tried once; its send record is on disk before its
// request goes out, and its outcome is recorded after the reply is parsed or the time is up.
import { payloadOf } from '../base/payload.ts';
import { sharedRowOf } from '../base/shared-row.ts';
import type { LedgerWriter } from '../evidence/ledger/ledger.ts';
import {
  LATE_START_MS,
  NO_NODE,
  OPERATION_FLAG,
  OPERATION_KIND,
  OUTCOME,
} from '../evidence/ledger/operation.ts';
import type { ResolvedAddress } from '../gslb/resolver.ts';
import type { Clock } from '../host/clock.ts';
import type { AddressBook } from './address-book.ts';
import { type DueOperation, clientOf } from './writer-ids.ts';
import type { Tally } from './tally.ts';
import {
  bareReply,
  type OutgoingRequest,
  type Reply,
  type Transport,
} from './transport/transport.ts';

/** An operation that started later than this, or not at all, is the runner's fault. */

export interface AttemptsOptions {
  readonly clock: Clock;
  readonly ledger: LedgerWriter;
  readonly book: AddressBook;
  readonly transport: Transport;
  readonly tally: Tally;
  readonly seed: number;
  readonly payload_bytes: number;
  /** Rows that updates choose from. */
  readonly shared_rows: number;
  readonly timeout_ms: number;
  /** The most operations that may be in flight. */
  readonly room: number;
  /** Node names by the numbers that ledger records hold. */
  readonly nodes: readonly string[];
}

interface Attempt {
  readonly operation: DueOperation;
  readonly flags: number;
  sent_ms: number;
  isOver: boolean;
  /** Whether the request may have left. */
  giveUp: () => boolean;
}

/** Keeps the operations in flight, from their begin to their outcome. */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #nodeNumbers: ReadonlyMap<string, number>;
  /** Attempts in the order of their sends, which is that of their time limits. */
  #sent: Attempt[] = [];
  #inFlight = 0;
  #isAbandoned = false;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#nodeNumbers = new Map(options.nodes.map((node, number) => [node, number]));
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Begins operations that are due, with one write to the ledger for all that can go out now. */
  begin(operations: readonly DueOperation[]): void {
    const { book, clock, room } = this.#options;
    const now = clock.now();
    const ready: { attempt: Attempt; address: ResolvedAddress }[] = [];
    for (const operation of operations) {
      const flags = now - operation.scheduled_ms > LATE_START_MS ? OPERATION_FLAG.late_start : 0;
      if (this.#inFlight >= room) {
        // So late, nobody knows whether there was a slot when it was due: a runner that stood still
        // fills them all by itself. The flag stays, which can only make a run inconclusive.
        this.#unsent(operation, flags, 'no free slot');
        continue;
      }
      this.#inFlight += 1;
      const attempt = { operation, flags, sent_ms: NaN, isOver: false, giveUp: () => true };
      const address = operation.address ?? book.next(clientOf(operation));
      if (address === null) this.#beginAfterLookUp(attempt);
      else ready.push({ attempt, address });
    }
    this.#send(ready);
  }

  /**
   * Ends what was sent longer ago than the timeout, and discards its connection: unknown, or
   * refused where the request never left.
   */
  sweep(now_ms: number): void {
    const { timeout_ms } = this.#options;
    let over = 0;
    for (const attempt of this.#sent) {
      if (!attempt.isOver && now_ms - attempt.sent_ms < timeout_ms) break;
      over += 1;
      if (attempt.isOver) continue;
      const within = `within ${timeout_ms} ms`;
      const reply = attempt.giveUp()
        ? bareReply(OUTCOME.unknown, `no reply ${within}`)
        : bareReply(OUTCOME.refused, `no connection ${within}`);
      this.#end(attempt, reply);
    }
    if (over > 0) this.#sent = this.#sent.slice(over);
  }

  /** Records nothing any more: the ledger is about to be closed. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  #send(ready: readonly { attempt: Attempt; address: ResolvedAddress }[]): void {
    if (ready.length === 0) return;
    const { clock, ledger, transport } = this.#options;
    for (const { attempt } of ready) {
      attempt.sent_ms = clock.now();
      const { kind, writer, sequence, scheduled_ms } = attempt.operation;
      ledger.send({ kind, writer, sequence, scheduled_ms, sent_ms: attempt.sent_ms });
      this.#sent.push(attempt);
    }
    ledger.flush();
    for (const { attempt, address } of ready) {
      const request = this.#requestOf(attempt.operation);
      attempt.giveUp = transport.send(address, request, (reply) => this.#end(attempt, reply));
    }
  }

  #requestOf({ kind, writer, row }: DueOperation): OutgoingRequest {
    const { seed, payload_bytes, shared_rows } = this.#options;
    const payload = payloadOf(seed, writer, row, payload_bytes);
    const request = { isRead: kind === OPERATION_KIND.read, writer, sequence: row, payload };
    if (kind !== OPERATION_KIND.update) return request;
    return { ...request, stock: sharedRowOf(seed, writer, row, shared_rows) };
  }

  /** Nothing is sent without an answer of DNS; the lookup has a time limit of its own. */
  #beginAfterLookUp(attempt: Attempt): void {
    void this.#options.book.lookUp(clientOf(attempt.operation)).then((address) => {
      if (this.#isAbandoned) return;
      if (address !== null) return this.#send([{ attempt, address }]);
      this.#inFlight -= 1;
      this.#unsent(attempt.operation, attempt.flags, 'no answer from DNS');
    });
  }

  #unsent(operation: DueOperation, flags: number, detail: string): void {
    const { ledger, tally } = this.#options;
    ledger.unsent({ ...operation, sent_ms: NaN }, flags);
    tally.ended(OUTCOME.unsent, null);
    operation.onEnd?.({ outcome: OUTCOME.unsent, node: null, detail });
  }

  #end(attempt: Attempt, reply: Reply): void {
    if (attempt.isOver || this.#isAbandoned) return;
    attempt.isOver = true;
    this.#inFlight -= 1;
    const { clock, ledger, tally } = this.#options;
    const { kind, writer, sequence, onEnd } = attempt.operation;
    const { outcome, node, timeline, isWrongRead, isUnprotected = false, detail } = reply;
    const done_ms = clock.now();
    ledger.outcome({
      kind,
      writer,
      sequence,
      outcome,
      done_ms,
      node: (node === null ? undefined : this.#nodeNumbers.get(node)) ?? NO_NODE,
      timeline,
      flags:
        attempt.flags |
        (isWrongRead ? OPERATION_FLAG.wrong_read : 0) |
        (isUnprotected ? OPERATION_FLAG.unprotected : 0),
    });
    tally.ended(outcome, done_ms - attempt.sent_ms);
    onEnd?.({ outcome, node, detail });
  }
}

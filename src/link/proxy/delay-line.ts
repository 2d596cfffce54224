// Chunks that wait for their moment, always in the order in which they came: a later chunk with an
// earlier moment waits for the one before it, so no jitter can change the order of bytes.
import { hostNow } from '../../host/clock.ts';
import type { Stage, StageOutput } from './toxic.ts';

interface Waiting {
  readonly chunk: Buffer;
  readonly due_ms: number;
}

export interface DelayLineOptions {
  readonly output: StageOutput;
  /** Holding this many bytes or more, the line is full. */
  readonly full_bytes: number;
  /** Hands on one chunk per turn of the event loop, so that each leaves in a packet of its own. */
  readonly isOnePerTurn?: boolean;
  /** Queues the chunk, whole or in parts. */
  cut(chunk: Buffer, now_ms: number, queue: (part: Buffer, due_ms: number) => void): void;
}

const TIMER_MAX_MS = 2 ** 31 - 1;

export class DelayLine implements Stage {
  readonly #options: DelayLineOptions;
  #waiting: Waiting[] = [];
  #first = 0;
  #held_bytes = 0;
  #hasEnd = false;
  /** Ends the wait for the first chunk's moment; null: nothing is waited for. */
  #stopWaiting: (() => void) | null = null;

  constructor(options: DelayLineOptions) {
    this.#options = options;
  }

  take(chunk: Buffer): void {
    this.#options.cut(chunk, hostNow(), (part, due_ms) => {
      this.#waiting.push({ chunk: part, due_ms });
      this.#held_bytes += part.length;
    });
    this.#emitDue();
  }

  end(): void {
    this.#hasEnd = true;
    this.#emitDue();
  }

  release(): void {
    this.#stop();
    while (this.#first < this.#waiting.length) this.#emitFirst();
    this.#emitEnd();
  }

  discard(): void {
    this.#stop();
    this.#waiting = [];
    this.#first = 0;
    this.#held_bytes = 0;
    this.#hasEnd = false;
  }

  isFull(): boolean {
    return this.#held_bytes >= this.#options.full_bytes;
  }

  #emitDue(): void {
    if (this.#stopWaiting !== null) return;
    for (;;) {
      const first = this.#waiting[this.#first];
      if (first === undefined) return this.#emitEnd();
      const wait_ms = first.due_ms - hostNow();
      if (wait_ms > 0) return this.#arm(wait_ms);
      this.#emitFirst();
      if (this.#options.isOnePerTurn) return this.#arm(0);
    }
  }

  /** Timers count whole milliseconds; shorter waits take turns of the event loop. */
  #arm(wait_ms: number): void {
    const again = () => {
      this.#stopWaiting = null;
      this.#emitDue();
    };
    if (wait_ms === 0 || (wait_ms < 1 && this.#options.isOnePerTurn)) {
      const immediate = setImmediate(again);
      this.#stopWaiting = () => clearImmediate(immediate);
    } else {
      const timer = setTimeout(again, Math.min(TIMER_MAX_MS, Math.ceil(wait_ms)));
      this.#stopWaiting = () => clearTimeout(timer);
    }
  }

  #emitFirst(): void {
    const first = this.#waiting[this.#first]!;
    this.#first += 1;
    this.#held_bytes -= first.chunk.length;
    if (this.#first === this.#waiting.length || this.#first === 1024) {
      this.#waiting.splice(0, this.#first);
      this.#first = 0;
    }
    this.#options.output.write(first.chunk);
  }

  #emitEnd(): void {
    if (!this.#hasEnd) return;
    this.#hasEnd = false;
    this.#options.output.end();
  }

  #stop(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
  }
}

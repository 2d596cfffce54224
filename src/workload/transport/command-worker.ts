// One program of a team's own that clients write through: started, handed a write, listened to, and
// started again when it has died, at a bounded pace.
import { spawn, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import type { CommandWay } from '../../drill/attached/own-way.ts';
import { OUTCOME } from '../../evidence/ledger/operation.ts';
import { hostNow } from '../../host/clock.ts';
import { describeExit, type ProcessExit } from '../../host/process/detached.ts';
import { killCommand } from '../../host/process/end-within.ts';
import { LINE_TOO_LONG, readLines } from '../../host/process/read-lines.ts';
import { bareReply, type OutgoingRequest, type Reply } from './transport.ts';

/** From one start to the next; longer each time that one ends without an answer. */
const PACE_MS = 250;
const PACE_MAX_MS = 5_000;
const SHOWN = 80;

/** A write that waits for a program, or is in the hands of one. */
export interface Job {
  readonly request: OutgoingRequest;
  readonly onReply: (reply: Reply) => void;
  /** Null: the write has not left. */
  worker: Worker | null;
}

interface WorkerOptions {
  readonly onFree: (worker: Worker) => void;
  readonly tell: (text: string) => void;
  /** The server of that name; null: there is none. */
  readonly nodeOf: (name: string) => string | null;
}

export class Worker {
  readonly #way: CommandWay;
  readonly #options: WorkerOptions;
  #child: ChildProcess | null = null;
  #job: Job | null = null;
  #isHeardOut = true;
  #started_ms = -Infinity;
  /** Lives one after another that ended without an answer. */
  #fruitless = 0;
  #isClosed = false;

  constructor(way: CommandWay, options: WorkerOptions) {
    this.#way = way;
    this.#options = options;
  }

  get isFree(): boolean {
    return this.#child?.pid !== undefined && this.#job === null && this.#isHeardOut;
  }

  start(): void {
    if (this.#isClosed) return;
    const [file = '', ...args] = this.#way.command;
    this.#started_ms = hostNow();
    // In a session of its own: the clients go before what is measured, and it is a part of that.
    const child = spawn(file, args, {
      env: this.#way.environment,
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    let exit: ProcessExit = { code: null, signal: null };
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      // What it has said before stands in the pipe still.
      if (this.#child === child && this.#job === null) this.#gone(child, exit);
    });
    child.once('close', () => this.#gone(child, exit));
    child.once('error', ({ message }) => {
      this.#gone(child, { code: null, signal: null, error: message });
    });
    child.stdin.on('error', () => {}); // its end shows
    const isCurrent = () => this.#child === child;
    readLines(
      child.stdout,
      (line) => isCurrent() && this.#heard(line),
      () => isCurrent() && this.#noAnswer(`it said ${LINE_TOO_LONG}`),
    );
    this.#child = child;
    if (child.pid === undefined) return;
    usualPriority(child.pid);
    if (this.isFree) this.#options.onFree(this);
  }

  take(job: Job): void {
    const { writer, sequence, payload } = job.request;
    this.#job = job;
    job.worker = this;
    const line = { run: this.#way.run, writer, sequence, payload };
    this.#child!.stdin!.write(`${JSON.stringify(line)}\n`);
  }

  /** Nobody waits for that write any more: the program goes, and another one comes. */
  giveUp(job: Job): void {
    if (this.#job !== job) return;
    this.#job = null;
    this.#end();
  }

  close(): void {
    this.#isClosed = true;
    this.#end();
  }

  #heard(line: string): void {
    const job = this.#job;
    const shown = JSON.stringify(line.slice(0, SHOWN));
    if (job === null) {
      // A line that is out of step would be taken for the answer to the next write.
      this.#options.tell(`it said ${shown}, and had nothing in hand`);
      return this.#end();
    }
    const reply = replyIn(line, job.request);
    if (reply !== null) {
      this.#fruitless = 0;
      const node = reply.node === null ? null : this.#options.nodeOf(reply.node);
      return this.#settle(job, { ...reply, node });
    }
    this.#noAnswer(`it said ${shown} of ${job.request.writer}-${job.request.sequence}`);
  }

  /** The program goes; of a write in its hands nobody knows. */
  #noAnswer(detail: string): void {
    const job = this.#job;
    this.#options.tell(`${detail}, which is no answer`);
    this.#job = null;
    this.#end();
    job?.onReply(bareReply(OUTCOME.unknown, detail));
  }

  /** What else it has said by now is heard before it is handed another write. */
  #settle(job: Job, reply: Reply): void {
    this.#job = null;
    this.#isHeardOut = false;
    job.onReply(reply);
    setImmediate(() => {
      this.#isHeardOut = true;
      if (this.isFree) this.#options.onFree(this);
    });
  }

  /** It has ended by itself, or never began. */
  #gone(child: ChildProcess, exit: ProcessExit): void {
    if (this.#child !== child) return;
    const job = this.#job;
    this.#child = null;
    this.#job = null;
    this.#fruitless += 1;
    this.#options.tell(`it ended (${describeExit(exit)})`);
    this.#startLater();
    job?.onReply(bareReply(OUTCOME.unknown, `it ended (${describeExit(exit)})`));
  }

  #end(): void {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    killCommand(child);
    child.stdin?.destroy();
    child.stdout?.destroy();
    this.#startLater();
  }

  #startLater(): void {
    if (this.#isClosed) return;
    const pace_ms = Math.min(
      PACE_MAX_MS,
      PACE_MS * 2 ** Math.min(Math.max(0, this.#fruitless - 1), 10),
    );
    const wait_ms = Math.max(0, this.#started_ms + pace_ms - hostNow());
    setTimeout(() => this.start(), wait_ms).unref();
  }
}

/** The clients run before all else on a machine that is busy; what they write through does not. */
function usualPriority(pid: number): void {
  try {
    setPriority(pid, 0);
  } catch {
    // it has ended already
  }
}

const OUTCOMES: Readonly<Record<string, number>> = {
  acknowledged: OUTCOME.acknowledged,
  refused: OUTCOME.refused,
  unknown: OUTCOME.unknown,
};

interface Answer {
  readonly writer?: unknown;
  readonly sequence?: unknown;
  readonly outcome?: unknown;
  readonly node?: unknown;
}

/** Null: it is no answer to that request. */
function replyIn(line: string, { writer, sequence }: OutgoingRequest): Reply | null {
  let answer: Answer | null;
  try {
    answer = JSON.parse(line) as Answer | null;
  } catch {
    return null;
  }
  if (typeof answer !== 'object' || answer === null) return null;
  const isOfIt = answer.sequence === sequence && (answer.writer ?? writer) === writer;
  const outcome = OUTCOMES[String(answer.outcome)];
  if (!isOfIt || outcome === undefined) return null;
  const node = typeof answer.node === 'string' ? answer.node : null;
  return { ...bareReply(outcome, `it said ${line.slice(0, SHOWN)}`), node };
}

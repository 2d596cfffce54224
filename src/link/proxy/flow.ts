// One direction of one connection: bytes go from a source socket through the stages of its toxics
// to a destination. Without toxics a chunk is written on as it was read; a destination that is slow
// pauses the source.
import type { Socket } from 'node:net';
import type { ActiveToxic } from './toxic-list.ts';
import type { Stage, StageContext, StageOutput } from './toxic.ts';

interface Node {
  readonly toxic: ActiveToxic;
  readonly memory: StageContext['memory'];
  /** Null where the toxicity spared this connection. */
  stage: Stage | null;
}

export interface FlowOptions {
  readonly source: Socket;
  readonly destination: Socket;
  readonly chance: () => number;
  /** A toxic asks for RST on both sockets. */
  readonly onReset: () => void;
}

export class Flow {
  readonly #options: FlowOptions;
  readonly #source: Socket;
  readonly #destination: Socket;
  #nodes: Node[] = [];
  #isSourceEnded = false;
  /** The source is closed for good, so the destination is closed, not just ended. */
  #isLast = false;
  #isOver = false;

  constructor(options: FlowOptions, toxics: readonly ActiveToxic[]) {
    this.#options = options;
    this.#source = options.source;
    this.#destination = options.destination;
    for (const toxic of toxics) this.addToxic(toxic);
    this.#source.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#source.once('end', () => this.#sourceEnded());
    this.#source.once('close', () => this.#sourceClosed());
    this.#destination.on('drain', () => this.#resumeSource());
    this.#destination.once('close', () => this.#abandon());
    this.#source.resume();
  }

  addToxic(toxic: ActiveToxic): void {
    if (this.#isOver) return;
    const node: Node = { toxic, memory: { passed_bytes: 0 }, stage: null };
    this.#nodes.push(node);
    this.#begin(node);
  }

  /** The toxic's settings or toxicity changed; the dice are thrown again. */
  updateToxic(toxic: ActiveToxic): void {
    const node = this.#nodes.find((node) => node.toxic === toxic);
    if (node === undefined) return;
    const before = node.stage;
    node.stage = null;
    before?.release();
    this.#begin(node);
    this.#resumeSource();
  }

  removeToxic(toxic: ActiveToxic): void {
    const node = this.#nodes.find((node) => node.toxic === toxic);
    if (node === undefined) return;
    node.stage?.release();
    if (node.stage !== null && toxic.kind.isClosingOnRemoval) this.#close();
    this.#nodes = this.#nodes.filter((other) => other !== node);
    this.#resumeSource();
  }

  #begin(node: Node): void {
    const { chance, onReset } = this.#options;
    if (this.#isOver || chance() >= node.toxic.toxicity) return;
    const output: StageOutput = {
      write: (chunk) => this.#writeAfter(node, chunk),
      end: () => this.#endAfter(node),
      close: () => this.#close(),
      reset: onReset,
    };
    const { toxic, memory } = node;
    node.stage = toxic.kind.begin(toxic.settings, { output, chance, memory });
  }

  #take(chunk: Buffer): void {
    if (this.#nodes.length === 0) return this.#write(chunk);
    this.#writeAfter(null, chunk);
    if (this.#isFull()) this.#source.pause();
  }

  /** To the first stage behind the node (null: behind the source), else to the destination. */
  #writeAfter(node: Node | null, chunk: Buffer): void {
    const next = this.#stageAfter(node);
    if (next === undefined) this.#write(chunk);
    else next.take(chunk);
    if (node !== null) this.#resumeSource();
  }

  #endAfter(node: Node | null): void {
    const next = this.#stageAfter(node);
    if (next === undefined) this.#end();
    else next.end();
  }

  #stageAfter(node: Node | null): Stage | undefined {
    const from = node === null ? 0 : this.#nodes.indexOf(node) + 1;
    return this.#nodes.slice(from).find(({ stage }) => stage !== null)?.stage ?? undefined;
  }

  #write(chunk: Buffer): void {
    if (this.#isOver) return;
    if (!this.#destination.write(chunk)) this.#source.pause();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#finish();
    if (this.#isLast) this.#destination.destroySoon();
    else this.#destination.end();
  }

  /** What comes from the source after this goes nowhere, so that it can end. */
  #close(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#destination.destroySoon();
    this.#source.resume();
  }

  #sourceEnded(): void {
    if (this.#isSourceEnded) return;
    this.#isSourceEnded = true;
    this.#endAfter(null);
  }

  #sourceClosed(): void {
    this.#isLast = true;
    this.#sourceEnded();
    if (this.#isOver) this.#destination.destroySoon();
  }

  #abandon(): void {
    this.#finish();
    this.#source.resume();
  }

  #finish(): void {
    this.#isOver = true;
    for (const { stage } of this.#nodes) stage?.discard();
    this.#nodes = [];
  }

  #isFull(): boolean {
    return this.#nodes.some(({ stage }) => stage?.isFull());
  }

  #resumeSource(): void {
    if (!this.#source.isPaused() || this.#destination.writableNeedDrain || this.#isFull()) return;
    this.#source.resume();
  }
}

// A watch on every server of a system of somebody's own, from its first look to the end of the
// run: who takes writes, when that changes, and whether two do at the same time.
import { EventEmitter, once } from 'node:events';
import type { Emit, EventBodies } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import type { ServerLook } from '../../evidence/events/server-look.ts';
import type { Spent } from '../../postgres/own/server.ts';

const EVERY_MS = 250;
const LED_MS = 10_000;

/** Looks at one server, again and again. */
export interface LooksAt {
  readonly server: { readonly node: string };
  look(): Promise<ServerLook>;
  /** By all looks so far. */
  readonly spent: Spent;
  close(): Promise<void>;
}

type Overlap = EventBodies['primaries.overlapped'];

interface WatchOptions {
  readonly lookers: readonly LooksAt[];
  readonly clock: Clock;
  readonly emit: Emit;
  /** Hears of errors of drill's own. */
  readonly fail: (error: Error) => void;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #seen = new Map<string, ServerLook>();
  /** By node, when it was asked last and answered as a standby. */
  readonly #stood_ms = new Map<string, number>();
  /** By node, the first and the last look of those at which it took writes without a break. */
  readonly #reign = new Map<string, { readonly first: ServerLook; last: ServerLook }>();
  readonly #changes = new EventEmitter();
  readonly #over = new AbortController();
  /** Ends the pauses before the next looks; anew each time. */
  #hurry = new AbortController();
  #hurried_ms = -Infinity;
  readonly #looping: Promise<void>[] = [];
  /** Null: it never has. */
  #began_ms: number | null = null;
  /** Each time that two were primaries at once, by their names and when that began. */
  readonly #overlaps = new Map<string, Overlap>();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#changes.setMaxListeners(0);
  }

  /** Resolves after the first look at each. */
  async begin(): Promise<void> {
    const { lookers, clock, fail } = this.#options;
    this.#began_ms = clock.now();
    await Promise.all(lookers.map(async (looker) => this.#take(await looker.look())));
    for (const looker of lookers) {
      const looping = this.#loop(looker);
      looping.catch((bug: Error) => fail(bug));
      this.#looping.push(looping);
    }
  }

  /** The newest look at each server, in the order of the drill file. */
  get picture(): readonly ServerLook[] {
    return this.#options.lookers.map(({ server }) => this.#seen.get(server.node)!);
  }

  of(node: string): ServerLook | undefined {
    return this.#seen.get(node);
  }

  /**
   * Resolves to what `find` finds after some look, of which the next at each server begins now;
   * asks it at once too.
   */
  async until<T>(
    find: (picture: readonly ServerLook[]) => T | null,
    signal: AbortSignal,
  ): Promise<T> {
    this.#hurried_ms = this.#options.clock.now();
    this.#hurry.abort();
    this.#hurry = new AbortController();
    for (;;) {
      signal.throwIfAborted();
      const found = find(this.picture);
      if (found !== null) return found;
      await once(this.#changes, 'look', { signal });
    }
  }

  /**
   * Looks at each once more: the last looks tell how the system is left. Where none takes writes,
   * one that was just started has some time to.
   */
  async untilLed(): Promise<void> {
    if (this.#began_ms === null) return;
    const { clock } = this.#options;
    const over = new AbortController();
    const now_ms = clock.now();
    const isLed = (picture: readonly ServerLook[]) => {
      const isNew = picture.every(({ asked_ms }) => asked_ms > now_ms);
      return (isNew && picture.some(({ state }) => state === 'primary')) || null;
    };
    const late = clock.sleep(LED_MS, over.signal).catch(() => {});
    await Promise.race([this.until(isLed, over.signal).catch(() => {}), late]);
    over.abort();
  }

  /** Ends the looks; what two primaries there were is told to its end. */
  async end(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#looping);
    for (const overlap of this.#overlaps.values()) this.#tell(overlap);
    const { lookers, clock, emit } = this.#options;
    if (this.#began_ms !== null) {
      const nodes = lookers.map(({ server: { node }, spent }) => ({ node, ...spent }));
      emit('watch.ended', { over_ms: clock.now() - this.#began_ms, nodes });
    }
    await Promise.all(lookers.map((looker) => looker.close()));
  }

  async #loop(looker: LooksAt): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#over;
    let due_ms = clock.now() + EVERY_MS;
    for (;;) {
      const sooner = AbortSignal.any([signal, this.#hurry.signal]);
      await clock.sleep(due_ms - clock.now(), sooner).catch(() => {});
      if (signal.aborted) return;
      const now_ms = clock.now();
      const look = await looker.look();
      this.#take(look);
      due_ms = look.asked_ms < this.#hurried_ms ? 0 : now_ms + EVERY_MS;
    }
  }

  #take(look: ServerLook): void {
    const { node, state, timeline, detail, answered_ms } = look;
    const last = this.#seen.get(node);
    this.#seen.set(node, look);
    if (last?.state !== state || last.timeline !== timeline) {
      this.#options.emit('server.seen', { node, state, timeline, detail }, answered_ms);
    }
    if (state === 'primary') {
      const isNew = last !== undefined && last.state !== 'primary';
      if (isNew) {
        const not_before_ms = this.#stood_ms.get(node);
        const since = not_before_ms === undefined ? {} : { not_before_ms };
        const taken = { node, timeline: timeline ?? 0, ...since };
        this.#options.emit('database.writable', taken, answered_ms);
      }
    }
    if (state === 'standby') this.#stood_ms.set(node, look.asked_ms);
    this.#reigns(look);
    this.#changes.emit('look');
  }

  /** On one timeline and without a break in the looks, it was a primary all that time. */
  #reigns(look: ServerLook): void {
    const { node, state, timeline } = look;
    const known = this.#reign.get(node);
    if (state !== 'primary') return void this.#reign.delete(node);
    if (known === undefined || known.last.timeline !== timeline) {
      this.#reign.set(node, { first: look, last: look });
    } else known.last = look;
    for (const other of this.#reign.keys()) if (other !== node) this.#overlap(node, other);
  }

  #overlap(one: string, two: string): void {
    const both = [one, two].map((node) => this.#reign.get(node)!);
    const from_ms = Math.max(...both.map(({ first }) => first.answered_ms));
    const to_ms = Math.min(...both.map(({ last }) => last.asked_ms));
    if (to_ms <= from_ms) return;
    const nodes = [one, two].toSorted();
    // Another one begins where one of them was none in between.
    const key = `${nodes.join(' ')} ${from_ms}`;
    const isNew = !this.#overlaps.has(key);
    const overlap = { nodes, from_ms, to_ms };
    this.#overlaps.set(key, overlap);
    if (isNew) this.#tell(overlap);
  }

  #tell(overlap: Overlap): void {
    this.#options.emit('primaries.overlapped', overlap);
  }
}

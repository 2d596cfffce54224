// What watchers of a page are told: parts of it that have changed, a few times a second, the same
// bytes for all. A watcher that reads slowly is passed over until it has caught up, and then gets
// the page as it is by then; nothing is kept for it.
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../host/clock.ts';

/** A page that changes. */
export interface Source {
  /** HTML by the id of the element whose contents it is. */
  parts(): Promise<ReadonlyMap<string, string>> | ReadonlyMap<string, string>;
  /** Whether there is another page from now on. */
  isOver(): boolean;
}

const TICK_MS = 500;
/** So often, where nothing changes: a connection that is gone is noticed. */
const SIGN_OF_LIFE_TICKS = 20;
/** What a slow reader has not taken yet. */
const BEHIND_BYTES = 256 * 1024;
const WATCHERS_MAX = 1_000;

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
};

/** Of an answer that goes on. */
export type Watcher = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'writableLength'> & {
  on(event: 'close' | 'error', then: () => void): unknown;
};

class Feed {
  readonly #source: Source;
  readonly #watchers = new Map<Watcher, { isBehind: boolean }>();
  #shown: ReadonlyMap<string, string> = new Map();
  #ticks = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  add(watcher: Watcher): void {
    watcher.writeHead(200, HEADERS);
    // It gets all of the page with the next tick.
    watcher.write('retry: 2000\n\n');
    this.#watchers.set(watcher, { isBehind: true });
    watcher.on('close', () => this.#watchers.delete(watcher));
    watcher.on('error', () => this.#watchers.delete(watcher));
  }

  /** False where the page is over: nobody watches it any more. */
  async tick(): Promise<boolean> {
    if (this.#source.isOver()) {
      this.end('event: over\ndata: \n\n');
      return false;
    }
    const parts = await this.#source.parts();
    const changed = [...parts].filter(([id, html]) => this.#shown.get(id) !== html);
    this.#shown = parts;
    this.#ticks++;
    const isDue = this.#ticks % SIGN_OF_LIFE_TICKS === 0;
    const news = Buffer.from(changed.map(frameOf).join('') || (isDue ? ': \n\n' : ''));
    let whole: Buffer | null = null;
    for (const [watcher, standing] of this.#watchers) {
      if (watcher.writableLength > BEHIND_BYTES) standing.isBehind = true;
      else if (standing.isBehind) {
        whole ??= Buffer.from([...parts].map(frameOf).join(''));
        standing.isBehind = false;
        watcher.write(whole);
      } else if (news.length > 0) watcher.write(news);
    }
    return true;
  }

  end(last = ''): void {
    for (const watcher of this.#watchers.keys()) watcher.end(last);
    this.#watchers.clear();
  }
}

function frameOf([id, html]: readonly [string, string]): string {
  return `event: part\ndata: ${JSON.stringify({ id, html })}\n\n`;
}

/** All feeds, which tick while somebody watches one. */
export class Feeds {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #tell: (text: string) => void;
  readonly #feeds = new Map<string, Feed>();
  readonly #closed = new AbortController();
  #isTicking = false;

  /** `tell` hears of what went wrong. */
  constructor(clock: Pick<Clock, 'sleep'>, tell: (text: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** False where there are too many watchers. `key` names the page. */
  watch(key: string, watcher: Watcher, sourceOf: () => Source): boolean {
    const all = [...this.#feeds.values()].reduce((sum, { watchers }) => sum + watchers, 0);
    if (all >= WATCHERS_MAX || this.#closed.signal.aborted) return false;
    const feed = this.#feeds.get(key) ?? new Feed(sourceOf());
    this.#feeds.set(key, feed);
    feed.add(watcher);
    void this.#tickAll();
    return true;
  }

  close(): void {
    this.#closed.abort();
    for (const feed of this.#feeds.values()) feed.end();
    this.#feeds.clear();
  }

  async #tick(key: string, feed: Feed): Promise<boolean> {
    try {
      return await feed.tick();
    } catch (error) {
      this.#tell(`${key}: ${(error as Error).stack ?? String(error)}`);
      feed.end(); // its watchers ask again
      return false;
    }
  }

  async #tickAll(): Promise<void> {
    if (this.#isTicking) return;
    this.#isTicking = true;
    try {
      while (this.#feeds.size > 0) {
        for (const [key, feed] of this.#feeds) {
          if (feed.watchers === 0 || !(await this.#tick(key, feed))) this.#feeds.delete(key);
        }
        await this.#clock.sleep(TICK_MS, this.#closed.signal);
      }
    } catch (error) {
      if (!this.#closed.signal.aborted) throw error;
    } finally {
      this.#isTicking = false;
    }
  }
}

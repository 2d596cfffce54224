// What watchers are told: once what changed, all the same, and nothing is kept for one who is slow.
import { expect } from 'chai';
import { Feeds, type Watcher } from '../../src/dashboard/live/feed.ts';
import { RateSpans } from '../../src/dashboard/live/rates.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** An answer whose reader takes what it is given, or not. */
class Reader implements Watcher {
  text = '';
  isSlow = false;
  isEnded = false;
  #close = () => {};
  get writableLength() {
    return this.isSlow ? 1_000_000 : 0;
  }
  on(event: string, then: () => void) {
    if (event === 'close') this.#close = then;
  }
  writeHead(): never {
    return this as never;
  }
  write(chunk: unknown) {
    this.text += String(chunk);
    return true;
  }
  end(last?: unknown): never {
    this.text += typeof last === 'string' ? last : '';
    this.isEnded = true;
    return this as never;
  }
  leave() {
    this.#close();
  }
  /** The parts that it was told since it was last asked, as `id=html`. */
  told() {
    const parts = [...this.text.matchAll(/data: (\{.*\})/g)].map(([, data]) => {
      const { id, html } = JSON.parse(data!) as { id: string; html: string };
      return `${id}=${html}`;
    });
    this.text = '';
    return parts;
  }
}

describe('a feed', () => {
  const make = () => {
    const clock = new ManualClock();
    const told: string[] = [];
    const feeds = new Feeds(clock, (text) => told.push(text));
    const state = { parts: { a: '1', b: '1' } as Record<string, string>, isOver: false, made: 0 };
    const source = () => ({
      isOver: () => state.isOver,
      parts: () => {
        state.made++;
        return new Map(Object.entries(state.parts));
      },
    });
    const join = (reader = new Reader()) => {
      expect(feeds.watch('page', reader, source)).to.equal(true);
      return reader;
    };
    const tick = async () => {
      await clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { feeds, state, told, join, tick };
  };

  it('tells whoever comes everything, and then only what changed, made once for all', async () => {
    const { state, join, tick } = make();
    const readers = Array.from({ length: 50 }, () => join());
    await tick();
    for (const reader of readers) expect(reader.told()).to.deep.equal(['a=1', 'b=1']);
    const made = state.made;
    state.parts = { a: '1', b: '2' };
    await tick();
    for (const reader of readers) expect(reader.told()).to.deep.equal(['b=2']);
    expect(state.made - made).to.equal(1);
    await tick();
    for (const reader of readers) expect(reader.told()).to.deep.equal([]);
  });

  it('keeps nothing for a slow reader, who gets the page as it is once there is room', async () => {
    const { state, join, tick } = make();
    const [slow, quick] = [join(), join()];
    await tick();
    slow.told();
    slow.isSlow = true;
    for (let at = 2; at < 50; at++) {
      state.parts = { ...state.parts, a: String(at) };
      await tick();
    }
    expect(slow.text).to.equal('');
    slow.isSlow = false;
    await tick();
    expect(slow.told()).to.deep.equal(['a=49', 'b=1']);
    expect(quick.told()).to.have.length(50);
  });

  it('ends with its page, makes nothing for nobody, and has room for so many', async () => {
    const { feeds, state, join, tick } = make();
    const reader = join();
    await tick();
    state.isOver = true;
    await tick();
    expect(reader.text).to.include('event: over');
    expect(reader.isEnded).to.equal(true);
    state.isOver = false;
    const left = join();
    await tick();
    left.leave();
    await tick();
    const { made } = state;
    await tick();
    await tick();
    expect(state.made).to.equal(made);
    const many = Array.from({ length: 1_000 }, () => join());
    const more = () => ({ isOver: () => false, parts: () => new Map() });
    expect(feeds.watch('page', new Reader(), more)).to.equal(false);
    feeds.close();
    expect(many.every(({ isEnded }) => isEnded)).to.equal(true);
    expect(feeds.watch('page', new Reader(), more)).to.equal(false);
  });

  it('tells of a page that cannot be made, and ends it', async () => {
    const { feeds, told, tick } = make();
    const reader = new Reader();
    feeds.watch('bad', reader, () => ({
      isOver: () => false,
      parts: () => {
        throw new Error('no such thing');
      },
    }));
    await tick();
    expect(reader.isEnded).to.equal(true);
    expect(told.join()).to.include('bad: Error: no such thing');
  });
});

type Sampled = Parameters<RateSpans['add']>[0];

describe('rates of a run that goes on', () => {
  const sample = (t: number, acknowledged: number, refused = 0): Sampled => ({
    event: 'workload.sampled',
    store: 'orders',
    t,
    rate_per_s: 100,
    acknowledged,
    refused,
    unknown: 0,
    unsent: 0,
    in_flight: 0,
    p99_ms: acknowledged,
    total_acknowledged: 0,
    lag_bytes: null,
  });

  it('are what was counted by the time in which it was', () => {
    const spans = new RateSpans();
    expect(spans.rates).to.equal(null);
    for (const [t, count] of [
      [1_000, 20],
      [1_200, 20],
      [1_400, 40],
      [1_600, 0],
    ] as const) {
      spans.add(sample(t, count, count === 0 ? 10 : 0));
    }
    const rates = spans.rates!;
    expect(rates.from_ms).to.equal(1_000);
    expect(rates.served_per_s).to.deep.equal([150, 0]);
    expect(rates.failed_per_s).to.deep.equal([0, 50]);
    expect(rates.p99_ms).to.deep.equal([40, 0]);
  });

  it('stay few however long a run lasts, and lose nothing', () => {
    const spans = new RateSpans();
    for (let t = 0; t <= 3_600_000; t += 200) spans.add(sample(t, 20));
    const { served_per_s, span_ms } = spans.rates!;
    expect(served_per_s.length).to.be.within(80, 160);
    for (const rate of served_per_s) expect(rate).to.be.closeTo(100, 1e-6);
    expect(served_per_s.length * span_ms).to.be.closeTo(3_600_000, span_ms);
  });
});

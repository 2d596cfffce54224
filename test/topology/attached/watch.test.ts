// Who takes writes on each server, by looks that a test plants: when that changes, and when two do
// at the same time.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { ServerLook, ServerState } from '../../../src/evidence/events/server-look.ts';
import { Watch, type LooksAt } from '../../../src/topology/attached/watch.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const EVERY_MS = 250;
const [EAST, WEST] = ['east/db1', 'west/db2'] as const;

type Seen = readonly [state: ServerState, timeline?: number];

/** Says what stands in its list, look by look, and its last word from then on. */
class PlantedLooks implements LooksAt {
  readonly server: { readonly node: string };
  readonly #clock: ManualClock;
  readonly #seen: readonly Seen[];
  #at = 0;
  isClosed = false;

  constructor(node: string, clock: ManualClock, seen: readonly Seen[]) {
    this.server = { node };
    this.#clock = clock;
    this.#seen = seen;
  }

  /** A statement of 2 ms each. */
  get spent() {
    return { statements: this.#at, spent_ms: 2 * this.#at, waited_ms: 3 * this.#at };
  }

  look(): Promise<ServerLook> {
    const [state, timeline = null] = this.#seen[Math.min(this.#at++, this.#seen.length - 1)]!;
    const now = this.#clock.now();
    const { node } = this.server;
    const times = { asked_ms: now, answered_ms: now };
    return Promise.resolve({ node, ...times, state, timeline, detail: state });
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

const primary = (timeline: number): Seen => ['primary', timeline];
const STANDBY: Seen = ['standby'];
const REFUSES: Seen = ['refuses'];

async function watched(looks: Readonly<Record<string, readonly Seen[]>>, rounds: number) {
  const clock = new ManualClock();
  const events: RunEvent[] = [];
  const lookers = Object.entries(looks).map(([node, seen]) => new PlantedLooks(node, clock, seen));
  const watch = new Watch({
    lookers,
    clock,
    emit: (event, body, t = clock.now()) => {
      events.push(Object.assign({ t, event }, body) as RunEvent);
    },
    fail: (error) => {
      throw error;
    },
  });
  await watch.begin();
  for (let round = 0; round < rounds; round++) await clock.advance(EVERY_MS);
  const of = (name: string) => events.filter(({ event }) => event === name);
  const end = async () => {
    const ended = watch.end();
    await clock.advance(EVERY_MS);
    await ended;
  };
  return { watch, clock, of, end, lookers };
}

describe('a watch on the servers of somebody’s own', () => {
  it('tells what each is, and what it becomes, once', async () => {
    const { of, end, lookers } = await watched(
      {
        [EAST]: [primary(1), primary(1), REFUSES, REFUSES, STANDBY],
        [WEST]: [STANDBY, STANDBY, STANDBY, primary(2)],
      },
      6,
    );
    await end();
    const seen = of('server.seen').map((each) => {
      const { node, state } = each as Extract<RunEvent, { event: 'server.seen' }>;
      return `${node} ${state}`;
    });
    expect(seen).to.deep.equal([
      `${EAST} primary`,
      `${WEST} standby`,
      `${EAST} refuses`,
      `${WEST} primary`,
      `${EAST} standby`,
    ]);
    expect(of('database.writable')).to.have.length(1);
    const since = { not_before_ms: 2 * EVERY_MS };
    expect(of('database.writable')[0]).to.include({
      ...{ node: WEST, timeline: 2, t: 3 * EVERY_MS, ...since },
    });
    expect(of('primaries.overlapped')).to.deep.equal([]);
    expect(lookers.every(({ isClosed }) => isClosed)).to.equal(true);
  });

  it('tells two that take writes at the same time, from when to when', async () => {
    const { of, end } = await watched(
      {
        [EAST]: [primary(1), primary(1), primary(1), primary(1), primary(1), REFUSES],
        [WEST]: [STANDBY, STANDBY, primary(2)],
      },
      8,
    );
    await end();
    const told = of('primaries.overlapped');
    expect(told.at(-1)).to.include({ from_ms: 2 * EVERY_MS, to_ms: 4 * EVERY_MS });
    expect(told.at(-1)).to.have.property('nodes').that.deep.equals([EAST, WEST]);
  });

  it('has no such word for a failover and the way back, however close they are', async () => {
    const { of, end } = await watched(
      {
        [EAST]: [primary(1), REFUSES, STANDBY, primary(3)],
        [WEST]: [STANDBY, primary(2), REFUSES, STANDBY],
      },
      5,
    );
    await end();
    expect(of('primaries.overlapped')).to.deep.equal([]);
    expect(of('database.writable')).to.have.length(2);
  });

  it('tells in the end what it took of each server', async () => {
    const { of, end } = await watched({ [EAST]: [primary(1)], [WEST]: [STANDBY] }, 7);
    await end();
    expect(of('watch.ended')).to.have.length(1);
    const nodes = [EAST, WEST].map((node) => ({
      node,
      statements: 8,
      spent_ms: 16,
      waited_ms: 24,
    }));
    expect(of('watch.ended')[0]).to.deep.include({ over_ms: 8 * EVERY_MS, nodes });
  });

  it('takes one write of both in the same round for no proof', async () => {
    const { of, end } = await watched(
      { [EAST]: [primary(1), primary(1), REFUSES], [WEST]: [STANDBY, primary(2)] },
      4,
    );
    await end();
    expect(of('primaries.overlapped')).to.deep.equal([]);
  });

  it('looks at once where somebody waits to see something, and then as ever', async () => {
    const { watch, end, lookers } = await watched(
      { [EAST]: [primary(1), primary(1), REFUSES], [WEST]: [STANDBY] },
      1,
    );
    const over = new AbortController();
    const seen = await watch.until((picture) => {
      return picture.find(({ state }) => state === 'refuses')?.asked_ms ?? null;
    }, over.signal);
    expect(seen).to.equal(EVERY_MS);
    expect(lookers[0]!.spent.statements).to.equal(3);
    await end();
  });

  it('sees in the end how the system is left, and waits a while for one that takes writes', async () => {
    const { watch, clock, end, of } = await watched(
      { [EAST]: [primary(1), primary(1), STANDBY, STANDBY, primary(2)], [WEST]: [STANDBY] },
      1,
    );
    const led = watch.untilLed();
    await clock.runUntil(led);
    await end();
    expect(of('server.seen').at(-1)).to.include({ node: EAST, state: 'primary', timeline: 2 });
  });

  it('waits for none for ever, and not where nobody has looked yet', async () => {
    const { watch, clock, end } = await watched({ [EAST]: [STANDBY], [WEST]: [STANDBY] }, 1);
    const began_ms = clock.now();
    await clock.runUntil(watch.untilLed());
    expect(clock.now() - began_ms).to.equal(10_000);
    await end();
    const nobody = new Watch({ lookers: [], clock, emit: () => {}, fail: () => {} });
    await nobody.untilLed();
  });

  it('waits until a picture shows what is asked for', async () => {
    const { watch, end } = await watched({ [EAST]: [primary(1)], [WEST]: [STANDBY] }, 1);
    const over = new AbortController();
    const found = await watch.until(
      (picture) => picture.find(({ state }) => state === 'standby')?.node ?? null,
      over.signal,
    );
    expect(found).to.equal(WEST);
    const never = watch.until(() => null, over.signal).catch((error: Error) => error.message);
    over.abort(new Error('enough'));
    expect(await never).to.match(/enough|aborted/);
    await end();
  });
});

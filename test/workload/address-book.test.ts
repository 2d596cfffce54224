// The writers' DNS caches: TTL, staggering, turns, and addresses that leave.
import { expect } from 'chai';
import { hostClock } from '../../src/host/clock.ts';
import { addressBook } from '../../src/workload/address-book.ts';

const EAST = { node: 'east/app-1', host: '127.0.0.1', port: 1, weight: 1 };
const EAST_2 = { node: 'east/app-2', host: '127.0.0.1', port: 2, weight: 1 };
const WEST = { node: 'west/app-1', host: '127.0.0.1', port: 3, weight: 1 };

function makeScene(seed = 1) {
  const scene = { now_ms: 0, answer: [EAST, EAST_2], lookUps: 0, kept: [] as string[][] };
  const book = addressBook({
    clock: { ...hostClock(), now: () => scene.now_ms },
    seed,
    resolve: () => {
      scene.lookUps += 1;
      return Promise.resolve({ addresses: scene.answer, ttl_s: 2 });
    },
    onAddresses: (addresses) => scene.kept.push([...addresses]),
  });
  return { scene, book };
}

/** When the writer's answer expires, to the millisecond, counted from 0. */
function expiryOf(writer: number, { scene, book }: ReturnType<typeof makeScene>): number {
  for (let ms = 0; ms <= 4000; ms++) {
    scene.now_ms = ms;
    if (book.next(writer) === null) return ms;
  }
  throw new Error('never expired');
}

describe('address book', () => {
  it('uses the addresses of an answer in turn', async () => {
    const { book } = makeScene();
    const first = await book.lookUp(1);
    const ports = [first, book.next(1), book.next(1), book.next(1)].map((address) => address?.port);
    expect(ports[0]).to.not.equal(ports[1]);
    expect(ports.slice(2)).to.deep.equal(ports.slice(0, 2));
  });

  it('spreads the first expiries of writers over the TTL, the same for the same seed', async () => {
    const expiries = async (seed: number) => {
      const at: number[] = [];
      for (let writer = 1; writer <= 16; writer++) {
        const made = makeScene(seed);
        await made.book.lookUp(writer);
        at.push(expiryOf(writer, made));
      }
      return at;
    };
    const at = await expiries(5);
    expect(Math.max(...at)).to.be.at.most(2000);
    expect(Math.max(...at) - Math.min(...at)).to.be.greaterThan(1000);
    expect(new Set(at).size).to.be.greaterThan(12);
    expect(await expiries(5)).to.deep.equal(at);
    expect(await expiries(6)).to.not.deep.equal(at);
  });

  it('keeps every later answer for exactly its TTL', async () => {
    const made = makeScene();
    await made.book.lookUp(1);
    made.scene.now_ms = 2000;
    await made.book.lookUp(1);
    made.scene.now_ms = 3999;
    expect(made.book.next(1)).to.not.equal(null);
    made.scene.now_ms = 4000;
    expect(made.book.next(1)).to.equal(null);
  });

  it('asks once for all operations of a writer that wait for the same answer', async () => {
    const { scene, book } = makeScene();
    await Promise.all([book.lookUp(1), book.lookUp(1), book.lookUp(1)]);
    expect(scene.lookUps).to.equal(1);
  });

  it('keeps a writer in one region of several, and uses all its addresses', async () => {
    const { scene, book } = makeScene();
    scene.answer = [EAST, EAST_2, WEST];
    for (let writer = 1; writer <= 8; writer++) {
      const seen = [(await book.lookUp(writer))!, book.next(writer)!, book.next(writer)!];
      const regions = new Set(seen.map(({ node }) => node.split('/')[0]));
      expect(regions.size).to.equal(1);
      const nodes = new Set(seen.map(({ node }) => node));
      expect(nodes.size).to.equal(regions.has('east') ? 2 : 1);
    }
  });

  it('moves writers when their region leaves the answer, and not back when it returns', async () => {
    const made = makeScene();
    const { scene, book } = made;
    const regions = async (answer: typeof scene.answer) => {
      scene.answer = answer;
      scene.now_ms += 2000;
      const found: string[] = [];
      for (let writer = 1; writer <= 16; writer++) {
        found.push((await book.lookUp(writer))!.node.split('/')[0]!);
      }
      return found;
    };
    const [first, again] = [await regions([EAST, WEST]), await regions([WEST, EAST])];
    expect(new Set(first)).to.deep.equal(new Set(['east', 'west']));
    expect(again).to.deep.equal(first);
    expect(new Set(await regions([WEST]))).to.deep.equal(new Set(['west']));
    expect(new Set(await regions([EAST, WEST]))).to.deep.equal(new Set(['west']));
  });

  it('names an address as gone only when no writer has it any more', async () => {
    const { scene, book } = makeScene();
    await book.lookUp(1);
    await book.lookUp(2);
    scene.answer = [WEST];
    await book.lookUp(1);
    expect(scene.kept.at(-1)).to.have.members(['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3']);
    await book.lookUp(2);
    expect(scene.kept.at(-1)).to.deep.equal(['127.0.0.1:3']);
  });
});

// The verdict on a run with two stores: each is judged by its own targets, and reasons name it.
import { expect } from 'chai';
import { assess } from '../../src/verdict/assess.ts';
import type { Gate, Result } from '../../src/verdict/result.ts';
import { acknowledged, EAST, rowOf, TIMES, type Op } from '../support/evidence/synthetic.ts';
import {
  evidenceOfTwo,
  someCarts,
  someOrders,
  twoStores,
  withTwoTargets,
  type StoreParts,
  type TwoParts,
} from '../support/evidence/two-stores.ts';

const result = (parts: TwoParts = {}) => assess(evidenceOfTwo(parts));
const verdicts = ({ gates }: Result) =>
  Object.fromEntries(gates.map(({ name, verdict }): [string, Gate['verdict']] => [name, verdict]));

/** Without the last `count` that were acknowledged before the fault. */
function without({ ops }: StoreParts, count: number): StoreParts {
  const all = acknowledged(ops);
  const before = all.filter(({ done_ms }) => done_ms! <= TIMES.faultStarted);
  const gone = new Set(before.slice(-count));
  return { ops, readings: { serving: all.filter((op) => !gone.has(op)).map(rowOf) } };
}

describe('the verdict on two stores', () => {
  it('is a pass when both kept what they acknowledged', () => {
    const { verdict, reasons, notes, gates, loss } = result();
    expect([verdict, reasons, notes]).to.deep.equal(['pass', [], []]);
    const names = gates.map(({ name }) => name);
    expect(names).to.deep.equal(['rto', 'rpo', 'redis.rpo', 'split_brain']);
    expect(Object.keys(loss!.stores)).to.deep.equal(['postgres', 'redis']);
    const { postgres, redis } = loss!.stores;
    expect(loss!.acknowledged).to.equal(postgres.acknowledged + redis!.acknowledged);
    expect(loss!.kept).to.equal(postgres.kept + redis!.kept);
  });

  const strict = withTwoTargets({ lost_writes: 0 }, { lost_writes: 0 });

  it('fails for a loss in Redis alone, with what was lost of it', () => {
    const failed = result({ carts: without(someCarts, 5), plan: strict });
    expect(failed.verdict).to.equal('fail');
    expect(failed.reasons).to.deep.equal(['Lost Redis writes: 5, and none is allowed.']);
    expect(verdicts(failed)).to.include({ lost_writes: 'pass', 'redis.lost_writes': 'fail' });
    expect(failed.loss).to.include({ lost: 5, rpo_ms: 96.5 });
    expect(failed.loss!.stores.postgres).to.include({ lost: 0, rpo_ms: 0 });
    expect(failed.loss!.stores.redis).to.include({ lost: 5, rpo_ms: 96.5 });
    expect(failed.loss!.lost_ids[0]).to.match(/^redis:\d+-\d+$/);
    expect(failed.loss!.stores.redis!.lost_ids[0]).to.match(/^\d+-\d+$/);
  });

  it('fails for a loss in PostgreSQL alone', () => {
    const failed = result({ orders: without(someOrders, 12), plan: strict });
    expect(failed.reasons).to.deep.equal(['Lost writes: 12, and none is allowed.']);
    expect(verdicts(failed)).to.include({ lost_writes: 'fail', 'redis.lost_writes': 'pass' });
  });

  it('fails by the RPO of either', () => {
    const tight = withTwoTargets({ rpo_ms: 90 }, { rpo_ms: 90 });
    const failed = result({ carts: without(someCarts, 5), plan: tight });
    expect(failed.reasons[0]).to.match(/^Redis RPO 97 ms is 7 ms over its target of 90 ms/);
    expect(verdicts(failed)).to.include({ rpo: 'pass', 'redis.rpo': 'fail' });
  });

  it('fails for a lie of Redis, even without any target for it', () => {
    const { ops } = someCarts;
    const serving = [...acknowledged(ops), acknowledged(ops)[3]!].map(rowOf);
    const plan = { ...twoStores, targets: { ...twoStores.targets, redis: null } };
    const failed = result({ carts: { ops, readings: { serving } }, plan });
    expect(failed.verdict).to.equal('fail');
    expect(failed.reasons[0]).to.match(/^Redis: 1 write is present more than once/);
  });

  it('fails for split-brain in either, whatever is not known of the other', () => {
    const late = { writer: 40, sequence: 1, scheduled_ms: 8_000, done_ms: 8_002, node: EAST };
    const extra: Op = { ...late, outcome: 'acknowledged', timeline: 0 };
    const carts = { ops: [...someCarts.ops, extra] };
    for (const orders of [someOrders, { ...someOrders, readings: {} }]) {
      const failed = result({ carts, orders });
      expect(failed.verdict).to.equal('fail');
      expect(verdicts(failed)['split_brain']).to.equal('fail');
      expect(failed.reasons[0]).to.contain('Split-brain writes: 1, and none is allowed');
    }
  });

  it('judges one store where nothing is known of the other, and has no sum', () => {
    const half = result({
      orders: without(someOrders, 12),
      carts: { ...someCarts, readings: {} },
      plan: withTwoTargets({ lost_writes: 0 }),
    });
    expect(half.verdict).to.equal('fail');
    expect(verdicts(half)).to.deep.equal({
      ...{ rto: 'pass', rpo: 'pass', lost_writes: 'fail' },
      ...{ 'redis.rpo': 'inconclusive', split_brain: 'inconclusive' },
    });
    expect(half.loss).to.equal(null);
    expect(half.notes).to.include('PostgreSQL: 12 acknowledged writes lost, of 3881.');
    expect(half.reasons.join()).to.contain('Redis: What survived in the serving database');
  });

  it('is no pass with too few carts to say that none was lost', () => {
    const few = someCarts.ops.map((op) => {
      const isBefore = op.scheduled_ms > 4_300 && op.scheduled_ms < TIMES.faultStarted;
      return isBefore ? { ...op, kind: 'read' as const } : op;
    });
    const open = result({ carts: { ops: few } });
    expect(open.verdict).to.equal('inconclusive');
    expect(verdicts(open)).to.include({ rpo: 'pass', 'redis.rpo': 'inconclusive' });
    expect(open.reasons.join()).to.match(
      /only \d+ Redis writes were .* Set workload\.carts to 20 /,
    );
    expect(open.notes.join()).to.match(/^Redis: Only \d+ writes acknowledged/);
  });

  const isOf = (store: string) => (event: object) => 'store' in event && event.store === store;
  const missing: readonly (readonly [string, RegExp])[] = [
    ['workload.stopped', /Redis: The clients were cut off before they had stopped/],
    ['workload.drained', /Redis: The clients were cut off before their last answers/],
    ['marker.written', /Redis: No marker was written/],
    ['survivors.read', /Redis: The journal does not say that the serving database was read/],
  ];
  for (const [name, reason] of missing) {
    it(`is no pass without ${name} of Redis`, () => {
      const open = result({ drop: (event) => event.event === name && isOf('carts')(event) });
      expect(open.verdict).to.equal('inconclusive');
      expect(open.reasons.join('\n')).to.match(reason);
    });
  }

  it('is no pass when the marker is missing in one of them', () => {
    const isMarker = ({ kind }: Op) => kind === 'marker';
    const unmarked = ({ ops }: StoreParts): StoreParts => {
      return {
        ops,
        readings: {
          serving: acknowledged(ops)
            .filter((op) => !isMarker(op))
            .map(rowOf),
        },
      };
    };
    const redis = result({ carts: unmarked(someCarts) });
    expect(redis.verdict).to.equal('inconclusive');
    expect(redis.reasons[0]).to.match(/^Redis: The marker 65535-1 is not among the survivors/);
    expect(verdicts(redis)).to.include({ rpo: 'pass', 'redis.rpo': 'inconclusive' });
    const postgres = result({ orders: unmarked(someOrders) });
    expect(postgres.reasons[0]).to.match(/^PostgreSQL: The marker 65535-1 is not among/);
    expect(verdicts(postgres)).to.include({ rpo: 'inconclusive', 'redis.rpo': 'pass' });
  });

  it('is no pass when a ledger belongs to the other store', () => {
    const evidence = evidenceOfTwo();
    const stores = evidence.stores.map((each) => ({ ...each, header: evidence.stores[0]!.header }));
    const { verdict, reasons } = assess({ ...evidence, stores });
    expect(verdict).to.equal('inconclusive');
    const words = 'ledger-redis.bin holds what was written to postgres, not to redis.';
    expect(reasons).to.include(words);
  });
});

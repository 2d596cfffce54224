// What people see of a run with two stores: each store's loss under its name, one load of both.
import { expect } from 'chai';
import type { RunEvent } from '../../src/evidence/event.ts';
import type { StoreRole } from '../../src/drill/plan/plan.ts';
import { eventLine } from '../../src/report/live/event-line.ts';
import { junitReporter } from '../../src/report/form/junit.ts';
import { liveFrame } from '../../src/report/live/live.ts';
import { advance, startProgress } from '../../src/report/live/progress.ts';
import { shortSummary, summaryText } from '../../src/report/summary/summary.ts';
import { makePaint } from '../../src/screen/paint.ts';
import { assess } from '../../src/verdict/assess.ts';
import {
  acknowledged,
  drive,
  fromEast,
  goneFor,
  rowOf,
  TIMES,
} from '../support/evidence/synthetic.ts';
import {
  driveCarts,
  evidenceOfTwo,
  someCarts,
  someOrders,
  twoStores,
  withTwoTargets,
  type StoreParts,
} from '../support/evidence/two-stores.ts';
import { untilTheFault } from '../support/evidence/planted-events.ts';

/** Without the last `count` that were acknowledged before the fault. */
function without({ ops }: StoreParts, count: number): StoreParts {
  const all = acknowledged(ops);
  const before = all.filter(({ done_ms }) => done_ms! <= TIMES.faultStarted);
  const gone = new Set(before.slice(-count));
  return { ops, readings: { serving: all.filter((op) => !gone.has(op)).map(rowOf) } };
}

const lost = assess(
  evidenceOfTwo({
    orders: without(someOrders, 12),
    carts: without(someCarts, 5),
    plan: withTwoTargets({}, { lost_writes: 3 }),
  }),
);
const options = {
  ...{ directory: `.drill/runs/${lost.id}`, commandName: 'drill', columns: 90 },
  ...{ hasColour: false, failure: null, story: null },
};

describe('the summary of a run with two stores', () => {
  const text = summaryText(lost, options);

  it('says in its first sentence how much was lost where', () => {
    const sentence = text.replace(/\s+/g, ' ');
    expect(sentence).to.contain(
      '17 acknowledged writes were lost (12 in PostgreSQL, 5 in Redis), the oldest 97 ms before the disaster.',
    );
  });

  it('has a section for each store, with its own numbers and ids', () => {
    const [, orders = '', carts = ''] = text.split(/Writes to /);
    expect(orders).to.match(/^PostgreSQL\n/);
    expect(orders).to.match(/3,881 +acknowledged +3,869 kept, 12 lost/);
    expect(orders).to.match(
      /Ids \(writer-sequence\), in\s+the\s+order\s+of\s+their\s+acknowledgements:\s+13-62[-\d\s]+and 4\s+more\./,
    );
    expect(carts).to.match(/^Redis\n/);
    expect(carts).to.match(/971 +acknowledged +966 kept, 5 lost/);
    expect(carts).to.match(/acknowledged in\s+the\s+last\s+97\s+ms/);
    expect(carts.match(/\d+-\d+ \d+-\d+ \d+-\d+ \d+-\d+ \d+-\d+\./)).not.to.equal(null);
  });

  it('shows the gate of each target under its name', () => {
    expect(text).to.match(/✓ {2}rpo +58 ms/);
    expect(text).to.match(/✓ {2}redis\.rpo +97 ms/);
    expect(text).to.match(/✗ {2}redis\.lost_writes +5 writes +target 3 writes +2 writes too many/);
    expect(shortSummary(lost, options)).to.contain('redis.lost_writes 5 writes (target 3 writes)');
  });

  it('says by how much the recovery may have taken longer for the store that is asked less', () => {
    const parts = {
      orders: { ops: drive(() => fromEast) },
      carts: { ops: driveCarts(goneFor(1_000)) },
    };
    const result = assess(evidenceOfTwo(parts));
    expect(result.recovery).to.include({ rto_ms: 987, rto_high_ms: 1_003.5 });
    expect(result.gates[0]).to.include({ name: 'rto', measured: 987, high: 1_003.5 });
    expect(summaryText(result, { ...options, columns: 100 })).to.match(
      /RTO +987 ms .*at most 7\.5 ms less or 17 ms more/,
    );
  });

  it('gives JUnit a case for each of them', async () => {
    let xml = '';
    const reporter = junitReporter({ write: (part) => (xml += part) });
    reporter.onResult?.(lost, '/runs/1');
    await reporter.onEnd?.();
    const cases = [...xml.matchAll(/<testcase [^>]*name="([^"]+)"/g)].map(([, name]) => name);
    expect(cases).to.deep.equal([
      ...['rto', 'rpo', 'redis.rpo', 'redis.lost_writes', 'split_brain', 'verdict'],
    ]);
  });
});

describe('the load of two stores', () => {
  const sample = { rate_per_s: 0, refused: 0, unknown: 0, unsent: 0, in_flight: 2 };
  const sampled = (store: StoreRole, t: number, more: object) =>
    ({
      ...{ t, event: 'workload.sampled', store, ...sample, p99_ms: 5, lag_bytes: 10 },
      ...{ acknowledged: 40, total_acknowledged: 400, ...more },
    }) as RunEvent;
  const progressOf = (events: readonly RunEvent[]) =>
    events.reduce(advance, startProgress(twoStores));

  it('is the sum of both, with the slower latency and the larger lag', () => {
    const progress = progressOf([
      sampled('orders', 2_000, {}),
      sampled('carts', 2_050, { acknowledged: 10 }),
      sampled('orders', 2_200, {}),
      sampled('carts', 2_250, { acknowledged: 10, p99_ms: 50, lag_bytes: 2_000, unknown: 1 }),
      sampled('orders', 2_400, { acknowledged: 38, total_acknowledged: 500 }),
    ]);
    expect(progress.sample).to.deep.include({
      ...{ acknowledged: 48, unknown: 1, in_flight: 4, p99_ms: 50, lag_bytes: 2_000 },
      total_acknowledged: 900,
    });
    // One step for each sample of the first store: 200/s, then 190/s and the 50/s of the carts.
    expect(progress.rates).to.deep.equal([200, 240]);
    const facts = { t: 2_500, columns: 100, rows: 24, paint: makePaint(false) };
    const frame = liveFrame(progress, facts);
    expect(frame).to.match(
      /240\/s of 250\/s served +5\/s failed +p99 50 ms +lag 2\.0 kB +4 in flight/,
    );
  });

  it('has no lag where that of one store is not known', () => {
    const progress = progressOf([
      sampled('orders', 2_000, {}),
      sampled('carts', 2_050, { lag_bytes: null, p99_ms: null }),
    ]);
    expect(progress.sample).to.deep.include({ lag_bytes: null, p99_ms: 5 });
  });

  it('is that of the one store where there is no other', () => {
    const plan = { ...twoStores, redis: null };
    const progress = untilTheFault.reduce(advance, startProgress(plan));
    expect(progress.rates).to.deep.equal([190]);
  });

  it('has its store named in what is told of it', () => {
    const seeded = (store: StoreRole) =>
      eventLine({ t: 1, event: 'seed.written', store, rows: 200 })!.text;
    expect(seeded('orders')).to.equal('200 rows written beforehand');
    expect(seeded('carts')).to.equal('200 rows written beforehand to Redis');
    const writable = (node: string, timeline: number) =>
      eventLine({ t: 1, event: 'database.writable', node, timeline })!.text;
    expect(writable('west/postgres', 2)).to.equal('west/postgres takes writes (timeline 2)');
    expect(writable('west/redis', 0)).to.equal('west/redis takes writes');
  });
});

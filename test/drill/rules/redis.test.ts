// What is said of a second store in a drill file, and what is planned with it.
import { expect } from 'chai';
import { describePlan } from '../../../src/drill/plan/describe-plan.ts';
import { explain } from '../../../src/drill/explain/explain.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { duePerSecond, storesOf } from '../../../src/drill/plan/plan.ts';
import { GOOD, heads, parse } from '../../support/plan/drill-file.ts';

const withRedis = (redis: string, targets = 'rto: 15s, rpo: 1s', more = '') =>
  `${GOOD.replace('rto: 15s, rpo: 1s', targets).replace('topology:', `topology:\n  redis: ${redis}`)}${more}`;

const ERRORS: readonly (readonly [string, string, string])[] = [
  [
    'targets of a store that is not there',
    GOOD.replace('rpo: 1s', 'redis: { rpo: 1s }'),
    'a.yaml:3:22: error: targets.redis: this system has no Redis; topology: { redis: {} } adds it',
  ],
  [
    'carts without a store for them',
    `${GOOD}workload: { carts: 10/s }\n`,
    'a.yaml:8:13: error: workload.carts: this system has no Redis; topology: { redis: {} } adds it',
  ],
  [
    'a workload that goes around the app',
    withRedis('{}', undefined, 'workload: { via: sql }\n'),
    'a.yaml:9:18: error: workload.via: via: sql goes around the orders service, which keeps the carts in Redis; use via: http, or leave out topology.redis',
  ],
  [
    'a WAIT that gives up before a round trip',
    withRedis('{ wait: 1, wait_timeout: 40ms }'),
    'a.yaml:5:35: error: topology.redis.wait_timeout: with wait: 1 no cart write would be acknowledged: a round trip over east-west takes 40 ms, and the limit is 40 ms',
  ],
  [
    'clients that give up before a round trip',
    withRedis('{ wait: 1 }', undefined, 'workload: { timeout: 30ms }\n'),
    'a.yaml:9:22: error: workload.timeout: with wait: 1 no cart write would be acknowledged: a round trip over east-west takes 40 ms, and the limit is 30 ms',
  ],
  [
    'more orders and carts together than the app serves',
    withRedis('{}', undefined, 'workload: { rate: 390/s }\n'),
    'a.yaml:9:19: error: workload.rate: 390/s and 50/s for carts is more than region east serves: 2 × 200/s = 400/s; there would be no steady state',
  ],
];

const WARNINGS: readonly (readonly [string, string, RegExp])[] = [
  [
    'zero loss without WAIT',
    withRedis('{}', 'rto: 15s, redis: { lost_writes: 0 }'),
    /^a\.yaml:3:44: warning: targets\.redis\.lost_writes: zero loss with wait: 0 is luck: .*wait: 1 makes a loss unlikely: .* Redis itself promises no more$/,
  ],
  [
    'an RPO of zero without WAIT',
    withRedis('{}', 'rto: 15s, redis: { rpo: 0s }'),
    /warning: targets\.redis\.rpo: zero loss with wait: 0 is luck/,
  ],
  [
    'an RPO of Redis that is shorter than the way to its replica',
    withRedis('{}', 'rto: 15s, redis: { rpo: 5ms }', 'workload: { carts: 100/s }\n'),
    /^a\.yaml:3:36: warning: targets\.redis\.rpo: with wait: 0 a write needs up to 22 ms .* expect this drill to fail; topology\.redis\.wait: 1 makes a loss unlikely; else raise the target to more than 22 ms$/,
  ],
  [
    'too few carts to prove zero loss',
    withRedis('{}', 'rto: 15s, redis: { rpo: 1s }', 'workload: { carts: 19/s }\n'),
    /^a\.yaml:9:20: warning: workload\.carts: about 19 cart writes are expected .* fewer than 20$/,
  ],
  [
    'carts whose outage would not show',
    withRedis('{}', undefined, 'workload: { carts: 2/s }\n'),
    /^a\.yaml:9:20: warning: workload\.carts: an outage of Redis alone would not count: 2\/s are no more than the 1%/,
  ],
  [
    'a dead disk that knows nothing',
    withRedis('{ appendonly: "no" }'),
    /^a\.yaml:5:24: warning: topology\.redis\.appendonly: .* without a second opinion$/,
  ],
  [
    'a latency that WAIT alone takes up',
    withRedis('{ wait: 1 }', 'rto: 15s, p99_latency: 40ms'),
    /^a\.yaml:3:35: warning: targets\.p99_latency: with wait: 1 every cart write takes longer: a round trip over east-west takes 40 ms/,
  ],
];

describe('a second store in a drill file', () => {
  for (const [title, text, message] of ERRORS) {
    it(`is refused with ${title}`, () => {
      expect(heads(text)).to.deep.equal([message]);
      expect(parse(text).drill).to.equal(null);
    });
  }

  for (const [title, text, message] of WARNINGS) {
    it(`is warned of with ${title}, and goes on`, () => {
      const [first, ...others] = heads(text);
      expect(first).to.match(message);
      expect(others).to.deep.equal([]);
      expect(parse(text).drill).not.to.equal(null);
    });
  }

  it('gives rise to no word where all is well', () => {
    const zero = withRedis('{ wait: 1 }', 'rto: 15s, redis: { rpo: 0s, lost_writes: 0 }');
    for (const text of [withRedis('{}'), withRedis('{ appendonly: always }'), zero]) {
      expect(heads(text)).to.deep.equal([]);
    }
  });

  it('is planned with its defaults, and adds to what is due', () => {
    const plan = planDrill(parse(withRedis('{}')).drill!, 1, 'abc');
    const { redis } = plan;
    expect(redis).to.deep.equal({
      ...{ appendonly: 'everysec', wait: 0, wait_timeout_ms: 500, carts_per_s: 50 },
    });
    expect(storesOf(plan)).to.deep.equal(['orders', 'carts']);
    expect(duePerSecond(plan)).to.equal(250);
    expect(duePerSecond({ ...plan, redis: null })).to.equal(200);
  });

  it('is told with its nodes, targets, load and what WAIT costs', () => {
    const text = withRedis('{ wait: 1 }', 'rto: 15s, redis: { rpo: 2s, lost_writes: 5 }');
    const told = describePlan(planDrill(parse(text).drill!, 1, 'abc'));
    expect(told.creates.nodes).to.include.members(['east/redis', 'west/redis']);
    expect(told.targets).to.include.members(['redis.rpo ≤ 2 s', 'redis.lost_writes ≤ 5']);
    expect(told.creates.redis).to.equal(
      'east → west, appendonly everysec, each write waits for 1 replica (40 ms over east-west, at most 500 ms)',
    );
    expect(told.creates.workload).to.contain('200/s and 50/s into carts by 16 writers');
    expect(told.recovery.steps).to.include('promote west/postgres and west/redis');
    expect(describePlan(planDrill(parse(GOOD).drill!, 1, 'abc')).creates).not.to.have.property(
      'redis',
    );
  });

  it('is explained key by key where it is there, and in one word where it is not', () => {
    const rows = (text: string) => {
      const { drill, layers } = parse(text);
      const values = explain(layers, planDrill(drill!, 1, 'abc'));
      return new Map(values.map(({ key, value, from }) => [key, `${value} (${from})`]));
    };
    const there = rows(withRedis('{ wait: 1 }'));
    expect(there.get('topology.redis.wait')).to.equal('1 (a.yaml:5:18)');
    expect(there.get('topology.redis.appendonly')).to.equal('everysec (default)');
    expect(there.get('workload.carts')).to.equal('50/s (default: with topology.redis)');
    const absent = rows(GOOD);
    expect(absent.get('topology.redis')).to.equal('null (not stated)');
    expect([...absent.keys()].filter((key) => key.startsWith('topology.redis.'))).to.be.empty;
  });
});

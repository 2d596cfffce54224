// Loss in two stores, each counted against what is known beforehand or seen by other eyes: a client
// of the test's own on the new primary, the commands in the dead one's append-only file.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { randomStream } from '../../../../src/base/random.ts';
import { STORES, type StoreRole } from '../../../../src/drill/stores.ts';
import { OPERATION_KIND, OUTCOME, SEED_WRITER } from '../../../../src/evidence/ledger/operation.ts';
import type { Evidence } from '../../../../src/evidence/evidence.ts';
import { rowsOf } from '../../../../src/measure/loss/classify.ts';
import { classesOf } from '../../../../src/measure/failback/failback-loss.ts';
import type { ClassName } from '../../../../src/drill/measurement.ts';
import { assess } from '../../../../src/verdict/assess.ts';
import { requireRedis } from '../../../support/servers/redis.ts';
import { planOf } from '../../../support/plan/plan-of.ts';
import { Scenario } from '../../../support/scenario/scenario.ts';
import { TEN_SEEDS, writeBaseLoad } from '../../../support/scenario/load.ts';
import { it, some } from '../../../support/commands.ts';
import { ordersIn } from '../../../../src/topology/system/region.ts';

const WRITES_MAX = 40;
const WRITERS = 8;

interface Settings {
  /** Written by themselves, when the test says so; as many of each store. */
  readonly rows?: number;
  readonly latency?: string;
  readonly redis?: string;
}

const drill = ({ rows = 0, latency = '2ms', redis = '{}' }: Settings) => `drill: 1
name: exact-loss
targets: { rto: 15s, redis: { lost_writes: 0 } }
topology:
  strategy: warm-standby
  regions:
    east: { role: active, app: { instances: 1, capacity: 5000/s } }
    west: { role: standby, app: { instances: 1, capacity: 5000/s } }
  redis: ${redis}
  links: { east-west: { latency: ${latency} } }
  gslb: { every: 50ms, timeout: 200ms, failures: 2, ttl: 1s }
workload: { rate: 100/s, carts: 100/s, writers: ${WRITERS}, payload: 64B, timeout: 1s, seed_rows: ${rows} }
faults:
  - { at: 0s, kind: lose-region, region: east }
`;

describe('the loss of a region with two stores', function () {
  this.timeout(60_000);
  before(function () {
    requireRedis(this);
  });

  const during = async (
    settings: Settings,
    seed: number,
    work: (scenario: Scenario) => Promise<void>,
  ) => {
    const scenario = await Scenario.up(planOf(drill(settings), seed));
    try {
      await work(scenario);
    } finally {
      expect(await scenario.down()).to.deep.equal([]);
    }
  };

  for (const [seed, it] of some(TEN_SEEDS, 1)) {
    const count = 1 + Math.floor(randomStream(seed)() * WRITES_MAX);
    it(`is, in each, what was written after the link was cut: ${count} (seed ${seed})`, async () => {
      await during({ rows: count }, seed, async (scenario) => {
        await writeBaseLoad(scenario, 300);
        await untilReplicated(scenario);
        await scenario.system.link('east-west').sever();
        expect(await scenario.load.seed()).to.equal(2 * count);
        await scenario.loseAndRecover();
        const old = cartsInFile(scenario);
        const evidence = await scenario.verify();
        expect(failedChecks(evidence)).to.deep.equal([]);
        const known = Array.from({ length: count }, (_, i) => `${SEED_WRITER}-${i + 1}`);
        const { stores } = assess(evidence).loss!;
        for (const store of ['orders', 'carts'] as const) {
          expect(idsOf(evidence, store, 'lost'), store).to.deep.equal(known.toSorted());
          const second = { only_old: count, unknown: 0, agrees: true, never_durable: 0 };
          expect(stores[STORES[store].written], store).to.deep.include({ lost: count, second });
        }
        const survivors = await cartsOnWest(scenario);
        const acknowledged = idsWith(evidence, 'carts', OUTCOME.acknowledged);
        const others = acknowledged.filter((id) => !known.includes(id));
        // A machine that does other things may answer too late what was written before.
        const unknown = new Set(idsWith(evidence, 'carts', OUTCOME.unknown));
        expect(survivors.filter((id) => !unknown.has(id))).to.deep.equal(others);
        expect(old.filter((id) => !survivors.includes(id))).to.deep.equal(known.toSorted());
      });
    });
  }

  for (const [seed, it] of some([1, 2, 3], 1)) {
    it(`under load is, in Redis, what only the old primary's file has (seed ${seed})`, async () => {
      await during({ latency: '100ms' }, seed, async (scenario) => {
        const { evidence, old } = await loseUnderLoad(scenario, () => cutWhileWritten(scenario));
        const serving = new Set(await cartsOnWest(scenario));
        const onlyOld = old.filter((id) => !serving.has(id));
        const acknowledged = new Set(idsWith(evidence, 'carts', OUTCOME.acknowledged));
        const lost = idsOf(evidence, 'carts', 'lost');
        expect(lost.length).to.be.above(0);
        expect(onlyOld.filter((id) => acknowledged.has(id))).to.deep.equal(lost);
        const unknown = new Set(idsWith(evidence, 'carts', OUTCOME.unknown));
        const rest = onlyOld.filter((id) => !acknowledged.has(id));
        expect(rest.filter((id) => !unknown.has(id))).to.deep.equal([]);
        expect(assess(evidence).loss?.stores.redis?.second?.agrees).to.equal(true);
      });
    });

    it(`is nothing in Redis where each write waited for the replica (seed ${seed})`, async () => {
      await during({ latency: '20ms', redis: '{ wait: 1 }' }, seed, async (scenario) => {
        const { evidence } = await loseUnderLoad(scenario);
        const serving = new Set(await cartsOnWest(scenario));
        const acknowledged = idsWith(evidence, 'carts', OUTCOME.acknowledged);
        expect(acknowledged.length).to.be.above(20);
        expect(acknowledged.filter((id) => !serving.has(id))).to.deep.equal([]);
        expect(assess(evidence).loss?.stores.redis).to.include({ lost: 0 });
      });
    });
  }

  it.full('has no second opinion on Redis that keeps no file, and says why', async () => {
    await during({ rows: 7, redis: '{ appendonly: no }' }, 1, async (scenario) => {
      await writeBaseLoad(scenario, 300);
      await untilReplicated(scenario);
      await scenario.system.link('east-west').sever();
      await scenario.load.seed();
      await scenario.loseAndRecover();
      const { postgres, redis } = assess(await scenario.verify()).loss!.stores;
      expect(postgres?.second?.agrees).to.equal(true);
      expect(redis).to.include({ lost: 7, second: null });
      expect(redis?.second_missing).to.match(/append-only file/);
    });
  });

  const tampering: readonly [string, ClassName, (west: Redis) => Promise<unknown>][] = [
    ['an update is dropped', 'lost', (west) => west.ltrim('cart:3', 1, -1)],
    ['an update is repeated', 'duplicated', repeatFirst],
    ['somebody else appends', 'unexpected', (west) => west.rpush('cart:3', '9999 x')],
    ['an update is altered', 'corrupt', (west) => west.lset('cart:3', 0, '1 x')],
    ['a cart is overwritten', 'unexpected', (west) => west.set('cart:3', 'empty')],
  ];
  for (const [[what, name, tamper], it] of some(tampering, 1)) {
    it(`shows when ${what}`, async () => {
      await during({}, 1, async (scenario) => {
        await writeBaseLoad(scenario, 300);
        await untilReplicated(scenario);
        await scenario.loseAndRecover();
        let first: string | undefined;
        await onWest(scenario, async (west) => {
          first = (await west.lindex('cart:3', 0))?.split(' ')[0];
          await tamper(west);
        });
        const evidence = await scenario.verify();
        const { loss, verdict } = assess(evidence);
        expect(loss?.stores.postgres).to.include({ lost: 0, unexpected: 0, corrupt: 0 });
        expect(loss?.stores.redis?.[name as 'lost']).to.be.above(0);
        if (name === 'lost') expect(idsOf(evidence, 'carts', 'lost')).to.deep.equal([`3-${first}`]);
        else expect(verdict).to.equal('fail');
      });
    });
  }
});

async function repeatFirst(west: Redis): Promise<void> {
  await west.rpush('cart:3', (await west.lindex('cart:3', 0))!);
}

async function loseUnderLoad(
  scenario: Scenario,
  before: () => Promise<void> = async () => {},
): Promise<{ evidence: Evidence; old: string[] }> {
  await scenario.load.begin();
  await scenario.run.clock.sleep(1_500);
  await before();
  await scenario.loseAndRecover();
  const old = cartsInFile(scenario);
  const evidence = await scenario.verify();
  expect(failedChecks(evidence)).to.deep.equal([]);
  return { evidence, old };
}

/**
 * Cuts the link and waits until more was written behind it than all clients together wait for, so
 * that something acknowledged is lost however busy the machine is.
 */
async function cutWhileWritten(scenario: Scenario): Promise<void> {
  await scenario.system.link('east-west').sever();
  const written = async () => (await on(scenario, 'east', cartsOf)).length;
  const atCut = await written();
  for (let i = 0; i < 500; i++) {
    if ((await written()) > atCut + 2 * WRITERS) return;
    await scenario.run.clock.sleep(10);
  }
  throw new Error('nobody wrote after the cut');
}

async function untilReplicated(scenario: Scenario): Promise<void> {
  const { system, run } = scenario;
  const [east, west] = [ordersIn(system.region('east')), ordersIn(system.region('west'))];
  const length = (redis: Redis) => redis.llen('cart:1');
  for (let i = 0; i < 500; i++) {
    const isThere = (await west.log!.position()) >= (await east.log!.position());
    const carts = [await on(scenario, 'east', length), await on(scenario, 'west', length)];
    if (isThere && carts[0] === carts[1] && (await isCaughtUp(scenario))) return;
    await run.clock.sleep(10);
  }
  throw new Error('a standby never caught up');
}

async function isCaughtUp(scenario: Scenario): Promise<boolean> {
  const carts = (redis: Redis) => cartsOf(redis);
  const [east, west] = [await on(scenario, 'east', carts), await on(scenario, 'west', carts)];
  return east.length === west.length;
}

function failedChecks({ events }: Evidence): string[] {
  return events
    .flatMap((event) => (event.event === 'verification.checked' ? event.checks : []))
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => `${name}: ${detail}`);
}

function of({ stores }: Evidence, store: StoreRole) {
  return stores.find((each) => each.store === store)!;
}

function idsOf(evidence: Evidence, store: StoreRole, name: ClassName): string[] {
  const { operations } = of(evidence, store);
  return rowsOf(classesOf(evidence, of(evidence, store))!, name)
    .map((row) => `${operations!.writer.at(row)}-${operations!.sequence.at(row)}`)
    .toSorted();
}

function idsWith(evidence: Evidence, store: StoreRole, outcome: number): string[] {
  const { count, kind, writer, sequence, outcome: outcomes } = of(evidence, store).operations!;
  return Array.from({ length: count }, (_, row) => row)
    .filter((row) => kind.at(row) !== OPERATION_KIND.read && outcomes.at(row) === outcome)
    .map((row) => `${writer.at(row)}-${sequence.at(row)}`)
    .toSorted();
}

async function on<T>(
  { system, run }: Scenario,
  region: string,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const nodes = system.region(region).nodes();
  const { host, port } = nodes.find(({ kind }) => kind === 'redis')!;
  const settings = readFileSync(join(run.place.scratch, `${region}-redis`, 'redis.conf'), 'utf8');
  const password = /^requirepass (.*)$/m.exec(settings)![1]!;
  const redis = new Redis({ host, port, password, lazyConnect: true });
  try {
    await redis.connect();
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

const onWest = <T>(scenario: Scenario, ask: (redis: Redis) => Promise<T>) =>
  on(scenario, 'west', ask);

/** Asked with a plain client, by none of drill's ways. */
async function cartsOf(redis: Redis): Promise<string[]> {
  const ids: string[] = [];
  for (const key of await redis.keys('cart:*')) {
    const items = await redis.lrange(key, 0, -1);
    ids.push(...items.map((item) => `${key.split(':')[1]}-${item.split(' ')[0]}`));
  }
  return ids.toSorted();
}

const cartsOnWest = (scenario: Scenario) => onWest(scenario, cartsOf);

/** The appends in the dead primary's file, before anybody opened it with a server. */
function cartsInFile({ run }: Scenario): string[] {
  const folder = join(run.place.scratch, 'east-redis', 'appendonlydir');
  const names = existing(folder).filter((name) => name.endsWith('.incr.aof'));
  const text = names.map((name) => readFileSync(join(folder, name), 'latin1')).join('');
  const append = /\r\nrpush\r\n\$\d+\r\ncart:(\d+)\r\n\$\d+\r\n(\d+) [a-p]+\r\n/gi;
  return [...text.matchAll(append)].map(([, writer, id]) => `${writer}-${id}`).toSorted();
}

function existing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

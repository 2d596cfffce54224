// When the warm-up ends: every store's clients must be served alike for a while.
import { expect } from 'chai';
import type { StoreRole } from '../../../src/drill/plan/plan.ts';
import { warmUp, type Warming } from '../../../src/engine/load/steady.ts';
import type { WorkloadSampled } from '../../../src/workload/protocol.ts';
import { plan } from '../../support/evidence/results.ts';
import { ContextInTest } from '../../support/system/run-context.ts';

const SAMPLE: WorkloadSampled = {
  ...{ at_ms: 0, rate_per_s: 50, acknowledged: 10, refused: 0, unknown: 0, unsent: 0 },
  ...{ in_flight: 1, p99_ms: 5, total_acknowledged: 10 },
};
const SILENT = { ...SAMPLE, acknowledged: 0, p99_ms: null };
const IDLE = { ...SILENT, in_flight: 0 };

/** Clients that were seen like this. */
function loadOf(samples: Partial<Record<StoreRole, WorkloadSampled[]>>): Warming {
  const stores = Object.values(samples).map((seen) => ({ samples: seen }));
  return { stores, begin: async () => {} };
}

async function settles(samples: Partial<Record<StoreRole, WorkloadSampled[]>>, at_most_ms = 1_000) {
  const test = new ContextInTest({ ...plan, warm_up: { at_most_ms } });
  const warming = warmUp(test.run, loadOf(samples));
  for (let i = 0; i < 30 + at_most_ms / 50; i++) await test.clock.advance(50);
  await warming;
  const ended = test.events.find(({ event }) => event === 'warm-up.ended');
  return ended as Extract<typeof ended, { event: 'warm-up.ended' }>;
}

describe('the warm-up', () => {
  const steady = [SAMPLE, SAMPLE, SAMPLE];

  it('is over at once when all clients are served alike', async () => {
    const { settled, ms } = await settles({ orders: steady, carts: steady });
    expect(settled).to.equal(true);
    expect(ms).to.be.below(1_000);
  });

  it('is not over while a service that is not quiet may be cold, however alike it is', async () => {
    const slow = { ...SAMPLE, p99_ms: 150 };
    const samples = { orders: [slow, slow, slow] };
    expect(await settles(samples)).to.include({ settled: false });
    const { settled, ms } = await settles(samples, 5_000);
    expect(settled).to.equal(true);
    expect(ms).to.be.within(2_000, 2_100);
  });

  it('is not over while the clients of one store are not served', async () => {
    for (const bad of [
      { ...SAMPLE, refused: 1 },
      { ...SAMPLE, unknown: 1 },
      { ...SAMPLE, unsent: 1 },
      { ...SAMPLE, p99_ms: 500 },
      SILENT,
    ]) {
      const ended = await settles({ orders: steady, carts: [SAMPLE, SAMPLE, bad] });
      expect(ended.settled, JSON.stringify(bad)).to.equal(false);
      expect(ended.ms).to.equal(1_000);
    }
  });

  it('is not over before anybody was served, nor before there is enough to compare', async () => {
    expect((await settles({ orders: [IDLE, IDLE, IDLE] })).settled).to.equal(false);
    expect((await settles({ orders: [SAMPLE, SAMPLE] })).settled).to.equal(false);
    expect((await settles({ orders: steady, carts: [] })).settled).to.equal(false);
  });

  it('is not over while the rate still rises', async () => {
    const test = new ContextInTest({ ...plan, warm_up: { at_most_ms: 1_000, ramp_ms: 500 } });
    const seen: WorkloadSampled[] = [];
    let ramped: number | null = null;
    const load: Warming = {
      stores: [{ samples: seen }],
      begin: async (ramp_ms) => void (ramped = ramp_ms),
    };
    const warming = warmUp(test.run, load);
    for (let at_ms = 0; at_ms < 1_100; at_ms += 50) {
      await test.clock.advance(50);
      seen.push({ ...SAMPLE, at_ms: test.clock.now() });
    }
    await warming;
    const ended = test.events.find(({ event }) => event === 'warm-up.ended');
    expect(ramped).to.equal(500);
    expect(ended).to.include({ settled: true });
    expect((ended as { readonly ms: number }).ms).to.be.within(600, 700);
  });

  it('does not wait for samples to be full at a rate that leaves some empty', async () => {
    const { settled } = await settles({ orders: steady, carts: [IDLE, SAMPLE, IDLE] });
    expect(settled).to.equal(true);
  });

  it('shows the slowest latency of all stores', async () => {
    const slow = steady.map((sample) => ({ ...sample, p99_ms: 9 }));
    expect((await settles({ orders: steady, carts: slow })).p99_ms).to.equal(9);
    expect((await settles({ orders: slow, carts: steady })).p99_ms).to.equal(9);
  });
});

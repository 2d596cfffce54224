// Clients that are moved: they follow DNS when their TTL is over, and not because requests fail.
import { expect } from 'chai';
import { OUTCOME } from '../../src/evidence/ledger/operation.ts';
import type { GslbSettings } from '../../src/gslb/protocol.ts';
import { hostClock } from '../../src/host/clock.ts';
import { startKnownService, type KnownService } from '../../src/selftest/known/service.ts';
import { startKnownBalancer } from '../../src/selftest/known/balancer.ts';
import { openTestWorkload, rowsOf } from './harness.ts';

const clock = hostClock();

async function startTwoRegions(settings: Partial<GslbSettings> = {}) {
  const east = await startKnownService({ clock, node: 'east/app-1' });
  const west = await startKnownService({ clock, node: 'west/app-1' });
  const gslb = await startKnownBalancer([east, west], clock, { serving: ['east'], ...settings });
  const close = async () => {
    gslb.close();
    await east.close();
    await west.close();
  };
  return { east, west, gslb, close };
}

describe('workload and redirect', () => {
  it('stays with a refusing address until the TTL of each writer is over, then moves', async () => {
    const { east, west, gslb, close } = await startTwoRegions();
    const test = await openTestWorkload(gslb.address, { writers: 8 });
    test.workload.run();
    await clock.sleep(500);
    await east.behave({ kind: 'refuse' });
    await gslb.balancer.serve(['west']);
    const redirected_ms = clock.now();
    await clock.sleep(1300);
    const rows = rowsOf(await test.finish());
    await close();
    const refused = rows.filter((row) => row.outcome === OUTCOME.refused);
    expect(refused.length).to.be.greaterThan(20);
    expect(west.stored.length).to.be.greaterThan(50);
    for (let writer = 1; writer <= 8; writer++) {
      const last = Math.max(
        ...refused.filter((row) => row.writer === writer).map((row) => row.sent_ms),
        redirected_ms,
      );
      expect(last - redirected_ms).to.be.at.most(1000);
      const after = rows.filter((row) => row.writer === writer && row.sent_ms > last);
      expect(after.every((row) => row.outcome !== OUTCOME.refused)).to.equal(true);
    }
  });

  it('spreads writers over regions by weight, and moves those of a region that is down', async () => {
    const { east, west, gslb, close } = await startTwoRegions({
      ...{ mode: 'all', serving: ['east', 'west'], weights: { east: 3, west: 1 } },
    });
    const answered = () => gslb.balancer.state().answered.join();
    const writersOf = ({ requests }: KnownService) =>
      new Set(requests.map(({ writer }) => (writer > 2000 ? writer - 2000 : writer)));
    try {
      while (answered() !== 'east,west') await clock.sleep(5);
      const planned = { writers: 16, reads: 0.2, updates: 0.2, shared_rows: 4 };
      const test = await openTestWorkload(gslb.address, planned);
      test.workload.run();
      await clock.sleep(1500);
      const [atEast, atWest] = [writersOf(east), writersOf(west)];
      await east.behave({ kind: 'refuse' });
      while (answered() !== 'west') await clock.sleep(5);
      await clock.sleep(1500); // the TTL of a second is over, and each had a turn
      const moved_ms = clock.now();
      await clock.sleep(500);
      const rows = rowsOf(await test.finish());
      expect([...atEast].filter((writer) => atWest.has(writer))).to.deep.equal([]);
      expect(atEast.size).to.be.within(10, 14);
      expect(atEast.size + atWest.size).to.equal(16);
      expect(writersOf(west).size).to.equal(16);
      const late = rows.filter((row) => row.sent_ms > moved_ms);
      expect(late.length).to.be.greaterThan(50);
      expect(late.filter((row) => row.outcome !== OUTCOME.acknowledged)).to.deep.equal([]);
    } finally {
      await close();
    }
  });

  it('drops its connections to an address that left every answer', async () => {
    const { east, west, gslb, close } = await startTwoRegions();
    const test = await openTestWorkload(gslb.address);
    test.workload.run();
    await clock.sleep(300);
    expect(east.connections).to.be.greaterThan(0);
    await gslb.balancer.serve(['west']);
    await clock.sleep(1300);
    const isHealthChecked = 1; // a check of the GSLB may be open at this moment
    expect(east.connections).to.be.at.most(isHealthChecked);
    expect(west.connections).to.be.greaterThan(0);
    await test.finish();
    await close();
  });

  it('spreads a writer over all instances of the region that is answered', async () => {
    const one = await startKnownService({ clock, node: 'east/app-1' });
    const two = await startKnownService({ clock, node: 'east/app-2' });
    const gslb = await startKnownBalancer([one, two], clock);
    await clock.sleep(100);
    const test = await openTestWorkload(gslb.address, { writers: 1 });
    test.workload.run();
    await clock.sleep(500);
    await test.finish();
    gslb.close();
    await one.close();
    await two.close();
    expect(Math.abs(one.stored.length - two.stored.length)).to.be.at.most(2);
  });
});

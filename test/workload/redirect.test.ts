// Clients that are moved: they follow DNS when their TTL is over, and not because requests fail.
import { expect } from 'chai';
import { OUTCOME } from '../../src/evidence/operation.ts';
import { hostClock } from '../../src/host/clock.ts';
import { startStubGslb, startStubService } from '../support/stub-service.ts';
import { openTestWorkload, rowsOf } from './harness.ts';

const clock = hostClock();

async function startTwoRegions() {
  const east = await startStubService({ clock, node: 'east/app-1' });
  const west = await startStubService({ clock, node: 'west/app-1' });
  const gslb = await startStubGslb([east, west], clock, { serving: ['east'] });
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
    const test = openTestWorkload(gslb.address, { writers: 8 });
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

  it('drops its connections to an address that left every answer', async () => {
    const { east, west, gslb, close } = await startTwoRegions();
    const test = openTestWorkload(gslb.address);
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
    const one = await startStubService({ clock, node: 'east/app-1' });
    const two = await startStubService({ clock, node: 'east/app-2' });
    const gslb = await startStubGslb([one, two], clock);
    await clock.sleep(100);
    const test = openTestWorkload(gslb.address, { writers: 1 });
    test.workload.run();
    await clock.sleep(500);
    await test.finish();
    gslb.close();
    await one.close();
    await two.close();
    expect(Math.abs(one.stored.length - two.stored.length)).to.be.at.most(2);
  });
});

// Restores from a storage, on real servers: what comes back is exactly what the log holds.
import { expect } from 'chai';
import { Stored, Writers, eventually, rowsOf } from './stored.ts';

describe('a restore of archived log', function () {
  this.timeout(90_000);
  let stored: Stored;
  before(async () => {
    stored = await Stored.start({ wal: 'archive' });
  });
  after(() => stored.stop());

  it('brings back every write that was archived before the region was lost', async () => {
    const writers = new Writers(stored, 4);
    await writers.until(100);
    await stored.backup();
    await writers.until(writers.acknowledged.size + 200);
    const archived = [...writers.acknowledged];
    const before = (await stored.state()).wal.received_bytes;
    await eventually(
      async () => (await stored.state()).wal.received_bytes >= before + 2 * 16777216,
      'archived',
    );
    await stored.kill();
    await writers.stop();
    const held = await stored.hold();
    const restored = await stored.restore();
    const rows = await rowsOf(stored, restored);
    expect(rows).to.include.members(archived);
  });
});

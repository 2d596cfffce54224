// Seed rows and the time that they have.
import { expect } from 'chai';
import { SEED_ROWS_AT_ONCE, SEED_ROWS_MS } from '../../src/drill/plan/limits.ts';
import { OUTCOME } from '../../src/evidence/ledger/operation.ts';
import { writeSeedRows } from '../../src/workload/seed-rows.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** Each write takes so long. */
async function seed(rows: number, write_ms: number): Promise<number | string> {
  const clock = new ManualClock();
  const written = writeSeedRows(rows, clock, async () => {
    await clock.sleep(write_ms);
    return { outcome: OUTCOME.acknowledged, node: 'east/app-1', detail: '' };
  });
  return await clock.runUntil(written.catch((error: Error) => error.message));
}

describe('seed rows', () => {
  it('are written so many at once', async () => {
    expect(await seed(20 * SEED_ROWS_AT_ONCE, 100)).to.equal(20 * SEED_ROWS_AT_ONCE);
  });

  it('end when their time is over, with what was done by then, also where none is refused', async () => {
    const each_ms = SEED_ROWS_MS / 10;
    expect(await seed(10 * SEED_ROWS_AT_ONCE, each_ms)).to.equal(10 * SEED_ROWS_AT_ONCE);
    expect(await seed(1_000, each_ms)).to.equal(
      'expected the service to take 1000 seed rows within 50 s, 161 done; lower ' +
        'workload.seed_rows, or use a faster machine',
    );
  });
});

// Seed rows and the time that they have.
import { expect } from 'chai';
import { SEED_ROWS_AT_ONCE, SEED_ROWS_MS } from '../../src/drill/plan/limits.ts';
import { OUTCOME } from '../../src/evidence/ledger/operation.ts';
import { writeSeedRows } from '../../src/workload/seed-rows.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** Each write takes so long. */
async function seed(rows: number, write_ms: number): Promise<number | string> {
  const clock = new ManualClock();
  const written = writeSeedRows({ rows, per_s: Infinity }, clock, async () => {
    await clock.sleep(write_ms);
    return { outcome: OUTCOME.acknowledged, node: 'east/app-1', detail: '' };
  });
  return await clock.runUntil(written.catch((error: Error) => error.message));
}

describe('seed rows', () => {
  it('are written so many at once', async () => {
    expect(await seed(20 * SEED_ROWS_AT_ONCE, 100)).to.equal(20 * SEED_ROWS_AT_ONCE);
  });

  it('are sent no faster than a system is to bear, those that are refused among them', async () => {
    const clock = new ManualClock();
    const sent_ms: number[] = [];
    const written = writeSeedRows({ rows: 40, per_s: 10 }, clock, async () => {
      sent_ms.push(clock.now());
      await clock.sleep(1);
      const outcome = sent_ms.length % 3 === 0 ? OUTCOME.refused : OUTCOME.acknowledged;
      return { outcome, node: null, detail: '' };
    });
    expect(await clock.runUntil(written)).to.equal(40);
    expect(sent_ms.length).to.be.greaterThan(50);
    const gaps = sent_ms.slice(1).map((ms, at) => ms - sent_ms[at]!);
    expect(Math.min(...gaps)).to.equal(100);
    expect(sent_ms.at(-1)).to.be.closeTo(100 * (sent_ms.length - 1), 500);
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

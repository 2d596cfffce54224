// Whole runs of drills/region-outage.yaml with the built command, as a user has them: how long
// until the first order is acknowledged, and how much longer a run takes than the waits that the
// file itself asks for.
import { readLedger } from '../src/evidence/ledger/ledger-reader.ts';
import { OUTCOME } from '../src/evidence/ledger/operation.ts';
import { readPlan, runFile } from '../src/evidence/run-files.ts';
import { statedWaitsMs } from '../src/drill/plan/describe-plan.ts';
import { ROOT, Workplace } from '../test/support/whole/drill-cli.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';
import { timed } from './timed.ts';

const ROUNDS = 5;
const BRING_UP_MAX_MS = 1_500;
const OVERHEAD_MAX_MS = 3_000;

/** Takes about 75 s. */
export async function benchWholeRun(report: (line: BenchLine) => void): Promise<void> {
  const place = new Workplace();
  try {
    const drill = ['run', `${ROOT}drills/region-outage.yaml`, '--quiet', '--reporter', 'plain'];
    await place.run([...drill, '--timeout', '2s']); // prepares the template, if there is none
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await oneRun(place, drill));
    const firstOrder = median(rounds.map((round) => round.firstOrder_ms));
    report({
      name: 'bring-up to the first acknowledged order',
      measured: Math.round(firstOrder),
      unit: 'ms',
      limit: { relation: '<=', value: BRING_UP_MAX_MS },
      ok: firstOrder <= BRING_UP_MAX_MS,
    });
    const overhead = median(rounds.map((round) => round.overhead_ms));
    report({
      name: 'region-outage, wall time minus the waits that the file states',
      measured: Math.round(overhead),
      unit: 'ms',
      limit: { relation: '<=', value: OVERHEAD_MAX_MS },
      ok: overhead <= OVERHEAD_MAX_MS,
    });
  } finally {
    place.remove();
  }
}

async function oneRun(place: Workplace, drill: readonly string[]) {
  const wall_ms = await timed(place, drill);
  const directory = place.runs().at(-1)!;
  const { operations } = readLedger(runFile(directory, 'ledger'));
  const first = operations.done_ms.reduce(
    (least, done, row) =>
      operations.outcome[row] === OUTCOME.acknowledged ? Math.min(least, done) : least,
    Infinity,
  );
  return {
    firstOrder_ms: first, // since the run began: the command itself has loaded by then
    overhead_ms: wall_ms - statedWaitsMs(readPlan(directory)),
  };
}

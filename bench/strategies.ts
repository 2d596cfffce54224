// The recovery strategies: clients of an active-active system that lose their region, and all four
// strategies compared with the stock files.
import { worstDetectionMs, gslbOf } from '../src/drill/plan/gslb.ts';
import { OPERATION_KIND, OUTCOME } from '../src/evidence/ledger/operation.ts';
import { readLedger } from '../src/evidence/ledger/ledger-reader.ts';
import { readJournal } from '../src/evidence/journal.ts';
import { readPlan, runFile } from '../src/evidence/run-files.ts';

import { ROOT, Workplace } from '../test/support/whole/drill-cli.ts';
import type { BenchLine } from './bench-line.ts';
import { timed } from './timed.ts';

type Report = (line: BenchLine) => void;

const SERVED_SPARE_MS = 100;
const ROUNDS = 3;
const COMPARE_MAX_MS = 90_000;

/** Takes about three minutes. */
export async function benchStrategies(report: Report): Promise<void> {
  await benchServedAgain(report);
  await benchCompare(report);
}

/** How long after the fault the last of the writers was served again for the first time. */
async function benchServedAgain(report: Report): Promise<void> {
  const place = new Workplace();
  try {
    const drill = ['run', `${ROOT}drills/strategies/active-active.yaml`, '--quiet'];
    const worst: number[] = [];
    let limit_ms = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await timed(place, [...drill, '--seed', String(round + 1)]);
      const directory = place.runs().at(-1)!;
      const gslb = gslbOf(readPlan(directory));
      limit_ms = worstDetectionMs(gslb) + gslb.ttl_s * 1_000 + SERVED_SPARE_MS;
      worst.push(lastServedMs(directory));
    }
    const measured = Math.max(...worst);
    report({
      name: 'active-active, until every writer is served again (worst of three)',
      measured: Math.round(measured),
      unit: 'ms',
      limit: { relation: '<=', value: limit_ms },
      ok: measured <= limit_ms,
    });
  } finally {
    place.remove();
  }
}

function lastServedMs(directory: string): number {
  const { events } = readJournal(runFile(directory, 'journal'));
  const fault_ms = events.find(({ event }) => event === 'fault.started')!.t;
  const { count, kind, writer, outcome, scheduled_ms, done_ms } = readLedger(
    runFile(directory, 'ledger'),
  ).operations;
  const failed = new Map<number, number>();
  const isWrite = (row: number) => kind.at(row) === OPERATION_KIND.write;
  for (let row = 0; row < count; row++) {
    if (!isWrite(row) || scheduled_ms.at(row) < fault_ms) continue;
    if (outcome.at(row) === OUTCOME.acknowledged) continue;
    failed.set(writer.at(row), Math.max(failed.get(writer.at(row)) ?? 0, scheduled_ms.at(row)));
  }
  const served = [...failed].map(([each, last_ms]) => {
    let first = Infinity;
    for (let row = 0; row < count; row++) {
      if (!isWrite(row) || writer.at(row) !== each || scheduled_ms.at(row) <= last_ms) continue;
      if (outcome.at(row) === OUTCOME.acknowledged) first = Math.min(first, done_ms.at(row));
    }
    return first - fault_ms;
  });
  return Math.max(0, ...served);
}

async function benchCompare(report: Report): Promise<void> {
  const place = new Workplace();
  try {
    const ms = await timed(place, ['compare', `${ROOT}drills/strategies`, '--quiet']);
    report({
      name: 'drill compare of the four strategies',
      measured: Math.round(ms),
      unit: 'ms',
      limit: { relation: '<=', value: COMPARE_MAX_MS },
      ok: ms <= COMPARE_MAX_MS,
    });
  } finally {
    place.remove();
  }
}

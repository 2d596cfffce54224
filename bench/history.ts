// How long the history of ten thousand runs takes to list: once from their folders, which writes
// the lines of the history file, and then from that file, held against the folders.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { basePlan } from '../test/support/plan/base-plan.ts';
import { plantResult } from '../test/support/evidence/plant-result.ts';
import { passed, rtoGate } from '../test/support/evidence/results.ts';
import { Workplace } from '../test/support/whole/drill-cli.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';
import { timed } from './timed.ts';

const RUNS = 10_000;
const DRILLS = 20;
const ROUNDS = 5;
const MS_MAX = 1_000;

/** Takes about a minute, most of it to make the runs. */
export async function benchHistory(report: (line: BenchLine) => void): Promise<void> {
  const place = new Workplace();
  try {
    plantRuns(join(place.directory, '.drill', 'runs'));
    const name = `history of ${RUNS.toLocaleString('en-US')} runs`;
    const first = await timed(place, ['history']);
    report({ name: `${name}, the first time`, measured: first, unit: 'ms', ok: null });
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await timed(place, ['history']));
    const measured = median(rounds);
    const limit = { relation: '<=', value: MS_MAX } as const;
    report({ name, measured, unit: 'ms', limit, ok: measured <= MS_MAX });
  } finally {
    place.remove();
  }
}

/** Of some drills in turn, a minute apart, none of them like the other. */
function plantRuns(runs: string): void {
  const plan = JSON.stringify(basePlan);
  for (let at = 0; at < RUNS; at++) {
    const started_at = new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString();
    const name = `drill-${at % DRILLS}`;
    const id = `${started_at.replaceAll(/[-:]|\.\d+/g, '')}-${name}-00aa`;
    const place = join(runs, id);
    mkdirSync(place, { recursive: true });
    const rto_ms = 1_500 + (at % 97);
    const gates = [{ ...rtoGate, measured: rto_ms, low: rto_ms - 10, high: rto_ms }];
    const recovery = { ...passed.recovery!, rto_ms };
    const drill = { ...passed.drill, name };
    plantResult(place, { ...passed, id, started_at, drill, gates, recovery });
    writeFileSync(join(place, 'plan.json'), plan);
    // A run that was touched a moment ago may go on still.
    utimesSync(place, 0, 0);
  }
}

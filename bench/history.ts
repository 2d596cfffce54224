// How long the history of ten thousand runs takes to list: once from their folders, which writes
// the lines of the history file, and then from that file, held against the folders.
import { join } from 'node:path';
import { Workplace } from '../test/support/whole/drill-cli.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';
import { plantRuns } from './plant-runs.ts';
import { timed } from './timed.ts';

const RUNS = 10_000;
const ROUNDS = 5;
const MS_MAX = 1_000;

/** Takes about a minute, most of it to make the runs. */
export async function benchHistory(report: (line: BenchLine) => void): Promise<void> {
  const place = new Workplace();
  try {
    plantRuns(join(place.directory, '.drill', 'runs'), RUNS);
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

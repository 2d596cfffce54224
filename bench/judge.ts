// What `drill judge` takes for many operations: its time, and the most memory that was resident.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchLine } from './bench-line.ts';
import { commandTakes } from './command.ts';
import { writeLongRun } from './long-run.ts';

interface Size {
  readonly operations: number;
  readonly rounds: number;
  readonly ms_max: number;
  readonly mb_max: number;
}

const SIZES: readonly Size[] = [
  { operations: 1_000_000, rounds: 3, ms_max: 2_000, mb_max: 200 },
  { operations: 12_000_000, rounds: 1, ms_max: 20_000, mb_max: 400 },
];

/** Takes about two minutes, most of it to write the larger run. */
export async function benchJudge(report: (line: BenchLine) => void): Promise<void> {
  for (const size of SIZES) benchSize(size, report);
  await Promise.resolve();
}

function benchSize(
  { operations, rounds, ms_max, mb_max }: Size,
  report: (line: BenchLine) => void,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'drill-bench-'));
  try {
    writeLongRun(folder, operations);
    const { ms, processor_ms, mb } = commandTakes(['judge', folder], rounds);
    const name = `judging ${operations.toLocaleString('en-US')} operations`;
    const time = { relation: '<=', value: ms_max } as const;
    report({ name, measured: ms, unit: 'ms', limit: time, ok: ms <= ms_max });
    const processor = `${name}, processor`;
    report({ name: processor, measured: processor_ms, unit: 'ms', ok: null });
    const memory = { relation: '<=', value: mb_max } as const;
    const resident = `${name}, resident memory`;
    report({ name: resident, measured: mb, unit: 'MB', limit: memory, ok: mb <= mb_max });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

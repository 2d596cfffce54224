// How long it takes to judge many operations, and in how much memory: in a process of its own, from
// the files, as `drill judge` does.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchLine } from './bench-line.ts';
import { writeLongRun } from './long-run.ts';
import { median } from './median.ts';

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

interface Judged {
  readonly verdict: string;
  readonly ms: number;
  readonly mb: number;
}

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
    const judged = Array.from({ length: rounds }, () => judgeOnce(folder));
    const ms = median(judged.map((round) => round.ms));
    const mb = median(judged.map((round) => round.mb));
    const name = `judging ${operations.toLocaleString('en-US')} operations`;
    const time = { relation: '<=', value: ms_max } as const;
    report({ name, measured: ms, unit: 'ms', limit: time, ok: ms <= ms_max });
    const memory = { relation: '<=', value: mb_max } as const;
    const resident = `${name}, resident memory`;
    report({ name: resident, measured: mb, unit: 'MB', limit: memory, ok: mb <= mb_max });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function judgeOnce(folder: string): Judged {
  const child = fileURLToPath(new URL('./judge-once.ts', import.meta.url));
  const done = spawnSync(process.execPath, ['--import=tsx', child, folder], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`judging failed: ${done.stderr}`);
  const judged = JSON.parse(done.stdout) as Judged;
  if (judged.verdict !== 'pass') throw new Error(`judged ${judged.verdict}, expected a pass`);
  return judged;
}

// How long it takes to judge a million operations, and in how much memory: in a process of its own,
// from the files, as `drill judge` does.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeRun } from '../test/support/evidence/run-directory.ts';
import {
  drive,
  goneFor,
  journal,
  rowOf,
  SPACING_MS,
  type Op,
} from '../test/support/evidence/synthetic.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';

const OPERATIONS = 1_000_000;
const ROUNDS = 3;
const MS_MAX = 2_000;
const MB_MAX = 200;

interface Judged {
  readonly verdict: string;
  readonly ms: number;
  readonly mb: number;
}

/** Takes about 15 s. */
export async function benchJudge(report: (line: BenchLine) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'drill-bench-'));
  try {
    writeMillion(folder);
    const rounds = Array.from({ length: ROUNDS }, () => judgeOnce(folder));
    const ms = median(rounds.map((round) => round.ms));
    const mb = median(rounds.map((round) => round.mb));
    const size = OPERATIONS.toLocaleString('en-US');
    report({
      ...{ name: `judging ${size} operations`, measured: ms, unit: 'ms' },
      ...{ limit: { relation: '<=', value: MS_MAX }, ok: ms <= MS_MAX },
    });
    report({
      ...{ name: `judging ${size} operations, resident memory`, measured: mb, unit: 'MB' },
      ...{ limit: { relation: '<=', value: MB_MAX }, ok: mb <= MB_MAX },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  await Promise.resolve();
}

/** A run like any other, only longer: every operation but those of an outage of 600 ms survives. */
function writeMillion(folder: string): void {
  const until_ms = OPERATIONS * SPACING_MS;
  const ops = drive(goneFor(600), { until_ms });
  const cut = { t: until_ms, event: 'workload.stopped', store: 'orders' } as const;
  const events = journal({ 'workload.stopped': [cut] });
  writeRun(folder, { ops, serving: rows(ops), events });
}

function* rows(ops: readonly Op[]) {
  for (const op of ops) if (op.outcome === 'acknowledged') yield rowOf(op);
}

function judgeOnce(folder: string): Judged {
  const child = fileURLToPath(new URL('./judge-once.ts', import.meta.url));
  const done = spawnSync(process.execPath, ['--import=tsx', child, folder], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`judging failed: ${done.stderr}`);
  const judged = JSON.parse(done.stdout) as Judged;
  if (judged.verdict !== 'pass') throw new Error(`judged ${judged.verdict}, expected a pass`);
  return judged;
}

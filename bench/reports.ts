// What reports cost: `drill report` for a run of a million operations, and what all reporters together
// take of the wall time of a run, told the events and the result of one.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvidence } from '../src/evidence/run-files.ts';
import { hostNow } from '../src/host/clock.ts';
import { KINDS } from '../src/report/kinds.ts';
import { makeReporters } from '../src/report/reporters.ts';
import { processScreen } from '../src/screen/process-screen.ts';
import { assess } from '../src/verdict/assess.ts';
import { unpackRun } from '../test/evidence/corpus.ts';
import type { BenchLine } from './bench-line.ts';
import { commandTakes } from './command.ts';
import { sealRun, writeLongRun } from './long-run.ts';
import { median } from './median.ts';

const OPERATIONS = 1_000_000;
const ROUNDS = 3;
const MS_MAX = 3_000;
const MB_MAX = 300;
const SHARE_MAX_PERCENT = 2;
/** A stock run of the corpus; its wall time is the measure of what reporters may take. */
const RUN = 'warm-standby';

/** Takes about 20 s. */
export async function benchReports(report: (line: BenchLine) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'drill-bench-'));
  try {
    benchPage(join(folder, 'long'), report);
    await benchShare(folder, report);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function benchPage(folder: string, report: (line: BenchLine) => void): void {
  mkdirSync(folder);
  writeLongRun(folder, OPERATIONS);
  sealRun(folder);
  const page = join(folder, 'page.html');
  const { ms, processor_ms, mb } = commandTakes(
    ['report', folder, '--reporter', `html=${page}`],
    ROUNDS,
  );
  const name = `drill report of ${OPERATIONS.toLocaleString('en-US')} operations`;
  const time = { relation: '<=', value: MS_MAX } as const;
  report({ name, measured: ms, unit: 'ms', limit: time, ok: ms <= MS_MAX });
  report({ name: `${name}, processor`, measured: processor_ms, unit: 'ms', ok: null });
  const memory = { relation: '<=', value: MB_MAX } as const;
  report({ name: `${name}, resident`, measured: mb, unit: 'MB', limit: memory, ok: mb <= MB_MAX });
  const bytes = statSync(page).size;
  report({ name: `${name}, its size`, measured: bytes / 1_000, unit: 'kB', ok: null });
}

/** Every reporter that writes a report, beside the line for each event. */
async function benchShare(folder: string, report: (line: BenchLine) => void): Promise<void> {
  const run = join(folder, 'run');
  unpackRun(RUN, run);
  const { plan, events, ...rest } = readEvidence(run);
  const result = assess({ plan, events, ...rest });
  const kinds = Object.entries(KINDS).filter(([, { writes }]) => writes === 'report');
  const spec = ['plain', ...kinds.map(([name]) => `${name}=${name}.out`)].join(',');
  const stream = { isTTY: false, columns: 80, rows: 24, write: () => true };
  const screen = processScreen({ stdout: stream, stderr: stream, env: {} }, 'never');
  const shares = [];
  for (let round = 0; round < ROUNDS; round++) {
    const reporters = makeReporters(spec, { screen, directory: folder });
    const began = hostNow();
    reporters.onPlan?.(plan);
    for (const event of events) reporters.onEvent?.(event);
    reporters.onResult?.(result, run);
    await reporters.onEnd?.();
    shares.push((100 * (hostNow() - began)) / result.wall_ms!);
    if (reporters.hasFailed()) throw new Error('a reporter failed');
  }
  const share = median(shares);
  report({
    name: `all ${kinds.length} reporters, of the wall time of a run of ${Math.round(result.wall_ms! / 1_000)} s`,
    measured: share,
    unit: '%',
    limit: { relation: '<=', value: SHARE_MAX_PERCENT },
    ok: share <= SHARE_MAX_PERCENT,
  });
}

// A series of trials of drills/region-outage.yaml with the built command: how much longer it takes
// than the waits that its plans state. Beside it stand the same trials with new regions for each.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { hostNow } from '../src/host/clock.ts';
import { readPlan } from '../src/evidence/run-files.ts';
import { statedWaitsMs } from '../src/drill/plan/describe-plan.ts';
import { ROOT, Workplace } from '../test/support/whole/drill-cli.ts';
import type { BenchLine } from './bench-line.ts';

const TRIALS = 20;
const FRESH_TRIALS = 5;
/** A trial may take so long besides its waits. */
const SPARE_MS = 1_000;

/** Takes about 300 s. */
export function benchSeries(report: (line: BenchLine) => void): Promise<void> {
  const kept = besideWaits(TRIALS, []);
  report({
    name: `${TRIALS} trials of region-outage, each ${SPARE_MS} ms besides its waits`,
    measured: (kept.waits_ms + kept.over_ms) / (kept.waits_ms + TRIALS * SPARE_MS),
    unit: 'of that time',
    limit: { relation: '<=', value: 1 },
    ok: kept.over_ms <= TRIALS * SPARE_MS,
  });
  const fresh = besideWaits(FRESH_TRIALS, ['--fresh']);
  report({
    name: 'besides its waits a trial takes',
    measured: Math.round(kept.over_ms / TRIALS),
    unit: 'ms',
    peer: { name: 'with new regions (--fresh)', value: Math.round(fresh.over_ms / FRESH_TRIALS) },
    ok: null,
  });
  return Promise.resolve();
}

/** The whole command, its start and its report with it. */
function besideWaits(trials: number, flags: readonly string[]) {
  const place = new Workplace();
  try {
    const drill = ['run', `${ROOT}drills/region-outage.yaml`, '--repeat', String(trials)];
    const words = [join(ROOT, 'bin/drill.js'), ...drill, '--quiet', ...flags];
    const options = { cwd: place.directory, encoding: 'utf8' } as const;
    const began = hostNow();
    const { status, stdout, stderr } = spawnSync(process.execPath, words, options);
    const wall_ms = hostNow() - began;
    const runs = place.runs();
    // A trial that a busy machine made inconclusive has gone all the way too.
    const isWhole = (status === 0 || status === 3) && runs.length === trials;
    if (!isWhole) throw new Error(`the series ended with ${status}:\n${stdout}${stderr}`);
    const waits_ms = runs.reduce((sum, run) => sum + statedWaitsMs(readPlan(run)), 0);
    return { waits_ms, over_ms: wall_ms - waits_ms };
  } finally {
    place.remove();
  }
}

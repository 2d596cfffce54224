// A series of trials of drills/region-outage.yaml with the built command: how much longer it takes
// than the waits that its plans state. Beside it stand the same trials with new regions for each.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
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
  const { whole, over_ms, waits_ms } = kept;
  report({
    name: `${whole} of ${TRIALS} trials of region-outage, each ${SPARE_MS} ms besides its waits`,
    measured: (waits_ms + over_ms) / (waits_ms + whole * SPARE_MS),
    unit: 'of that time',
    limit: { relation: '<=', value: 1 },
    ok: over_ms <= whole * SPARE_MS,
  });
  const fresh = besideWaits(FRESH_TRIALS, ['--fresh']);
  report({
    name: 'besides its waits a trial takes',
    measured: Math.round(over_ms / whole),
    unit: 'ms',
    peer: {
      name: 'with new regions (--fresh)',
      value: Math.round(fresh.over_ms / fresh.whole),
    },
    ok: null,
  });
  return Promise.resolve();
}

/**
 * Each trial from its beginning to that of the next one, the first from the start of the command,
 * the last to its end. A trial that a busy machine broke off took no time that means anything.
 */
function besideWaits(trials: number, flags: readonly string[]) {
  const place = new Workplace();
  try {
    const drill = ['run', `${ROOT}drills/region-outage.yaml`, '--repeat', String(trials)];
    const words = [join(ROOT, 'bin/drill.js'), ...drill, '--quiet', ...flags];
    const options = { cwd: place.directory, encoding: 'utf8' } as const;
    const began = Date.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, words, options);
    const ended = Date.now();
    const runs = place.runs();
    const begins = runs.map((run) => Date.parse(place.result(run).started_at));
    const times = runs.map((run, at) => {
      const from = at === 0 ? began : begins[at]!;
      const waits_ms = statedWaitsMs(readPlan(run));
      return { run, waits_ms, over_ms: (begins[at + 1] ?? ended) - from - waits_ms };
    });
    const whole = times.filter(({ run }) => place.result(run).verdict === 'pass');
    if (runs.length < trials || whole.length < trials / 2) {
      throw new Error(`the series ended with ${status}:\n${stdout}${stderr}`);
    }
    const sum = (of: 'waits_ms' | 'over_ms') => whole.reduce((all, each) => all + each[of], 0);
    return { whole: whole.length, waits_ms: sum('waits_ms'), over_ms: sum('over_ms') };
  } finally {
    place.remove();
  }
}

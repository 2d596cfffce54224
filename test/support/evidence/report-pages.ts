// Pages for tests and pictures, of whole runs of the corpus: a pass, a fail, an inconclusive run, a
// series of trials, a comparison, a drill at several sizes of its data, and a game day.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvidence } from '../../../src/evidence/run-files.ts';
import { compareHtml } from '../../../src/report/compare/page.ts';
import { gameDayPage } from '../../../src/report/gameday/page.ts';
import { scaleHtml } from '../../../src/report/scale/page.ts';
import { reportPage } from '../../../src/report/html/page.ts';
import { runView, type RunView } from '../../../src/report/view/run-view.ts';
import { assess } from '../../../src/verdict/assess.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { judgeSeries, type SeriesResult } from '../../../src/verdict/series.ts';
import { unpackRun } from '../../evidence/corpus.ts';
import { allStrategies, compared } from './compared.ts';
import { DAY_BEFORE_IT, PLANTED_DAY, RUNS_OF_DAY } from './planted-day.ts';
import { scaled } from './scaled.ts';

/** The runs of the corpus with such verdicts. */
export const RUNS = {
  pass: 'warm-standby',
  fail: 'target-missed',
  inconclusive: 'compose-backup-restore',
} as const;

/** What a page shows of a run of the corpus. */
export function viewOf(run: string): RunView {
  const folder = mkdtempSync(join(tmpdir(), 'drill-view-'));
  try {
    unpackRun(run, folder);
    const evidence = readEvidence(folder);
    return runView(evidence, assess(evidence));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What each trial took; the target of the run in the corpus is 15 s. */
export const TRIALS_MS = [1_490, 1_720, 970, 1_310, 1_505, 1_690, 16_200, 1_480, 1_150, 1_620];

const MISSED = 'RTO is over its target.';

/** Trials of one drill, alike but for what each of them took. */
function plantedSeries({ result }: RunView, trials_ms = TRIALS_MS): SeriesResult {
  const trials = trials_ms.map((rto_ms, at): Result => {
    const isMissed = rto_ms > result.gates.find(({ name }) => name === 'rto')!.target;
    const moved = { series_seed: 1, moved_ms: (37 * at) % 250, within_ms: 250 };
    const off_ms = rto_ms - result.recovery!.rto_ms!;
    return {
      ...result,
      id: at === trials_ms.length - 1 ? result.id : `${result.id.slice(0, -4)}${9_000 + at}`,
      verdict: isMissed ? 'fail' : 'pass',
      failures: isMissed ? [{ code: 'target-missed', text: MISSED, gate: 'rto' }] : [],
      reasons: isMissed ? [MISSED] : [],
      drill: { ...result.drill, seed: 1 + at, trial: moved },
      gates: result.gates.map((gate) => {
        if (gate.name !== 'rto') return gate;
        const interval = { measured: rto_ms, low: rto_ms - 60, high: rto_ms };
        return { ...gate, ...interval, verdict: isMissed ? 'fail' : 'pass' };
      }),
      recovery: {
        ...result.recovery!,
        rto_ms,
        phases: result.recovery!.phases.map((phase) => {
          return phase.name === 'stabilise' ? { ...phase, ms: phase.ms! + off_ms } : phase;
        }),
      },
    };
  });
  const id = `${result.id.slice(0, -4)}series`;
  return judgeSeries({ id, rule: { gate: 'worst' }, trials })!;
}

/** At three sizes, and followed to one that was not measured. */
export const SCALED = scaled({ to_bytes: 4e9 });

const pageOf = (view: RunView) => reportPage({ views: [view], series: [], refused: [] });

/** Each page by its name. */
export function reportPages(): Readonly<Record<string, string>> {
  const pass = viewOf(RUNS.pass);
  const series = plantedSeries(pass);
  return {
    pass: pageOf(pass),
    fail: pageOf(viewOf(RUNS.fail)),
    inconclusive: pageOf(viewOf(RUNS.inconclusive)),
    series: reportPage({ views: [pass], series: [series], refused: [] }),
    compare: compareHtml(compared(allStrategies())),
    scale: scaleHtml(SCALED),
    gameday: gameDayPage({ record: PLANTED_DAY, before: DAY_BEFORE_IT, runs: RUNS_OF_DAY }),
  };
}

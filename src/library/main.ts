// drill as a library: `import { runDrill, judge } from 'dr-drill'`. Nothing is printed, no signal
// is listened for, and no process ends; what cannot come to a result is thrown.
import process from 'node:process';
import { resolve } from 'node:path';
import { EXIT, worstExit } from '../verdict/exit-code.ts';
import { judgeRun } from '../session/judge.ts';
import type { DrillResult, DrillSource, Judgement, RunOptions } from './api.ts';
import { DrillFailed } from './errors.ts';
import { runHere } from './run-drill.ts';
import { summaryOf } from './summary.ts';

export type * from './api.ts';
export { DrillFailed, DrillFileError } from './errors.ts';
export { EnvironmentError } from '../host/environment-error.ts';
export { EvidenceError } from '../evidence/evidence-error.ts';
export { UserError } from '../screen/user-error.ts';

/**
 * Runs a drill, as often as it is to be, and resolves to what came of it, whatever the verdict is.
 * Rejects with a `DrillFileError` where the drill file has mistakes, with another `UserError` or an
 * `EnvironmentError` where it cannot be begun, and with the signal's reason where that was aborted
 * before anything was begun. One drill at a time: two would disturb each other's times.
 */
export async function runDrill(drill: DrillSource, options: RunOptions = {}): Promise<DrillResult> {
  return await runHere(drill, options, {
    directory: process.cwd(),
    environment: { ...process.env },
  });
}

/**
 * Measures and judges a run again from the files in its directory. Throws an `EvidenceError` where
 * nothing can be said of it. A stored result that differs is no pass.
 */
export function judge(directory: string): Judgement {
  const place = resolve(directory);
  const { result, stored } = judgeRun(place);
  const differences = stored.state === 'differs' ? stored.differences.map(({ text }) => text) : [];
  const isOther = stored.state === 'differs';
  const exitCode = worstExit([EXIT[result.verdict], isOther ? EXIT.inconclusive : EXIT.pass]);
  const verdict = isOther && result.verdict === 'pass' ? 'inconclusive' : result.verdict;
  const { name } = result.drill;
  const told = differences.slice(0, 5).map((text) => `result.json differs: ${text}`);
  const outcome = { name, verdict, directory: place, result, series: null, more: told };
  return {
    directory: place,
    result,
    verdict,
    exitCode,
    passed: verdict === 'pass',
    summary: summaryOf(outcome),
    stored: stored.state,
    differences,
  };
}

/** Throws a `DrillFailed`, whose message says why, for every verdict but `pass`. */
export function assertPassed(result: DrillResult | Judgement): void {
  if (!result.passed) throw new DrillFailed(result);
}

// Judges the runs of a pack, and its series, from their files alone: whether each hangs together by
// itself, and whether what was signed is what follows from it.
import { join } from 'node:path';
import { isAsWritten } from '../../archive/run-list.ts';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { readJournal } from '../../evidence/journal.ts';
import { bad, ok, type Check } from '../../evidence/pack/check-pack.ts';
import type { Predicate, Statement } from '../../evidence/pack/statement.ts';
import { readPlan, runFile, sealProblems } from '../../evidence/run-files.ts';
import { sealOf } from '../../evidence/seal.ts';
import type { Result } from '../../verdict/result.ts';
import { differencesOf, judgeRun, otherValue } from '../judge.ts';
import { readSeries } from '../series-files.ts';
import { doubtfulRuns, readTrials, type SeriesRead } from '../series-results.ts';
import { judgedPart, type JudgedRun } from './predicate.ts';

const DIFFERENCES_MAX = 10;

export interface RunChecks {
  readonly checks: readonly Check[];
  /** Null where nothing can be said of it. */
  readonly judged: JudgedRun | null;
}

/** What one run says, recomputed, and whether that is what it said itself. */
export function checkRun(directory: string, id: string): RunChecks {
  try {
    const seal = sealCheck(directory, id);
    const again = judgeRun(directory);
    const { result, stored } = again;
    const other = otherValue(again);
    const checks = [seal];
    if (result.id !== id) {
      checks.push(
        bad('verdict', `${id}: its journal is of the run ${result.id || 'without an id'}`),
      );
    } else if (stored.state === 'absent') {
      checks.push(bad('verdict', `${id}: it has no result.json`));
    } else if (other !== null) {
      checks.push(
        bad('verdict', `${id}: its result.json is not what its evidence gives: ${other}`),
      );
    } else {
      const text = `${result.verdict}, recomputed from its journal, ledgers and survivors`;
      checks.push(ok('verdict', `${id}: ${text}; its result.json says so too`));
    }
    return { checks, judged: { result, version: versionIn(directory) } };
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return { checks: [bad('verdict', `${id}: ${error.message}`)], judged: null };
  }
}

function sealCheck(directory: string, id: string): Check {
  const [broken] = sealProblems(directory);
  if (broken !== undefined) return bad('seal', `${id}: ${broken.file}: ${broken.problem}`);
  const started = eventsIn(directory).find(({ event }) => event === 'run.started');
  if (started?.event !== 'run.started' || started.plan_sha256 === undefined) {
    return bad(
      'seal',
      `${id}: its journal names no files by their sums: it is of before drill did`,
    );
  }
  if (readPlan(directory).sha256 !== sealOf(runFile(directory, 'drill'), 'drill.yaml').sha256) {
    return bad('seal', `${id}: its plan was not made of its drill.yaml`);
  }
  if (!isAsWritten(directory)) {
    return bad('seal', `${id}: its result.json is not the one that its journal says was written`);
  }
  return ok('seal', `${id}: its journal is whole, and its files are those that it names`);
}

function eventsIn(directory: string) {
  return readJournal(runFile(directory, 'journal')).events;
}

function versionIn(directory: string): string | null {
  const started = eventsIn(directory).find(({ event }) => event === 'run.started');
  return started?.event === 'run.started' ? started.drill_version : null;
}

/** The series with what its runs give now; null where its file cannot be read. */
export function seriesAgain(
  runs: string,
  id: string,
  made: ReadonlyMap<string, Result>,
): SeriesRead | null {
  const file = readSeries(runs, id);
  if (file === null) return null;
  // Which trials count is for what lies there to say; what they say is recomputed.
  const { results } = readTrials(file);
  return { file, results: results.map((each) => each && (made.get(each.id) ?? null)) };
}

/** Everything that the statement says of the runs below `runs`, made again. */
export function judgePack(runs: string, { predicate, subject }: Statement): Check[] {
  const ids = predicate.runs.map(({ run }) => run);
  const there = new Set(
    subject.flatMap(({ name }) => /^runs\/([^/]+)\/plan\.json$/.exec(name)?.[1] ?? []),
  );
  const unlike = [
    ...ids.filter((id) => !there.has(id)).map((id) => `${id}: it is not in the pack`),
    ...[...there]
      .filter((id) => !ids.includes(id))
      .map((id) => `${id}: it is not in the statement`),
  ];
  if (unlike.length > 0 || there.size !== ids.length) {
    return [bad('statement', unlike[0] ?? 'a run stands in it twice')];
  }
  const all = ids.map((id) => checkRun(join(runs, id), id));
  const checks = all.flatMap((each) => each.checks);
  const judged = all.flatMap((each) => each.judged ?? []);
  // Without one of them the rest says nothing of the statement.
  if (judged.length < ids.length) return checks;
  const stated = predicate.series;
  const made = new Map(judged.map(({ result }) => [result.id, result]));
  const series = stated === null ? null : seriesAgain(runs, stated.series, made);
  if (stated !== null && series === null) {
    return [...checks, bad('series', `${stated.series}: it cannot be read`)];
  }
  checks.push(...statementChecks(predicate, judgedPart(judged, series)));
  if (series !== null) checks.push(...seriesChecks(series, ids));
  return checks;
}

function statementChecks({ runs, series }: Predicate, again: Pick<Predicate, 'runs' | 'series'>) {
  const differences = differencesOf({ runs, series }, again, '');
  if (differences.length === 0) {
    return [ok('statement', 'its verdicts, targets and numbers are what the evidence gives')];
  }
  return differences.slice(0, DIFFERENCES_MAX).map(({ text }) => {
    return bad('statement', text.replace(': stored ', ': stated '));
  });
}

/** Runs that the series counts, and those that are here, are the same. */
function seriesChecks(read: SeriesRead, ids: readonly string[]): Check[] {
  const { id } = read.file;
  const counted = read.results.flatMap((result) => result?.id ?? []);
  const doubtful = doubtfulRuns(read).map((run) => `its trial ${run} is not as it was written`);
  const strange = ids
    .filter((run) => !counted.includes(run))
    .map((run) => `the run ${run} is none of its trials`);
  const [problem] = [...doubtful, ...strange];
  if (problem !== undefined) return [bad('series', `${id}: ${problem}`)];
  const made = `${counted.length} of ${read.file.trials.length} trials`;
  return [ok('series', `${id}: ${made} count, and their verdict together is as stated`)];
}

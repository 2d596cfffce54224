// Which drills are run, where folders are named or only some of their drills are wanted.
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listRuns, nameOf } from '../archive/run-list.ts';
import { UserError } from '../screen/user-error.ts';
import { worstVerdict } from '../verdict/exit-code.ts';
import type { Verdict } from '../verdict/result.ts';
import { findDrill, isConsent, isDrillName } from './find-drill.ts';
import type { DrillRead } from './read.ts';
import { listSeries, type SeriesFile } from './series-files.ts';
import { judgedOf, readTrials } from './series-results.ts';

/** Each folder among the words as the drill files in it, by name; each file once. */
export function filesOf(words: readonly string[], directory: string): string[] {
  const files = new Map<string, string>();
  for (const word of words) {
    const path = resolve(directory, word);
    // A drill can be named, and its file too.
    for (const file of isFolder(path) ? drillsIn(path, word) : [word]) {
      files.set(resolve(directory, findDrill(file, directory)), file);
    }
  }
  return [...files.values()];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false; // whoever reads it says what is wrong with it
  }
}

/** The drill files of a folder, without those of the folders in it. Throws a `UserError`. */
export function drillsIn(path: string, word: string): string[] {
  const names = namesIn(path, word)
    .filter(isDrillName)
    .filter((name) => !isConsent(join(path, name)));
  if (names.length > 0) return names.toSorted().map((name) => join(word, name));
  throw new UserError(`there are no drill files in the folder ${word}`, {
    hint: 'drill list drills',
  });
}

function namesIn(path: string, word: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    throw new UserError(`the folder ${word} cannot be read: ${(error as Error).message}`);
  }
}

/** What a drill has to have to be run; what is null is not asked for. */
export interface Choice {
  /** A part of its name. */
  readonly grep: RegExp | null;
  /** One of these tags. */
  readonly tags: readonly string[] | null;
  /** Its newest run, or series, did not pass. */
  readonly lastFailed: boolean;
}

/** Those that are wanted. Throws a `UserError` where none is: nothing to run is no pass. */
export function chosenOf(drills: readonly DrillRead[], choice: Choice, runs: string): DrillRead[] {
  const { grep, tags, lastFailed } = choice;
  const verdicts = lastFailed ? newestVerdicts(runs) : new Map<string, Verdict>();
  const chosen = drills.filter(({ plan, drill }) => {
    if (grep !== null && !grep.test(plan.name)) return false;
    if (tags !== null && !tags.some((tag) => drill.tags.includes(tag))) return false;
    return !lastFailed || (verdicts.get(plan.name) ?? 'pass') !== 'pass';
  });
  if (chosen.length > 0) return chosen;
  const names = drills.map(({ plan }) => plan.name).join(', ');
  throw new UserError(`${wordsOf(choice)}: none of these drills is meant: ${names}`, {
    hint: lastFailed ? 'drill list runs' : 'drill list drills',
  });
}

function wordsOf({ grep, tags, lastFailed }: Choice): string {
  const parts = [
    ...(grep === null ? [] : [`--grep ${grep.source}`]),
    ...(tags === null ? [] : [`--tag ${tags.join(',')}`]),
    ...(lastFailed ? ['--last-failed'] : []),
  ];
  return parts.join(' ');
}

/** Runs of drills that have more than one trial in it. */
function repeatedRuns({ trials }: SeriesFile): (string | null)[] {
  const isRepeated = (drill: number) => trials.filter((each) => each.drill === drill).length > 1;
  return trials.filter(({ drill }) => isRepeated(drill)).map(({ run }) => run);
}

/**
 * By the name of the drill: the verdict of its newest run, or of its newest series. A run that has
 * no result did not pass, and neither did a series of which trials are due.
 */
function newestVerdicts(runs: string): Map<string, Verdict> {
  const all = listSeries(runs);
  const series = all.flatMap((file) => {
    const isDue = file.trials.some(({ state }) => state === 'due' || state === 'running');
    return judgedOf(readTrials(file)).map(({ drill, verdict, trials }) => {
      const id = trials.at(-1)?.run ?? file.id;
      const worst = isDue ? worstVerdict([verdict, 'inconclusive']) : verdict;
      return { id, name: drill.name, verdict: worst };
    });
  });
  const inSeries = new Set(all.flatMap(repeatedRuns));
  const single = listRuns(runs).flatMap(({ id, result, state }) => {
    if (inSeries.has(id) || state === 'kept') return [];
    const verdict = result?.verdict ?? 'inconclusive';
    return [{ id, name: result?.drill.name ?? nameOf(id), verdict }];
  });
  // Ids begin with the time at which they were made.
  const oldestFirst = [...single, ...series].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return new Map(oldestFirst.map(({ name, verdict }) => [name, verdict]));
}

// Cleans up after runs, one by one, from their undo logs.
import { basename, dirname, join, resolve } from 'node:path';
import { restoresIn } from '../archive/restores.ts';
import { brokenOff, placeIds } from '../archive/run-list.ts';
import { cleanRun, type Cleaned, type Perform } from '../engine/clean/clean-run.ts';
import { runsWithScratch } from '../engine/begin/scratch.ts';
import { removeHalfMade } from '../host/tree/remove-half-made.ts';
import { platform } from '../host/platform.ts';
import { isProbe } from '../topology/machine-check.ts';
import { performUndo, undoKindOf } from '../topology/undo.ts';
import type { Surroundings } from './session.ts';
import { unaskedIn, type Unasked } from './attached/unasked.ts';

export interface CleanedRun {
  readonly run: string;
  readonly directory: string;
  readonly outcome: Cleaned;
}

/** The directories of all runs that may have left something: those in `runs`, and this user's. */
export function cleanable(runs: string): string[] {
  const places = [runs, restoresIn(runs)].flatMap((folder) =>
    placeIds(folder).map((id) => join(folder, id)),
  );
  return [...places, ...runsWithScratch()];
}

/**
 * What killed runners were making: a file that was to take another one's place, a link, a folder by
 * which a check saw that folders can be made. It is in no undo log, for it is gone in a moment.
 */
export function removeHalves(runs: string): void {
  for (const place of placeIds(runs)) removeHalfMade(join(runs, place));
  removeHalfMade(runs);
  // A folder of runs that is not there yet is made in one of these.
  for (const above of [dirname(runs), dirname(dirname(runs))]) removeHalfMade(above, isProbe);
  removeHalfMade(platform().temporary, isProbe);
}

/**
 * A run that cannot be read does not keep the others from being cleaned. Without `unasked` each is
 * meant by name.
 */
export async function cleanRuns(
  directories: readonly string[],
  includeKept: boolean,
  { environment }: Pick<Surroundings, 'environment'>,
  unasked: Unasked = () => null,
): Promise<CleanedRun[]> {
  const perform: Perform = async (effect, known) => {
    const isOwn = undoKindOf(effect).inOwnSystem === true;
    const held = isOwn ? unasked(known.own) : null;
    return held === null ? await performUndo(effect, { environment, ...known }) : [held];
  };
  const cleaned: CleanedRun[] = [];
  for (const directory of new Set(directories.map((each) => resolve(each)))) {
    const outcome = await cleanRun(directory, perform, { includeKept }).catch(
      (error: Error): Cleaned => ({ state: 'cleaned', undone: [], left: [error.message] }),
    );
    cleaned.push({ run: basename(directory), directory, outcome });
  }
  return cleaned;
}

export interface BrokenOff {
  readonly run: string;
  /** What could not be removed, in words. */
  readonly left: readonly string[];
}

/** What runs whose runner was killed have left is gone before anything is measured. */
export async function cleanBrokenOff(
  runs: string,
  place: Pick<Surroundings, 'environment'>,
): Promise<BrokenOff[]> {
  removeHalves(runs);
  const places = brokenOff(runs).map((id) => join(runs, id));
  return (await cleanRuns(places, false, place, unaskedIn(runs))).map(({ run, outcome }) => {
    return { run, left: outcome.state === 'cleaned' ? outcome.left : [outcome.state] };
  });
}

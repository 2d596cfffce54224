// What carries drill's mark and belongs to no run that lives or can be found: its run directory is
// gone, as in a workspace that somebody wiped, and with it the log of how to undo it.
import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RUN_ID, placeIds } from '../archive/run-list.ts';
import {
  readScratchOwner,
  runDirectoryOf,
  scratchDirectories,
  scratchName,
  scratchOf,
} from '../engine/begin/scratch.ts';
import { runFile } from '../evidence/run-files.ts';
import type { ProvenRun } from '../evidence/undo.ts';
import { hostClock } from '../host/clock.ts';
import { isThere } from '../host/files.ts';
import { runOfDirectory } from '../host/tree/marked-directory.ts';
import { reasonOf } from '../host/operation-failed.ts';
import { endRunProcesses, leftProcesses, postgresBelow } from '../host/process/processes.ts';
import { presenceOf, ranHere, type Runner } from '../host/process/runner.ts';
import type { Remain } from '../topology/runtime.ts';
import { runtimes } from '../topology/runtimes.ts';
import { performUndo } from '../topology/undo.ts';
import type { Surroundings } from './session.ts';

export interface Orphan {
  readonly run: string;
  /** Where its run directory was; null: nothing says. */
  readonly directory: string | null;
  /** Null: it has none, or none that is found. */
  readonly scratch: string | null;
  /** Those with its mark, and PostgreSQL's, which have lost theirs, in its scratch directory. */
  readonly processes: readonly number[];
  /** In words, such as `network drill-x_east`. */
  readonly things: readonly string[];
  /**
   * Whether the runner and the folder would be seen from here. Where not, as in another container
   * or on another machine, the run may be at work, and only who names it removes it.
   */
  readonly certain: boolean;
}

type Place = Pick<Surroundings, 'environment'>;

/**
 * `runs` is a directory of runs: those in it can be found. `complain` is told where it could not be
 * looked.
 */
export async function findOrphans(
  runs: string,
  { environment }: Place,
  complain: (problem: string) => void = () => {},
): Promise<Orphan[]> {
  const known = new Set(placeIds(runs));
  const uncertain = new Set<string>();
  const judge = (run: string, directory: string | null, runner: Runner | null) => {
    const presence = runner === null ? 'gone' : presenceOf(runner);
    if (presence === 'there' || isFound(directory)) known.add(run);
    if (presence !== 'gone' || (runner !== null && !ranHere(runner))) uncertain.add(run);
  };
  const scratches = new Map<string, string>();
  const directories = new Map<string, string>();
  for (const scratch of scratchDirectories()) {
    const run = runOfDirectory(scratch);
    if (run === null || !RUN_ID.test(run)) continue;
    scratches.set(run, scratch);
    const directory = runDirectoryOf(scratch);
    if (directory !== null) directories.set(run, directory);
    judge(run, directory, readScratchOwner(scratch)?.owner ?? null);
  }
  const remains = await remainsOfAll(environment, complain);
  for (const { run, directory, runner } of remains) {
    if (directory !== null) directories.set(run, directory);
    judge(run, directory, runner);
  }
  const left = leftProcesses().filter(({ run, temporary, output }) => {
    // It writes to a log in the run directory.
    if (output !== null && isFound(dirname(dirname(output)))) known.add(run);
    return RUN_ID.test(run) && !isElsewhere(run, temporary, scratches);
  });
  const all = [
    ...scratches.keys(),
    ...remains.map(({ run }) => run),
    ...left.map((one) => one.run),
  ];
  return [...new Set(all)]
    .filter((run) => !known.has(run))
    .toSorted()
    .map((run) => ({
      run,
      directory: directories.get(run) ?? null,
      scratch: scratches.get(run) ?? null,
      processes: [
        ...new Set([
          ...left.filter((each) => each.run === run).map(({ pid }) => pid),
          ...postgresBelow(scratches.get(run) ?? scratchOf(run)),
        ]),
      ],
      things: remains.filter((each) => each.run === run).map(({ title }) => title),
      certain: !uncertain.has(run),
    }));
}

/** Where one of those who keep things cannot be asked, the others are. */
async function remainsOfAll(
  environment: Place['environment'],
  complain: (problem: string) => void,
): Promise<Remain[]> {
  const found = Object.values(runtimes).map(async ({ remains }) => {
    try {
      return remains === null ? [] : await remains.find(environment);
    } catch (error) {
      complain(reasonOf(error));
      return [];
    }
  });
  return (await Promise.all(found)).flat().filter(({ run }) => RUN_ID.test(run));
}

/**
 * Whether the run directory is where it was: then `drill clean` knows what to do. So it may be
 * where this user cannot look.
 */
function isFound(directory: string | null): boolean {
  if (directory === null || !directory.startsWith('/')) return false;
  return (['undo', 'plan'] as const).some((name) => mayBeThere(runFile(directory, name)));
}

function mayBeThere(path: string): boolean {
  try {
    return isThere(path);
  } catch {
    return true; // it cannot be seen
  }
}

/** Whether its scratch directory is there and not this user's, or where this shell has none. */
function isElsewhere(
  run: string,
  temporary: string | null,
  scratches: ReadonlyMap<string, string>,
): boolean {
  if (scratches.has(run)) return false;
  const stated = temporary === null ? [] : [join(temporary, scratchName(run))];
  return [scratchOf(run), ...stated].some(isThere);
}

/** Resolves to what could not be removed, in words. */
export async function removeOrphan(orphan: Orphan, { environment }: Place): Promise<string[]> {
  const { run, scratch } = orphan;
  const clock = hostClock();
  const place = scratch ?? scratchOf(run);
  const own: ProvenRun = { run, directory: orphan.directory ?? place, place, scratch };
  const undo = (effect: { undo: string; [fact: string]: unknown }) =>
    performUndo(effect, { clock, environment, own, system: null });
  const left: string[] = [];
  for (const data of databasesIn(scratch)) left.push(...(await undo({ undo: 'database', data })));
  const alive = await endRunProcesses(run, place, clock);
  left.push(...alive.map((pid) => `process ${pid} of run ${run}`));
  for (const { remains } of Object.values(runtimes)) {
    const isDue = orphan.things.length > 0 && remains !== null;
    if (isDue) left.push(...(await remains.remove(run, environment, clock)));
  }
  if (scratch !== null && left.length === 0) {
    left.push(...(await undo({ undo: 'directory', path: scratch })));
  }
  return left;
}

/** Data directories, whose servers may hold shared memory. */
function databasesIn(scratch: string | null): string[] {
  if (scratch === null) return [];
  const below = readdirSync(scratch, { withFileTypes: true }).filter((one) => one.isDirectory());
  return below
    .flatMap(({ name }) => ['data', 'data-destroyed'].map((data) => join(scratch, name, data)))
    .filter((data) => lstatSync(data, { throwIfNoEntry: false })?.isDirectory() ?? false);
}

// What is to be compared: drill files, folders of them, and finished runs, told apart.
import { definitionOf } from '../drill/fault/registry.ts';
import { realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type FinishedRun, planHash } from '../archive/compare.ts';
import { findFinishedRun } from '../archive/run-list.ts';
import type { Plan } from '../drill/plan/plan.ts';
import { EvidenceError } from '../evidence/evidence-error.ts';
import { readPlan } from '../evidence/run-files.ts';
import { shortPath } from '../report/reporters.ts';
import { UserError } from '../screen/user-error.ts';
import { commandName } from '../screen/command-name.ts';
import { drillsIn } from './choose-drills.ts';
import { unverifiedText, verifiedResult } from './judge.ts';
import type { DrillRead } from './read.ts';
import { plannedInSeries } from './series-files.ts';
import type { Surroundings } from './session.ts';

export interface CompareInputs {
  /** Drill files, as they are to be named. */
  readonly files: readonly string[];
  /** Those of them that nobody named but whose folder was. */
  readonly fromFolders: ReadonlySet<string>;
  readonly runs: readonly FinishedRun[];
  /** Which runs the names stand for. */
  readonly notes: readonly string[];
  /** What is said of those whose stored result is not what their evidence gives. */
  readonly unverified: readonly string[];
}

/**
 * Each word is a folder, a file, or a run as `drill show` takes it; each file and run counts once.
 * `runs` is the directory of runs. Throws a `UserError` for a word that is none of them.
 */
export function compareInputs(
  words: readonly string[],
  runs: string,
  context: Place,
): CompareInputs {
  const files = new Map<string, string>();
  const named = new Set<string>();
  const places = new Map<string, string>();
  const notes: string[] = [];
  for (const word of words) {
    const path = resolve(context.directory, word);
    const kind = kindOf(path, word);
    if (kind === 'folder') {
      for (const file of drillsIn(path, word)) files.set(resolve(context.directory, file), file);
    } else if (kind === 'file') {
      files.set(path, word);
      named.add(word);
    } else {
      const found = findFinishedRun(runs, kind === 'run' ? path : word, context.directory);
      if (found.note !== null) notes.push(`${found.note}\n`);
      places.set(realpathSync(found.place), found.place);
    }
  }
  const unverified: string[] = [];
  const finished = [...places.values()].map((place) => {
    const run = finishedRun(place, runs, context);
    if (run.differs !== null) unverified.push(unverifiedText(run.directory, run.differs));
    return run;
  });
  const all = [...files.values()];
  const fromFolders = new Set(all.filter((file) => !named.has(file)));
  return { files: all, fromFolders, runs: finished, notes, unverified };
}

type Place = Pick<Surroundings, 'directory' | 'environment'>;

type Kind = 'folder' | 'file' | 'run' | 'name';

/** A file on the disk comes before a run of that name. */
function kindOf(path: string, word: string): Kind {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts?.isDirectory()) return isRun(path) ? 'run' : 'folder';
  if (facts !== undefined || /\.ya?ml$/.test(word)) return 'file';
  if (!word.includes('/')) return 'name';
  throw new UserError(`there is no drill file, folder or run "${word}"`, {
    hint: 'drill list drills, drill list runs',
  });
}

function isRun(path: string): boolean {
  return ['plan.json', 'journal.ndjson'].some(
    (name) => statSync(join(path, name), { throwIfNoEntry: false }) !== undefined,
  );
}

function finishedRun(place: string, runs: string, { directory, environment }: Place): FinishedRun {
  const { result, differs } = verifiedResult(place, commandName(environment));
  const plan = planOf(place);
  const known = plannedInSeries(runs, basename(place));
  const plan_hash = known ?? (plan === null ? null : planHash(plan));
  return { result, differs, plan, plan_hash, directory: shortPath(directory, place) };
}

/** A run without a plan has its numbers still; what it was made under is what is not known. */
function planOf(place: string): Plan | null {
  try {
    return readPlan(place);
  } catch (error) {
    if (error instanceof EvidenceError) return null;
    throw error;
  }
}

/**
 * The drills of a folder without those that recover from another disaster than most of them do:
 * what else lies there is another question. What is named by itself is always taken.
 */
export function alikeInFolders(
  drills: readonly DrillRead[],
  { fromFolders }: Pick<CompareInputs, 'fromFolders'>,
): { readonly alike: readonly DrillRead[]; readonly left: readonly DrillRead[] } {
  const inFolders = drills.filter(({ file }) => fromFolders.has(file));
  const disasters = inFolders.map(({ plan }) => disasterOf(plan));
  const count = (disaster: string) => disasters.filter((each) => each === disaster).length;
  const most = Math.max(0, ...disasters.map(count));
  const left = inFolders.filter(({ plan }) => count(disasterOf(plan)) !== most);
  return { alike: drills.filter((drill) => !left.includes(drill)), left };
}

/** `lose-region kill` */
export function disasterOf({ faults }: Plan): string {
  const fault = faults.find(({ disaster }) => disaster)!;
  const variant = definitionOf(fault.kind).variant?.(fault);
  return variant === undefined ? fault.kind : `${fault.kind} ${variant}`;
}

// A run's scratch directory: data directories and sockets, outside the run directory and gone after
// the run. It names the run directory, so that a killed run is found again wherever its evidence
// was put, and the runner, so that what a run left is known where that directory is gone.
import { lstatSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { isOwn, writePrivateFile } from '../../host/files.ts';
import {
  OWNER_FILE,
  POINTER_FILE,
  isMarkedDirectory,
  makeMarkedDirectory,
  runOfDirectory,
} from '../../host/tree/marked-directory.ts';
import { runnerSchema } from '../../evidence/undo.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import { platform } from '../../host/platform.ts';
import type { Runner } from '../../host/process/runner.ts';

const PREFIX = 'drill-';
const SMALL_BYTES = 16_384;
/** A runtime whose databases run as somebody else lets that user pass through. */
const MODE = 0o700;

/** What the scratch directory says of the run that made it. */
export interface ScratchOwner {
  readonly run: string;
  /** Of the run's undo log. */
  readonly key: string;
  readonly owner: Runner;
}

const ownerSchema = z.object({
  run: z.string(),
  key: z.string(),
  owner: runnerSchema,
});

export function scratchName(run: string): string {
  return `${PREFIX}${run}`;
}

/** Where the scratch directory of a run is. */
export function scratchOf(run: string): string {
  return resolve(platform().temporary, scratchName(run));
}

export function makeScratch(scratch: string, owner: ScratchOwner, runDirectory: string): void {
  makeMarkedDirectory(scratch, owner.run, MODE);
  writePrivateFile(join(scratch, POINTER_FILE), runDirectory, null);
  writePrivateFile(join(scratch, OWNER_FILE), `${JSON.stringify(owner)}\n`, null);
}

/** Why it is not the scratch directory that the run made, and this user's own; null: it is. */
export function scratchProblem(
  scratch: string,
  { run, key }: { readonly run: string; readonly key: string | null },
): string | null {
  if (!lstatSync(scratch).isDirectory()) return 'it is no directory';
  if (!isOwn(scratch)) return 'it belongs to another user';
  if (!isMarkedDirectory(scratch) || runOfDirectory(scratch) !== run) {
    return `it does not carry the mark of run ${run}`;
  }
  const found = readScratchOwner(scratch)?.key ?? null;
  return found === key ? null : 'it was made by a run with another log';
}

/** Null where it says nothing that can be read, as those of earlier versions. */
export function readScratchOwner(scratch: string): ScratchOwner | null {
  try {
    const text = readPlainFile(join(scratch, OWNER_FILE), SMALL_BYTES).toString('utf8');
    return ownerSchema.parse(JSON.parse(text)) as ScratchOwner;
  } catch {
    return null;
  }
}

/** The run directory that it names; null where it names none. */
export function runDirectoryOf(scratch: string): string | null {
  const pointer = join(scratch, POINTER_FILE);
  try {
    return isOwn(pointer) ? readPlainFile(pointer, SMALL_BYTES).toString('utf8') : null;
  } catch {
    return null;
  }
}

/** This user's scratch directories in `temporary`. */
export function scratchDirectories(temporary = platform().temporary): string[] {
  return namesIn(temporary)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(temporary, name))
    .filter((scratch) => isOwn(scratch) && lstatSync(scratch).isDirectory())
    .filter(isMarkedDirectory);
}

/** The run directories that this user's scratch directories belong to. */
export function runsWithScratch(): string[] {
  return scratchDirectories().flatMap((scratch) => runDirectoryOf(scratch) ?? []);
}

/** None where it cannot be read: then no run of this user's is there either. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

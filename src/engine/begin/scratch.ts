// A run's scratch directory: data directories and sockets, outside the run directory and gone after
// the run. It names the run directory, so that a killed run is found again wherever its evidence
// was put.
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  isMarkedDirectory,
  isOwn,
  makeMarkedDirectory,
  writePrivateFile,
} from '../../host/files.ts';
import { platform } from '../../host/platform.ts';
import { temporaryDirectory } from '../../host/temporary.ts';

const PREFIX = 'drill-';
const POINTER = 'run-directory';
/** A runtime whose databases run as somebody else lets that user pass through. */
const MODE = 0o700;

/** Where the scratch directory of a run is. */
export function scratchOf(run: string): string {
  return resolve(platform().temporary, `${PREFIX}${run}`);
}

export function makeScratch(scratch: string, run: string, runDirectory: string): void {
  temporaryDirectory();
  makeMarkedDirectory(scratch, run, MODE);
  writePrivateFile(join(scratch, POINTER), runDirectory, null);
}

/** The run directories that this user's scratch directories belong to. */
export function runsWithScratch(): string[] {
  const { temporary } = platform();
  return namesIn(temporary)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(temporary, name))
    .filter((scratch) => isOwn(scratch) && isMarkedDirectory(scratch))
    .map((scratch) => join(scratch, POINTER))
    .filter(isOwn)
    .map((pointer) => readFileSync(pointer, 'utf8'));
}

/** None where it cannot be read: then no run of this user's is there either. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

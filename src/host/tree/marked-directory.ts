// Directories that carry a run's mark: made new, known again, and removed so that whoever is killed
// meanwhile leaves one that is still known.
import { chmodSync, lstatSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isOwn, makeDirectories, makeNew, removeTree, requireDirectory, taken } from '../files.ts';
import { makerOf } from '../half-made/ending.ts';

const MARK_FILE = '.drill-run';
/** Where the run directory of a marked directory stands, and who made it. */
export const POINTER_FILE = 'run-directory';
export const OWNER_FILE = 'owner.json';

/**
 * Makes the directory and marks it as the run's, so that clean-up may remove it. What is there
 * already must be that: anything else, a link of another user's above all, is an error.
 */
export function makeMarkedDirectory(path: string, run: string, mode: number): void {
  makeDirectories(dirname(path), mode);
  if (!makeNew(path, mode)) {
    requireDirectory(path, []);
    if (markOf(path) !== run) throw taken(path, 'it is not of this run');
  } else {
    try {
      writeFileSync(join(path, MARK_FILE), `${run}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      removeTree(path); // what carries no mark would stay for ever
      throw error;
    }
  }
  chmodSync(path, mode); // exactly, whatever the umask
}

/** Removes the directory where it is there and carries the run's own mark, or nothing at all. */
export function removeMarkedDirectory(path: string, run: string): void {
  if (!isOwn(path) || !lstatSync(path).isDirectory()) return;
  if (markOf(path) === run) removeMarkedTree(path);
  else if (markOf(path) === null) removeEmpty(path);
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // something is in it, and drill did not make it
  }
}

/** What says whose it is goes last, the owner first of that. */
export function removeMarkedTree(path: string): void {
  const names = readdirSync(path).filter((name) => !isMark(name) && name !== OWNER_FILE);
  for (const name of [...names, OWNER_FILE]) removeTree(join(path, name));
  removeTree(path);
}

/**
 * Whether it is this user's directory, without an owner and with nothing in it but marks, or a part
 * of them: whoever made it or removed it was killed just then.
 */
export function holdsNothing(path: string): boolean {
  const isFolder = isOwn(path) && lstatSync(path).isDirectory();
  return isFolder && readdirSync(path).every(isMark);
}

/** Also of one that was being written. */
function isMark(name: string): boolean {
  const isHalf =
    makerOf(name) !== null && [POINTER_FILE, OWNER_FILE].some((each) => name.startsWith(each));
  return isHalf || name === MARK_FILE || name === POINTER_FILE;
}

/** The run in the mark of the directory itself; null where it has none that this user can read. */
function markOf(directory: string): string | null {
  const mark = join(directory, MARK_FILE);
  try {
    return lstatSync(mark).isFile() ? readFileSync(mark, 'utf8').trim() : null; // a link is none
  } catch {
    return null;
  }
}

/** The run whose directory this is, or is in; null for a directory that drill did not make. */
export function runOfDirectory(path: string): string | null {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const run = markOf(at);
    if (run !== null) return run;
  }
  return null;
}

/** Whether the directory itself carries a mark. */
export function isMarkedDirectory(path: string): boolean {
  return markOf(path) !== null;
}

// Directories that drill makes: copied, marked as its own, removed; and small facts about files.
import { execFile } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  cpSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const MARK_FILE = '.drill-run';
const COPY_AT_MOST_MS = 60_000;
const TAIL_BYTES = 16_384;

/**
 * Makes the directory and those above it. One level at a time, since Node's own `recursive` never
 * ends where a parent takes no directories (/proc).
 */
export function makeDirectories(path: string, mode = 0o777): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.push(at);
  for (const at of missing.toReversed()) {
    try {
      mkdirSync(at, { mode });
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!isDirectory(at)) throw error;
    }
  }
  if (!isDirectory(path)) mkdirSync(path); // for its complaint: something else is there
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Makes the directory and marks it as the run's, so that clean-up may remove it. */
export function makeMarkedDirectory(path: string, run: string, mode: number): void {
  makeDirectories(path, mode);
  chmodSync(path, mode); // exactly, whatever the umask
  writeFileSync(join(path, MARK_FILE), `${run}\n`, { mode: 0o600 });
}

/** The run whose directory this is, or is in; null for a directory that drill did not make. */
export function runOfDirectory(path: string): string | null {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, MARK_FILE))) return readFileSync(join(at, MARK_FILE), 'utf8').trim();
  }
  return null;
}

/** Whether this user made it; false for what is not there. A link counts for itself. */
export function isOwn(path: string): boolean {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  return facts !== undefined && facts.uid === process.getuid?.();
}

/** Whether the directory itself carries a mark. */
export function isMarkedDirectory(path: string): boolean {
  return existsSync(join(path, MARK_FILE));
}

/** Whom a file is to belong to; null: whoever makes it. */
export type Owner = { readonly uid: number; readonly gid: number } | null;

/** A new directory for one owner only; `owner` null leaves it to this user. */
export function makePrivateDirectory(path: string, owner: Owner): void {
  makeDirectories(path, 0o700);
  if (owner !== null) chownSync(path, owner.uid, owner.gid);
}

/** A file that only its owner can read. */
export function writePrivateFile(path: string, text: string, owner: Owner): void {
  writeFileSync(path, text, { mode: 0o600 });
  if (owner !== null) chownSync(path, owner.uid, owner.gid);
}

/**
 * Copies a directory with owners, modes and times; `to` must not exist. Blocks are shared where the
 * file system can (reflink, clonefile). `cp` takes a third of the time of Node's own copy, which is
 * what is left where it fails. `environment` marks it as a process of the run: it outlives a runner
 * that is killed.
 */
export async function copyTree(
  from: string,
  to: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<void> {
  const attempts =
    process.platform === 'darwin' ? [['-a', '-c'], ['-a']] : [['-a', '--reflink=auto'], ['-a']];
  for (const flags of attempts) {
    try {
      await promisify(execFile)('cp', [...flags, from, to], {
        env: environment,
        timeout: COPY_AT_MOST_MS,
      });
      return;
    } catch (error) {
      rmSync(to, { recursive: true, force: true });
      // Whoever ends `cp` wants no copy, and must not meet one that began again.
      if ((error as { signal?: string | null }).signal) throw error;
    }
  }
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}

/** Nothing happens where there is nothing, be it that what should hold it is no directory. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
  }
}

/** Bytes that an ordinary user can still write on the file system of `path`. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** The last lines of a text file; empty when there is none. */
export function tailOf(path: string, lines: number): string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines);
  } finally {
    closeSync(file);
  }
}

/** The path of a program that can be run, or null; `path` is the environment's PATH. */
export function findProgram(name: string, path: string | undefined): string | null {
  for (const directory of (path ?? '').split(delimiter).filter(Boolean)) {
    const file = join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // not here
    }
  }
  return null;
}

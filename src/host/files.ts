// Directories and files that drill makes, without ever following a link that somebody else has put
// there: copied, marked as its own, removed; and small facts about files.
import { execFile } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  cpSync,
  existsSync,
  fchownSync,
  fstatSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { makerEnding } from './half-made/ending.ts';

const COPY_AT_MOST_MS = 60_000;
const TAIL_BYTES = 65_536;
/** Opens a log: no link is followed, and a FIFO that nobody reads is an error and no wait. */
export const APPEND =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_APPEND |
  constants.O_NOFOLLOW |
  constants.O_NONBLOCK;

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

/** False where something of that name is there, be it a link that leads nowhere. */
export function makeNew(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Throws unless it is a directory, no link to one, of this user's or one of `owners`. */
export function requireDirectory(path: string, owners: readonly number[]): void {
  const facts = lstatSync(path);
  if (!facts.isDirectory()) throw taken(path, 'it is no directory');
  const isTheirs = facts.uid === process.getuid?.() || owners.includes(facts.uid);
  if (!isTheirs) throw taken(path, `it belongs to uid ${facts.uid}`);
}

/** In the operating system's form, so that it is told as what the machine did. */
export function taken(path: string, why: string): Error {
  const message = `EEXIST: ${path} is there already, and ${why}`;
  return Object.assign(new Error(message), { code: 'EEXIST', syscall: 'mkdir', path });
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // not there, or below something that is none
  }
}

/** Whether anything is there. A link counts for itself. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Whether this user made it; false for what is not there. A link counts for itself. */
export function isOwn(path: string): boolean {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  return facts !== undefined && facts.uid === process.getuid?.();
}

/** Whom a file is to belong to; null: whoever makes it. */
export type Owner = { readonly uid: number; readonly gid: number } | null;

/** A directory for one owner only, new or theirs already; `owner` null leaves it to this user. */
export function makePrivateDirectory(path: string, owner: Owner): void {
  makeDirectories(dirname(path), 0o700);
  if (!makeNew(path, 0o700)) requireDirectory(path, owner === null ? [] : [owner.uid]);
  if (owner !== null) lchownSync(path, owner.uid, owner.gid);
}

/**
 * A file that only its owner can read, in place of what has that name: a link is replaced, not
 * followed, and a reader finds the old text or the new one.
 */
export function writePrivateFile(path: string, text: string, owner: Owner): void {
  const half = `${path}.making-${makerEnding()}`;
  rmSync(half, { force: true }); // of an earlier process with this one's id
  const file = openSync(half, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    if (owner !== null) fchownSync(file, owner.uid, owner.gid);
    renameSync(half, path);
  } catch (error) {
    rmSync(half, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
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
  atMost_ms = COPY_AT_MOST_MS,
): Promise<void> {
  const attempts =
    process.platform === 'darwin' ? [['-a', '-c'], ['-a']] : [['-a', '--reflink=auto'], ['-a']];
  for (const flags of attempts) {
    try {
      await promisify(execFile)('cp', [...flags, from, to], {
        env: environment,
        timeout: atMost_ms,
      });
      return;
    } catch (error) {
      rmSync(to, { recursive: true, force: true });
      // Whoever ends `cp`, or removes the place, wants no copy, and must not meet a new one: Node's
      // own would make the place again.
      const { signal = null } = error as { signal?: NodeJS.Signals | null };
      if (signal !== null) throw endedCopy(to, signal, error);
      if (!existsSync(dirname(to))) throw error;
    }
  }
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}

/** Told like a call that the operating system refused: a limit, its killer, or a wait ended it. */
function endedCopy(to: string, signal: NodeJS.Signals, cause: unknown): Error {
  const found = signal === 'SIGXFSZ' ? 'EFBIG: file too large' : `ended by ${signal}`;
  const code = signal === 'SIGXFSZ' ? 'EFBIG' : signal;
  return Object.assign(new Error(`${found}, copy to ${to}`, { cause }), { code, syscall: 'copy' });
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
export function tailOf(path: string, lines: number, from = 0): string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(Math.max(0, size - from), TAIL_BYTES));
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

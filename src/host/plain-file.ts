// Reads small files that may come from anywhere: a FIFO or a device in a file's place would be
// waited for, one of gigabytes would fill the memory, and a link leads elsewhere. None is opened.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
} from 'node:fs';

const MISSING = 'there is no such file';

/** Why it is not read as a plain file of at most so many bytes; null: it can be. */
function plainProblem(path: string, atMost_bytes: number): string | null {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  return facts === undefined ? MISSING : problemOf(facts, atMost_bytes);
}

/** Throws a sentence where it is no plain file, or larger. */
export function readPlainFile(path: string, atMost_bytes: number): Buffer {
  const problem = plainProblem(path, atMost_bytes);
  if (problem !== null) throw new Error(problem);
  // Something else may have its name by now.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const facts = fstatSync(file);
    const changed = problemOf(facts, atMost_bytes);
    if (changed !== null) throw new Error(changed);
    return readAll(file, facts.size, atMost_bytes);
  } finally {
    closeSync(file);
  }
}

/** Opens a plain file to read and to add to, and makes it where there is none; throws likewise. */
export function openPlainToAppend(path: string): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const problem = plainProblem(path, Infinity);
  if (problem !== null && problem !== MISSING) throw new Error(problem);
  const file = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  const changed = problemOf(fstatSync(file), Infinity);
  if (changed === null) return file;
  closeSync(file);
  throw new Error(changed);
}

/** Its writer may add to it meanwhile; what comes after the limit is left. */
function readAll(file: number, size: number, atMost_bytes: number): Buffer {
  const chunks: Buffer[] = [];
  let left = Math.min(size, atMost_bytes);
  while (left > 0) {
    const chunk = Buffer.allocUnsafe(Math.min(left, 1 << 20));
    const read = readSync(file, chunk, 0, chunk.length, null);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    left -= read;
  }
  return Buffer.concat(chunks);
}

function problemOf(facts: Stats, atMost_bytes: number): string | null {
  if (!facts.isFile()) return `expected a file, found ${kindOf(facts)}`;
  if (facts.size <= atMost_bytes) return null;
  return `expected at most ${megabytes(atMost_bytes)} MB, found ${megabytes(facts.size)}`;
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}

function kindOf(facts: Stats): string {
  if (facts.isSymbolicLink()) return 'a link';
  if (facts.isDirectory()) return 'a directory';
  if (facts.isFIFO()) return 'a FIFO';
  return facts.isSocket() ? 'a socket' : 'a device';
}

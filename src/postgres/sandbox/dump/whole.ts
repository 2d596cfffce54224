// Whether a dump is whole, where the program that loads it would not say so: a file of SQL that
// ends too early is only a shorter one, and so are the rows of a table in a directory.
import { closeSync, createReadStream, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Readable } from 'node:stream';
import { isEnded } from './form.ts';

const TAIL_BYTES = 4 * 1024;
/** pg_dump ends the rows of each table with it, where they are no statements. */
const ROWS_END = '\\.\n\n\n';
const STATEMENTS = /^INSERT INTO /;
const STATEMENTS_END = /;\n+$/;
/** Of tables; what is in `blob_*.dat` has no such end. */
const TABLE_FILE = /^\d+\.dat(\.\w+)?$/;

/** The bytes of it, unpacked where it is packed. */
export function readUnpacked(path: string): Readable {
  const file = createReadStream(path);
  if (!path.endsWith('.gz')) return file;
  const unpacked = createGunzip();
  file.on('error', (error) => unpacked.destroy(error));
  return file.pipe(unpacked);
}

const ENTRY = '\n-- Name: ';

/** The same bytes; tells the line on which the first thing is that the dump makes. */
export async function* withFirstEntry(
  chunks: AsyncIterable<Buffer>,
  tell: (line: number) => void,
): AsyncGenerator<Buffer> {
  let line = 1;
  let rest = '';
  let isFound = false;
  for await (const chunk of chunks) {
    if (!isFound) {
      const text = rest + chunk.toString('latin1');
      const at = text.indexOf(ENTRY);
      isFound = at !== -1;
      // A beginning of it may be at the end of a chunk.
      rest = text.slice(-(ENTRY.length - 1));
      const read = isFound ? text.slice(0, at + 1) : text.slice(0, -rest.length);
      line += read.split('\n').length - 1;
      if (isFound) tell(line);
    }
    yield chunk;
  }
}

interface Ends {
  readonly head: string;
  readonly tail: string;
}

/** Rejects where it cannot be unpacked to its end. */
async function unpackedEnds(path: string, signal: AbortSignal): Promise<Ends> {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  const keep = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      if (head.length === 0) head = Buffer.from(chunk.subarray(0, TAIL_BYTES));
      tail = Buffer.concat([tail.subarray(-TAIL_BYTES), chunk.subarray(-TAIL_BYTES)]);
    }
  };
  await pipeline(readUnpacked(path), keep, { signal });
  return { head: head.toString('utf8'), tail: tail.toString('utf8') };
}

/** What it begins with, or why nothing of it can be read: it is damaged. */
export async function beginningOf(
  path: string,
): Promise<{ readonly text: string } | { readonly damage: string }> {
  try {
    for await (const chunk of readUnpacked(path)) {
      return { text: (chunk as Buffer).toString('utf8') };
    }
    return { damage: 'it is empty' };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_') === true) return { damage: message };
    throw error;
  }
}

/** What is not whole, each in words; empty: all of it is, as far as its files show. */
export async function cutShort(
  path: string,
  format: 'sql' | 'directory',
  signal: AbortSignal,
): Promise<string[]> {
  const files = format === 'sql' ? [path] : tableNames(path).map((name) => join(path, name));
  const problems: string[] = [];
  for (const file of files) {
    const problem = await problemOf(file, format, signal);
    if (problem !== null) problems.push(problem);
  }
  return problems;
}

/** Rows whose end is not looked at: how they are packed is not known here. */
export function unknownPacking(directory: string): string | null {
  return tableNames(directory).find((name) => !/\.dat(\.gz)?$/.test(name)) ?? null;
}

function tableNames(directory: string): string[] {
  return readdirSync(directory).filter((name) => TABLE_FILE.test(name));
}

async function problemOf(
  file: string,
  format: 'sql' | 'directory',
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const isPacked = file.endsWith('.gz');
    const { head, tail } = isPacked ? await unpackedEnds(file, signal) : plainEnds(file);
    const isWhole = format === 'sql' ? isEnded(tail) : areEnded(head, tail);
    return isWhole ? null : `${file}: cut short, its end is missing`;
  } catch (error) {
    signal.throwIfAborted();
    return `${file}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function areEnded(head: string, tail: string): boolean {
  // Of statements, a table without rows has empty lines; nothing at all is what no pg_dump writes.
  if (tail.endsWith(ROWS_END) || (tail !== '' && tail.trim() === '')) return true;
  return STATEMENTS.test(head) && STATEMENTS_END.test(tail);
}

function plainEnds(path: string): Ends {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const part = (from: number) => {
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, from)).toString('utf8');
    };
    return { head: part(0), tail: part(Math.max(0, size - TAIL_BYTES)) };
  } finally {
    closeSync(file);
  }
}

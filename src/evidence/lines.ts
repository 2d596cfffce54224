// Files of one JSON object a line, appended to: the journal and the undo log.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { Fit } from '../drill/misfit.ts';
import { readPlainFile } from '../host/plain-file.ts';
import { readingError, readWhole, UnreadableError } from './evidence-error.ts';

/** The problem of a file whose writer was killed in the middle of a line. */
export const TORN = 'the last line is torn';

/**
 * Appends lines to one file, each in one write; `sync`: it is on the disk before `append` returns.
 * Throws what the operating system says.
 */
export class LineWriter<T extends object> {
  readonly #fd: number;
  readonly #sync: boolean;
  #isOpen = true;

  constructor(file: string, { sync = false } = {}) {
    this.#fd = openSync(file, 'a', 0o600);
    this.#sync = sync;
  }

  append(value: T): void {
    this.write(JSON.stringify(value));
  }

  /** One line as it is to stand there. */
  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done);
    if (this.#sync) fsyncSync(this.#fd);
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}

export interface Lines<T> {
  readonly values: T[];
  /** `line 7 is not an event`, `the last line is torn`. */
  readonly problems: string[];
}

/**
 * Reads every line that `fit` accepts, and says `line 7 <problem>` of the others; `seal` says what
 * is wrong with a line beside its contents. Throws an `EvidenceError` when the file cannot be read.
 */
export function readLines<T>(
  file: string,
  fit: (value: unknown) => Fit<T>,
  seal: (line: string) => string | null = () => null,
  atMost_bytes: number | null = null,
): Lines<T> {
  const bytes = atMost_bytes === null ? readWhole(file) : readSmall(file, atMost_bytes);
  const lines = bytes.toString('utf8').split('\n');
  const tail = lines.pop()!;
  const values: T[] = [];
  const problems: string[] = [];
  lines.forEach((line, index) => {
    const read = fit(parse(line));
    const broken = seal(line);
    if ('value' in read) values.push(read.value);
    const problem = 'problem' in read ? read.problem : broken;
    if (problem !== null) problems.push(`line ${index + 1} ${problem}`);
  });
  if (tail !== '') problems.push(TORN);
  if (problems.length <= 5) return { values, problems };
  const more = `and ${problems.length - 4} more problems`;
  return { values, problems: [...problems.slice(0, 4), more] };
}

function readSmall(file: string, atMost_bytes: number): Buffer {
  try {
    return readPlainFile(file, atMost_bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) throw readingError(file, error);
    throw new UnreadableError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

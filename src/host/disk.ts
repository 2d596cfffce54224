// What the disk says: how much a directory takes, and that it cannot be written.
import { EnvironmentError } from './environment-error.ts';
import { runToEnd } from './process/run-to-end.ts';

const USAGE_AT_MOST_MS = 5_000;
const BLOCK_BYTES = 1024;
const CODES = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG', 'EMFILE', 'ENFILE'];

/** An `EnvironmentError` for an error of the disk; null for every other error. */
export function diskError(error: unknown, what: string): EnvironmentError | null {
  if (!(error instanceof Error)) return null;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || !CODES.includes(code)) return null;
  const problem = {
    what,
    expected: 'a disk that takes what is written',
    found: message,
    hint: 'make room, or put the run elsewhere with --out DIR; then: drill clean',
  };
  return new EnvironmentError(problem, { cause: error });
}

/** Null where it cannot be said. What a server removes meanwhile does not matter. */
export async function diskBytes(directory: string): Promise<number | null> {
  const { stdout } = await runToEnd('du', ['-sk', directory], { atMost_ms: USAGE_AT_MOST_MS });
  const blocks = /^(\d+)\s/.exec(stdout)?.[1];
  return blocks === undefined ? null : Number(blocks) * BLOCK_BYTES;
}

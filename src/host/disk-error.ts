// What a disk that cannot be written is called to the user.
import { EnvironmentError } from './environment-error.ts';

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

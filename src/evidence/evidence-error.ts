// Opens files of a run to read them, and says why one tells nothing: it is damaged, or it cannot be
// read. The first is a fact about the evidence, the second one about who looks at it.
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';

/** A file of a run is missing or damaged; the message says what was expected and found. */
export class EvidenceError extends Error {
  override readonly name: string = 'EvidenceError';
}

/** A file of a run is there and cannot be read: nothing is known of what it holds. */
export class UnreadableError extends EvidenceError {
  override readonly name = 'UnreadableError';
}

/** What the operating system said when a file of a run was opened or read, as such an error. */
export function readingError(file: string, error: unknown): EvidenceError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return new EvidenceError(`${file} cannot be read: ${message}`);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new EvidenceError(`${file} cannot be read: ${message}`);
  }
  const why = WHY[code]?.(file) ?? message;
  return new UnreadableError(`${file} cannot be read: ${why}`, { cause: error });
}

const WHY: Readonly<Record<string, (file: string) => string>> = {
  EACCES: belongsTo,
  EPERM: belongsTo,
  EIO: () => 'the disk reports an error (EIO)',
};

function belongsTo(file: string): string {
  try {
    const { uid, mode } = statSync(file);
    const bits = (mode & 0o777).toString(8).padStart(4, '0');
    return `it belongs to another user (uid ${uid}, mode ${bits})`;
  } catch {
    return 'it lies in a directory that this user may not enter';
  }
}

/** Throws an `EvidenceError`; nobody waits for a pipe that stands in a file's place. */
export function openToRead(file: string): number {
  let opened: number;
  try {
    opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw readingError(file, error);
  }
  if (fstatSync(opened).isFile()) return opened;
  closeSync(opened);
  throw new UnreadableError(`${file} cannot be read: it is no file`);
}

/** All of a file. Throws an `EvidenceError`. */
export function readWhole(file: string): Buffer {
  const opened = openToRead(file);
  try {
    return readFileSync(opened);
  } catch (error) {
    throw readingError(file, error);
  } finally {
    closeSync(opened);
  }
}

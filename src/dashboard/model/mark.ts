// Whether a file is still the one that was read.
import { lstatSync } from 'node:fs';

/** Changes with the file, or with what is in the folder. */
export function markOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = lstatSync(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch {
    return '-';
  }
}

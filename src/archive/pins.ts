// A pinned run stays on the disk until it is unpinned: a file of its directory says so.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { runFile } from '../evidence/run-files.ts';

export function isPinned(directory: string): boolean {
  return existsSync(runFile(directory, 'pinned'));
}

/** False where it was so already. Throws what the operating system says. */
export function setPinned(directory: string, pinned: boolean): boolean {
  if (isPinned(directory) === pinned) return false;
  const file = runFile(directory, 'pinned');
  if (pinned) writeFileSync(file, 'drill unpin takes this file away\n');
  else rmSync(file);
  return true;
}

// What the embedded runtime leaves on the machine, undone: a database's shared memory, a directory.
// Nothing is touched that does not carry a run's mark.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../host/clock.ts';
import { isMarkedDirectory, removeTree, runOfDirectory } from '../../host/files.ts';
import { RUN_MARK } from '../../host/process/processes.ts';
import { scrub } from '../../postgres/server/dead.ts';

/**
 * Frees the shared memory of a killed server, if there is one; the directory itself has an entry of
 * its own.
 */
export async function scrubDatabase(data: string, bin: string, clock: Clock): Promise<string[]> {
  if (!existsSync(data)) return [];
  const run = runOfDirectory(data);
  if (run === null) return [`${data}: not made by drill, so not touched`];
  return await scrub({
    title: data,
    bin,
    data,
    environment: { [RUN_MARK]: run },
    logFile: join(dirname(data), 'scrub.log'),
    clock,
  });
}

/** Resolves to why it could not be removed; empty when it is gone. */
export function removeDirectory(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!isMarkedDirectory(path) && readdirSync(path).length > 0) {
    return [`${path}: not made by drill, so not touched`];
  }
  try {
    removeTree(path);
    return [];
  } catch (error) {
    return [`${path}: ${(error as Error).message}`];
  }
}

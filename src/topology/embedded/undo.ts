// Undoes one effect of a run that was killed before it could clean up. Everything here can be done
// twice, and nothing is touched that does not carry the run's mark.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { UndoEntry } from '../../evidence/undo.ts';
import { hostClock, type Clock } from '../../host/clock.ts';
import { isMarkedDirectory, removeTree, runOfDirectory } from '../../host/files.ts';
import { endRunProcesses, RUN_MARK } from '../../host/processes.ts';
import { scrub } from '../../postgres/dead.ts';

/** Resolves to what could not be undone, each in words; empty when nothing is left. */
export async function performUndo(entry: UndoEntry, clock: Clock = hostClock()): Promise<string[]> {
  switch (entry.undo) {
    case 'owner':
    case 'done':
    case 'kept':
      return []; // they say something of the run, and are no effects
    case 'processes': {
      const alive = await endRunProcesses(entry.run, entry.directory, clock);
      return alive.map((pid) => `process ${pid} of run ${entry.run}`);
    }
    case 'database':
      return await scrubDatabase(entry.data, entry.bin, clock);
    case 'directory':
      return removeDirectory(entry.path);
  }
}

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

function removeDirectory(path: string): string[] {
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

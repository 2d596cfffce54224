// Makes the place of a new run: its id, its run directory, where its scratch directory will be.
import { join } from 'node:path';
import { createRunDirectory, newRunId } from '../archive/run-directory.ts';
import { scratchOf } from '../engine/scratch.ts';
import { hostClock } from '../host/clock.ts';
import type { RunPlace } from '../topology/system.ts';

/** `runs` is the directory of runs. */
export function newPlace(runs: string, name: string): RunPlace {
  const id = newRunId(name, hostClock());
  const directory = createRunDirectory(runs, id);
  return { id, directory, logs: join(directory, 'logs'), scratch: scratchOf(id) };
}

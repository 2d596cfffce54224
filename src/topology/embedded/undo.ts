// What the embedded runtime leaves on the machine, undone: a database's shared memory, processes
// that stand still. Nothing is touched that does not carry a run's mark.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Effect, UndoKind } from '../../evidence/undo.ts';
import type { Clock } from '../../host/clock.ts';
import { runOfDirectory } from '../../host/files.ts';
import {
  isStillThere,
  type OtherProcess,
  continueTrees,
  RUN_MARK,
} from '../../host/process/processes.ts';
import type { UpContext } from '../system/system.ts';

/**
 * A PostgreSQL data directory: its shared memory goes with a start and a stop before it is deleted.
 */
interface Database extends Effect {
  readonly undo: 'database';
  readonly data: string;
  readonly bin: string;
  readonly uid: number | null;
}

export const databaseUndo: UndoKind<Database> = {
  undo: 'database',
  describe: ({ data }) => `database ${data}`,
  atMost_ms: 40_000, // it is started once more and stopped
  perform: ({ data, bin }, { clock }) => scrubDatabase(data, bin, clock),
  // With it goes the only thing that the shared memory can be freed with.
  keeps: ({ data }) => data,
};

/** Has the shared memory of the database freed at the end, by this runner or by `drill clean`. */
export async function deferScrub(
  { defer, clock }: Pick<UpContext, 'defer' | 'clock'>,
  database: Pick<Database, 'data' | 'bin' | 'uid'>,
): Promise<void> {
  await defer({ undo: 'database', ...database }, async () => {
    const left = await scrubDatabase(database.data, database.bin, clock);
    if (left.length > 0) throw new Error(left.join('; '));
  });
}

/** Processes that were stopped by SIGSTOP, with everything below them. */
interface StoppedProcesses extends Effect {
  readonly undo: 'stopped-processes';
  readonly processes: readonly OtherProcess[];
}

export const stoppedProcessesUndo: UndoKind<StoppedProcesses> = {
  undo: 'stopped-processes',
  describe: ({ processes }) => `${processes.length} stopped processes`,
  perform: ({ processes }) => {
    continueTrees(processes.filter(isStillThere).map(({ pid }) => pid));
    return Promise.resolve([]);
  },
};

/**
 * Frees the shared memory of a killed server, if there is one; the directory itself has an entry of
 * its own.
 */
export async function scrubDatabase(data: string, bin: string, clock: Clock): Promise<string[]> {
  if (!existsSync(data)) return [];
  const run = runOfDirectory(data);
  if (run === null) return [`${data}: not made by drill, so not touched`];
  const { scrub } = await import('../../postgres/server/launcher.ts');
  return await scrub({
    title: data,
    bin,
    data,
    environment: { [RUN_MARK]: run },
    logFile: join(dirname(data), 'scrub.log'),
    clock,
  });
}

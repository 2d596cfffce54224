// Undoes one effect of a run that was killed before it could clean up, whatever runtime it had.
// Everything here can be done twice, and nothing is touched that does not carry the run's mark.
import type { UndoEntry } from '../evidence/undo.ts';
import { hostClock, type Clock } from '../host/clock.ts';
import { isStillThere } from '../host/process/other-process.ts';
import { continueTrees, endRunProcesses } from '../host/process/processes.ts';
import { removeToxics } from '../link/undo.ts';
import { addressAt, type Variables } from './compose/address.ts';
import { unpause } from './compose/container.ts';
import { engineAt } from './compose/engine.ts';
import { removeRun } from './compose/remove.ts';
import { removeDirectory, scrubDatabase } from './embedded/undo.ts';
import { mendArchiving } from './undo-archiving.ts';

export interface UndoSurroundings {
  readonly clock?: Clock;
  /** For the certificates of a docker engine that wants some. */
  readonly environment?: Variables;
}

/** Resolves to what could not be undone, each in words; empty when nothing is left. */
export async function performUndo(
  entry: UndoEntry,
  { clock = hostClock(), environment = {} }: UndoSurroundings = {},
): Promise<string[]> {
  switch (entry.undo) {
    case 'owner':
    case 'undone':
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
    case 'compose': {
      const engine = engineAt(addressAt(entry.docker, environment));
      return await removeRun(engine, entry.run, clock, false);
    }
    case 'toxics':
      return await removeToxics(entry.url, entry.toxics);
    case 'stopped-processes':
      continueTrees(entry.processes.filter(isStillThere).map(({ pid }) => pid));
      return [];
    case 'paused-containers':
      return await unpause(engineAt(addressAt(entry.docker, environment)), entry.containers);
    case 'archive-command':
      return await mendArchiving(entry.directory, entry.node, environment);
  }
}

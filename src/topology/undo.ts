// Every kind of undo: those that each runtime can have, and its own.
import { existsSync, readdirSync } from 'node:fs';
import type { Effect, UndoKind, UndoSurroundings } from '../evidence/undo.ts';
import { hostClock } from '../host/clock.ts';
import { isMarkedDirectory, removeTree } from '../host/files.ts';
import { endRunProcesses } from '../host/process/processes.ts';
import { toxicsUndo } from '../link/toxics.ts';
import { runtimes } from './runtimes.ts';
import { reasonOf } from '../host/operation-failed.ts';
import { runFile } from '../evidence/run-files.ts';
import { setArchiving } from '../postgres/backup/archiver.ts';
import { readKeptSystem } from './kept-system.ts';
import { adminAddress } from './assembled/database.ts';

/**
 * Every process with the run's mark in its environment or its working directory below `directory`.
 */
interface Processes extends Effect {
  readonly undo: 'processes';
  readonly run: string;
  readonly directory: string;
}

interface Directory extends Effect {
  readonly undo: 'directory';
  readonly path: string;
}

const processes: UndoKind<Processes> = {
  undo: 'processes',
  describe: ({ run }) => `processes of run ${run}`,
  perform: async ({ run, directory }, { clock }) => {
    const alive = await endRunProcesses(run, directory, clock);
    return alive.map((pid) => `process ${pid} of run ${run}`);
  },
};

const directory: UndoKind<Directory> = {
  undo: 'directory',
  describe: ({ path }) => `directory ${path}`,
  perform: async ({ path }) => {
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
  },
};

/** An effect of a later version of drill. */
const unknown: UndoKind = {
  undo: '',
  describe: ({ undo }) => `an effect of the kind ${undo}`,
  perform: () => Promise.resolve(['this version of drill does not know how to undo it']),
};

/** How the effect is undone. */
export function undoKindOf({ undo }: Effect): UndoKind {
  const own = Object.values(runtimes).flatMap((runtime) => runtime.undo);
  const shared = [processes, directory, toxicsUndo, archiveCommandUndo];
  return [...shared, ...own].find((kind) => kind.undo === undo) ?? unknown;
}

/**
 * Undoes one effect of a run that was killed before it could clean up. Resolves to what could not
 * be undone, each in words; empty when nothing is left.
 */
export async function performUndo(
  effect: Effect,
  { clock = hostClock(), environment = {} }: Partial<UndoSurroundings> = {},
): Promise<string[]> {
  return await undoKindOf(effect).perform(effect, { clock, environment });
}

interface ArchiveCommand extends Effect {
  readonly undo: 'archive-command';
  /** The run directory of the system; a system that was not kept goes down with its run. */
  readonly directory: string;
  /** The primary. */
  readonly node: string;
}

const archiveCommandUndo: UndoKind<ArchiveCommand> = {
  undo: 'archive-command',
  describe: ({ node }) => `the archive command of ${node}`,
  perform: async ({ directory, node }, { environment }) => {
    if (!existsSync(runFile(directory, 'system'))) return []; // it goes down with its run
    try {
      const kept = readKeptSystem(directory);
      const url = kept.nodes.find((each) => each.node === node)?.url;
      const admin = await runtimes[kept.runtime].adminOf(kept, node, environment);
      if (url === undefined || admin === null) return []; // the primary is gone
      const { hostname: host, port } = new URL(url);
      await setArchiving(adminAddress({ host, port: Number(port) }, admin), true);
      return [];
    } catch (error) {
      return [reasonOf(error)];
    }
  },
};

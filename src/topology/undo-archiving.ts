// Ends the fault `break-archive` of a runner that was killed, on a system that lives on: how to
// reach its primary stands in its `system.json`, which only its owner can read.
import { reasonOf } from '../host/operation-failed.ts';
import { existsSync } from 'node:fs';
import { runFile } from '../evidence/run-files.ts';
import type { Effect, UndoKind } from '../evidence/undo.ts';
import { setArchiving } from '../postgres/backup/archiver.ts';
import { readKeptSystem } from './kept-system.ts';
import { adminAddress } from './database.ts';
import type { Variables } from './runtime.ts';
import { runtimes } from './runtimes.ts';

interface ArchiveCommand extends Effect {
  readonly undo: 'archive-command';
  /** The run directory of the system; a system that was not kept goes down with its run. */
  readonly directory: string;
  /** The primary. */
  readonly node: string;
}

export const archiveCommandUndo: UndoKind<ArchiveCommand> = {
  undo: 'archive-command',
  describe: ({ node }) => `the archive command of ${node}`,
  perform: ({ directory, node }, { environment }) => mendArchiving(directory, node, environment),
};

/** Resolves to what could not be undone, in words; nothing where the primary is gone. */
async function mendArchiving(
  directory: string,
  node: string,
  environment: Variables,
): Promise<string[]> {
  if (!existsSync(runFile(directory, 'system'))) return []; // it goes down with its run
  try {
    const kept = readKeptSystem(directory);
    const url = kept.nodes.find((each) => each.node === node)?.url;
    const admin = await runtimes[kept.runtime].adminOf(kept, node, environment);
    if (url === undefined || admin === null) return [];
    const { hostname: host, port } = new URL(url);
    await setArchiving(adminAddress({ host, port: Number(port) }, admin), true);
    return [];
  } catch (error) {
    return [reasonOf(error)];
  }
}

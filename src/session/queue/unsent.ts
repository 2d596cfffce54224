// What a worker has made and not sent yet: a file for each trial that it took, so that a result is
// not lost where the database or the worker is gone just then.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAsWritten, stateOf } from '../../archive/run-list.ts';
import { writeDurably } from '../../host/durable.ts';
import { makeDirectories } from '../../host/files.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import type { Mine } from '../../queue/holders.ts';

const FILE_BYTES = 2 ** 20;

export interface Unsent {
  readonly taken: Mine;
  readonly run: string;
}

function folderOf(runs: string): string {
  return join(runs, '.unsent');
}

function fileOf(runs: string, run: string): string {
  return join(folderOf(runs), `${run}.json`);
}

/** From now on the run is of this job, also for the next worker here. */
export function noteUnsent(runs: string, { taken: { queue, id, held }, run }: Unsent): void {
  makeDirectories(folderOf(runs));
  const text = JSON.stringify({ taken: { queue, id, held }, run });
  writeDurably(fileOf(runs, run), `${text}\n`, { mode: 0o600 });
}

export function forgetUnsent(runs: string, run: string): void {
  rmSync(fileOf(runs, run), { force: true });
}

/** Those that are over, with a result; those without one are forgotten. */
export function listUnsent(runs: string): Unsent[] {
  return namesIn(folderOf(runs)).flatMap((name) => {
    const unsent = readUnsent(join(folderOf(runs), name));
    if (unsent === null) return [];
    const directory = join(runs, unsent.run);
    if (stateOf(directory) !== 'finished') return [];
    if (isAsWritten(directory)) return [unsent];
    forgetUnsent(runs, unsent.run);
    return [];
  });
}

function readUnsent(path: string): Unsent | null {
  try {
    return JSON.parse(readPlainFile(path, FILE_BYTES).toString('utf8')) as Unsent;
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

// Which runs stay on the disk. Never removed: a run that goes on, has its system up or something
// left to clean, is pinned, belongs to a series that is running, or is what a drill last passed
// with.
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isPinned } from '../archive/run-directory.ts';
import { beganAt, isOver, placeIds } from '../archive/run-list.ts';
import { readConfig } from '../drill/file/config.ts';
import { formatDiagnostic, hasErrors } from '../drill/file/diagnostic.ts';
import { resolveSettings, statedSettings, type Retention } from '../drill/file/settings.ts';
import { UserError } from '../screen/user-error.ts';
import { historyOf } from './history/past-runs.ts';
import { runsOfNewestPasses } from './history/passes.ts';
import { forgetSeries, runsOfRunningSeries } from './series-files.ts';
import type { Surroundings } from './session.ts';
import { CONFIG_FILE, readConfigSource } from './source.ts';

/**
 * Removes finished runs from the directory `runs`, oldest first, and returns their ids. One that
 * cannot be removed is told to `complain` and stays.
 */
export function pruneRuns(
  runs: string,
  { keep_at_least, keep_for_ms, keep_bytes }: Retention,
  now_ms: number,
  complain: (problem: string) => void,
): string[] {
  const inSeries = runsOfRunningSeries(runs);
  const mayGo = (id: string) => {
    const directory = join(runs, id);
    return !inSeries.has(id) && !isPinned(directory) && isOver(directory, now_ms);
  };
  const ids = placeIds(runs);
  const beyond = new Set(ids.filter(mayGo).slice(keep_at_least));
  if (beyond.size === 0) return [];
  // Asked for where a run would go only: the whole history is read for it.
  let passes: ReadonlySet<string> | null = null;
  const isNewestPass = (id: string) => {
    passes ??= runsOfNewestPasses(runs, historyOf(runs));
    return passes.has(id);
  };
  let bytes = 0;
  const due = ids.filter((id) => {
    const withIt = bytes + bytesBelow(join(runs, id));
    const isPast = withIt > keep_bytes || now_ms - beganAt(id) > keep_for_ms;
    const isDue = beyond.has(id) && isPast && !isNewestPass(id);
    if (!isDue) bytes = withIt;
    return isDue;
  });
  const removed = due.toReversed().filter((id) => removeRun(join(runs, id), complain));
  if (removed.length > 0) forgetSeries(runs, new Set(placeIds(runs)));
  return removed;
}

/** The retention of the configuration file. Throws a `UserError` where that has errors. */
export async function retentionHere({
  directory,
}: Pick<Surroundings, 'directory'>): Promise<Retention> {
  const source = await readConfigSource(directory);
  const problem = (text: string) =>
    new UserError(`how long runs are kept is not known: ${text}`, {
      hint: `mend ${CONFIG_FILE}, or say how many stay: drill list runs --prune N`,
    });
  if (source !== null && 'problem' in source) throw problem(`${source.file}: ${source.message}`);
  const config = source === null ? null : readConfig(source);
  const diagnostics = config?.diagnostics ?? [];
  if (hasErrors(diagnostics)) throw problem(diagnostics.map(formatDiagnostic).join('\n'));
  const stated = { ...statedSettings({}, config), keep: [] };
  return resolveSettings(stated).settings.retention;
}

/** Its run may be another user's, or be removed by somebody else at the same time. */
function removeRun(directory: string, complain: (problem: string) => void): boolean {
  try {
    rmSync(directory, { recursive: true, force: true });
    return true;
  } catch (error) {
    complain(`${directory} cannot be removed: ${(error as Error).message}`);
    return false;
  }
}

/** What cannot be looked at, or is gone by now, counts nothing. */
function bytesBelow(path: string): number {
  try {
    const facts = lstatSync(path);
    if (!facts.isDirectory()) return facts.size;
    return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
  } catch {
    return 0;
  }
}

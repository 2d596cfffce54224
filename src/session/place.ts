// Where runs are kept here, and the place of a new one: its id, its run directory, where its
// scratch directory will be.
import { join } from 'node:path';
import {
  createRunDirectory,
  newRegionsId,
  newRunId,
  runsDirectory,
} from '../archive/run-directory.ts';
import { readConfig, type ConfigReading } from '../drill/file/config.ts';
import { formatDiagnostic } from '../drill/file/diagnostic.ts';
import type { DatabaseAddress } from '../drill/database-address.ts';
import { resolveSettings, statedSettings } from '../drill/file/settings.ts';
import { scratchOf } from '../engine/begin/scratch.ts';
import { hostClock } from '../host/clock.ts';
import { UserError } from '../screen/user-error.ts';
import type { RunPlace } from '../topology/system/system.ts';
import type { Surroundings } from './session.ts';
import { readConfigSource } from './source.ts';

/** Regions that runs of a series share are no run that anybody asks for. */
export function newPlace(runs: string, name: string, as: 'run' | 'regions' = 'run'): RunPlace {
  const id = (as === 'run' ? newRunId : newRegionsId)(name, hostClock());
  createRunDirectory(runs, id, as === 'run');
  return placeAt(runs, id);
}

/** Of a run that is there. */
export function placeAt(runs: string, id: string): RunPlace {
  const directory = join(runs, id);
  return { id, directory, logs: join(directory, 'logs'), scratch: scratchOf(id) };
}

/**
 * The directory of runs that `drill run` would use here: by flag (`out`), by DRILL_OUT or by the
 * configuration file. A configuration file with errors is told to `complain`, a line each, and
 * passed over: to look at a run, or to clean up after one, must not wait until it is mended.
 */
export async function runsIn(
  { directory, environment }: Pick<Surroundings, 'directory' | 'environment'>,
  out: string | undefined,
  complain: (line: string) => void,
): Promise<string> {
  const isStated = out !== undefined || environment['DRILL_OUT'] !== undefined;
  const config = isStated ? null : await configOf(directory, complain);
  const stated = statedSettings({ environment, flags: { out } }, config);
  const looked = { ...stated, seed: [], keep: [], history: [] };
  const { settings, diagnostics } = resolveSettings(looked);
  if (diagnostics.length > 0) throw new UserError(diagnostics.map(formatDiagnostic).join('\n'));
  return runsDirectory(directory, settings.out);
}

/**
 * The database that the history is shared in, as `drill run` would use it here; null: none. What is
 * wrong is told to `complain`, and then it is none.
 */
export async function sharedIn(
  { directory, environment }: Pick<Surroundings, 'directory' | 'environment'>,
  complain: (line: string) => void,
): Promise<DatabaseAddress | null> {
  const isStated = environment['DRILL_HISTORY'] !== undefined;
  const config = isStated ? null : await configOf(directory, complain);
  const { history } = statedSettings({ environment }, config);
  const none = statedSettings({}, null);
  const { settings, diagnostics } = resolveSettings({ ...none, history });
  for (const each of diagnostics) complain(formatDiagnostic(each));
  return settings.history;
}

async function configOf(
  directory: string,
  complain: (line: string) => void,
): Promise<ConfigReading | null> {
  const source = await readConfigSource(directory);
  if (source === null) return null;
  if ('problem' in source) {
    complain(`${source.file}: ${source.message}; it is not used`);
    return null;
  }
  const reading = readConfig(source);
  for (const each of reading.diagnostics) complain(formatDiagnostic(each));
  return reading;
}

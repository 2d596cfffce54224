// The runtime of a drill, with what its functions are given: what the drill file, the configuration
// file or the flag names.
import { runtimeNamed } from '../drill/file/runtimes.ts';
import type { RunSettings } from '../drill/file/settings.ts';
import type { RuntimeOptions } from '../topology/runtime.ts';
import { runtimes, systemMaker } from '../topology/runtimes.ts';
import type { SystemMaker } from '../topology/system/system.ts';
import type { DrillRead } from './read.ts';
import type { Surroundings } from './session.ts';

type Place = Pick<Surroundings, 'environment' | 'directory'>;

export function runtimeOptions(
  settings: RunSettings,
  { environment, directory }: Place,
): RuntimeOptions {
  return { environment, settings: settings.runtimes, directory };
}

/** `environment` carries the run's mark. */
export function runtimeOf({ drill, settings }: DrillRead, place: Place): SystemMaker {
  return systemMaker(runtimeNamed(drill.runtime), runtimeOptions(settings, place));
}

/** Rejects with what a user has to change in files besides the drill file. */
export async function checkRuntimeFiles(
  runtime: unknown,
  settings: RunSettings,
  place: Place,
): Promise<void> {
  await runtimes[runtimeNamed(runtime)].checkFiles(runtimeOptions(settings, place));
}

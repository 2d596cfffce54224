// Which runtime a drill has: what its file, the config or the flag says; `auto` is the embedded
// one, which every machine can have.
import { resolve } from 'node:path';
import type { Drill } from '../drill/file/schema.ts';
import type { RunSettings } from '../drill/file/settings.ts';
import { checkComposeFiles } from '../topology/compose/check-files.ts';
import type { ComposeSettings } from '../topology/compose/project.ts';
import { embeddedRuntime } from '../topology/embedded/runtime.ts';
import type { Runtime } from '../topology/system.ts';
import type { DrillRead } from './read.ts';
import type { Surroundings } from './session.ts';

/** `environment` carries the run's mark. */
export function runtimeOf(
  { drill, settings }: DrillRead,
  environment: Readonly<Record<string, string>>,
  place: Pick<Surroundings, 'directory'>,
): Runtime {
  if (drill.runtime !== 'compose') return embeddedRuntime({ environment });
  const options = { environment, settings: composeSettings(settings.compose, place) };
  return {
    kind: 'compose',
    // The engine's client takes its time to load, and most drills have no use for it.
    up: async (up) => {
      const { composeRuntime } = await import('../topology/compose/runtime.ts');
      return await composeRuntime(options).up(up);
    },
  };
}

/** Rejects with what a user has to change in files besides the drill file. */
export async function checkRuntimeFiles(
  runtime: Drill['runtime'],
  settings: RunSettings,
  place: Pick<Surroundings, 'directory' | 'environment'>,
): Promise<void> {
  if (runtime !== 'compose') return;
  await checkComposeFiles(composeSettings(settings.compose, place).files, place.environment);
}

/** Files are named from the folder of the config file. */
function composeSettings(
  { images, files }: RunSettings['compose'],
  { directory }: Pick<Surroundings, 'directory'>,
): ComposeSettings {
  return { images, files: files.map((file) => resolve(directory, file)) };
}

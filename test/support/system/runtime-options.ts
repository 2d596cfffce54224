// What a runtime is given in a test: no configuration file, but further compose files if wanted.
import { runtimeSettings } from '../../../src/drill/file/runtimes.ts';
import type { RuntimeOptions, Variables } from '../../../src/topology/runtime.ts';

export function optionsFor(environment: Variables, files: string[] = []): RuntimeOptions {
  return { environment, settings: runtimeSettings.parse({ compose: { files } }), directory: '/' };
}

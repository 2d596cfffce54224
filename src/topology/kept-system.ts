// `system.json` in the run directory of a system that is up: what a later runner needs to work with
// it. Only its owner can read it, since the passwords of the run stand in it.
import { existsSync } from 'node:fs';
import type { RuntimeName } from '../drill/file/runtimes.ts';
import { runFile } from '../evidence/run-files.ts';
import type { KeptNode } from '../evidence/event.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { writePrivateFile } from '../host/files.ts';
import { readPlainFile } from '../host/plain-file.ts';

const SCHEMA = 'drill.system/2';
/** More than any system says. */
const SYSTEM_BYTES = 4 * 2 ** 20;

export interface KeptSystem {
  /** The run that brought it up. */
  readonly run: string;
  readonly runtime: RuntimeName;
  /** How people reach its parts. */
  readonly nodes: readonly KeptNode[];
  /** The facts that the runtime needs to take it up again. */
  readonly parts: unknown;
}

export function writeKeptSystem(directory: string, system: KeptSystem): void {
  const text = `${JSON.stringify({ schema: SCHEMA, ...system }, null, 2)}\n`;
  writePrivateFile(runFile(directory, 'system'), text, null);
}

/**
 * As `readKeptSystem`, of the system that something was done to; null: it goes with its run, or is
 * gone, and what was done to it with it.
 */
export function keptOf(system: { readonly directory: string } | null) {
  if (system === null || !existsSync(runFile(system.directory, 'system'))) return null;
  const { directory } = system;
  return { directory, kept: readKeptSystem(directory) };
}

/** Throws an `EnvironmentError` where there is none that this version of drill can read. */
export function readKeptSystem(directory: string): KeptSystem {
  const file = runFile(directory, 'system');
  const unusable = (found: string) =>
    new EnvironmentError({
      what: `the system in ${directory}`,
      expected: 'a description of it that this version of drill can read',
      found,
      hint: 'bring it down with drill down, and up again with drill up',
    });
  if (!existsSync(file)) throw unusable(`no ${file}`);
  let system: (KeptSystem & { schema?: unknown }) | null;
  try {
    system = JSON.parse(readPlainFile(file, SYSTEM_BYTES).toString('utf8')) as typeof system;
  } catch (error) {
    throw unusable(`${file}, which cannot be read: ${(error as Error).message}`);
  }
  if (system?.schema === SCHEMA) return system;
  throw unusable(`${file} with the schema ${JSON.stringify(system?.schema)}`);
}

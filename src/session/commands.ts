// The programs that a drill file names: looked for before anything is broken.
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Diagnostic } from '../drill/file/diagnostic.ts';
import type { Drill } from '../drill/file/schema.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { findProgram } from '../host/files.ts';
import type { Surroundings } from './session.ts';

type Place = Pick<Surroundings, 'environment'>;

/** Why the command that declares the disaster cannot be run; null: it can, or there is none. */
function missingProgram({ declare }: Pick<Drill, 'declare'>, place: Place): string | null {
  if (declare.by !== 'command') return null;
  const [program = ''] = declare.command;
  if (!program.includes('/')) {
    const path = place.environment['PATH'];
    return findProgram(program, path) === null ? `no program ${program} in the PATH` : null;
  }
  const facts = statSync(program, { throwIfNoEntry: false });
  if (facts === undefined) return `no file ${program}${isAbsolute(program) ? '' : ' here'}`;
  if (!facts.isFile()) return `${program}, which is no file`;
  try {
    accessSync(program, constants.X_OK);
    return null;
  } catch {
    return `${program}, which this user may not execute (chmod +x)`;
  }
}

/** A warning for `drill check`: the drill may be meant for another machine. */
export function commandWarnings(drill: Drill, file: string, place: Place): Diagnostic[] {
  const missing = missingProgram(drill, place);
  if (missing === null) return [];
  const message = `expected a program that can be run on this machine, found ${missing}`;
  return [{ severity: 'warning', path: 'declare.command', message, source: file, place: null }];
}

/** Throws an `EnvironmentError`. */
export function requireCommands(drill: Drill, place: Place): void {
  const missing = missingProgram(drill, place);
  if (missing === null) return;
  throw new EnvironmentError({
    what: 'the command that declares the disaster',
    expected: 'a program that can be run',
    found: missing,
    hint: 'declare: automatic, or name a program that is there',
  });
}

// The programs that a drill file names: looked for before anything is broken.
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { ownCommands } from '../drill/consent/commands.ts';
import type { Diagnostic } from '../drill/file/diagnostic.ts';
import type { Drill } from '../drill/file/schema.ts';
import type { Plan } from '../drill/plan/plan.ts';
import { commandsOf } from '../drill/recovery/by-hand.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { findProgram } from '../host/files.ts';
import type { Surroundings } from './session.ts';

type Place = Pick<Surroundings, 'environment'>;

interface Missing {
  /** The command, in words, and its key in the file. */
  readonly what: string;
  readonly path: string;
  readonly found: string;
}

/** The commands of a drill file that cannot be run here, the first alone. */
function missingCommand({ declare, recover }: Drill, place: Place): Missing | null {
  const commands = [
    ...(declare.by === 'command'
      ? [
          {
            what: 'the command that declares the disaster',
            path: 'declare.command',
            command: declare.command,
          },
        ]
      : []),
    ...commandsOf(recover.steps).map((command) => {
      return { what: 'a command of the recovery', path: 'recover.steps', command };
    }),
    ...commandsOf(recover.back).map((command) => {
      return { what: 'a command of the way back', path: 'recover.back', command };
    }),
  ];
  for (const { command, ...of } of commands) {
    const found = missingProgram(command, place);
    if (found !== null) return { ...of, found };
  }
  return null;
}

/** The same of what breaks and mends a system of somebody's own. */
function missingFaultCommand({ faults }: Drill, place: Place): Missing | null {
  for (const [index, fault] of faults.entries()) {
    if (fault.kind !== 'command') continue;
    const { run, undo, arm, disarm, seen } = fault;
    for (const command of [run, undo, arm, disarm, seen.by === 'command' ? seen.command : null]) {
      const found = command ? missingProgram(command, place) : null;
      const what = `a command of the fault "${fault.title}"`;
      if (found !== null) return { what, path: `faults.${index}`, found };
    }
  }
  return null;
}

/** Why a command cannot be run; null: it can. */
function missingProgram([program = '']: readonly string[], place: Place): string | null {
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
  const missing = missingCommand(drill, place) ?? missingFaultCommand(drill, place);
  if (missing === null) return [];
  const { path, found } = missing;
  const message = `expected a program that can be run on this machine, found ${found}`;
  return [{ severity: 'warning', path, message, source: file, place: null }];
}

/** Of a drill of somebody's own system: an undo that is not there is found too late in its end. */
function missingOwnCommand(plan: Plan, place: Place): Missing | null {
  for (const { of, use, command } of ownCommands(plan)) {
    const found = missingProgram(command, place);
    if (found !== null) return { what: `the command \`${use}\` of ${of}`, path: of, found };
  }
  return null;
}

/** Throws an `EnvironmentError`. */
export function requireCommands(drill: Drill, place: Place): void {
  refuse(missingCommand(drill, place));
}

/** The same of all commands of a drill of somebody's own system. */
export function requireOwnCommands(plan: Plan, place: Place): void {
  refuse(missingOwnCommand(plan, place));
}

function refuse(missing: Missing | null): void {
  if (missing === null) return;
  const { what, path, found } = missing;
  const hint = `${path}: name a program that is there`;
  throw new EnvironmentError({ what, expected: 'a program that can be run', found, hint });
}

// The programs that a drill file names: looked for before anything is broken.
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { ownCommands } from '../drill/consent/commands.ts';
import { isOwnPlan } from '../drill/consent/consent.ts';
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

interface Stated extends Omit<Missing, 'found'> {
  readonly command: readonly string[];
}

/** The commands of a drill file, by their keys in it. */
function statedIn({ declare, recover, faults }: Drill): Stated[] {
  const what = 'the command that declares the disaster';
  return [
    ...(declare.by === 'command'
      ? [{ what, path: 'declare.command', command: declare.command }]
      : []),
    ...faults.flatMap(ofFault),
    ...commandsOf(recover.steps).map((command) => {
      return { what: 'a command of the recovery', path: 'recover.steps', command };
    }),
    ...commandsOf(recover.back).map((command) => {
      return { what: 'a command of the way back', path: 'recover.back', command };
    }),
  ];
}

function ofFault(fault: Drill['faults'][number], index: number): Stated[] {
  if (fault.kind !== 'command') return [];
  const { title, run, undo, arm, disarm, seen } = fault;
  const of = { what: `a command of the fault "${title}"`, path: `faults.${index}` };
  const look = seen.by === 'command' ? seen.command : null;
  return [run, undo, arm, disarm, look].flatMap((command) => (command ? [{ ...of, command }] : []));
}

/** All that a drill of somebody's own system runs: an undo that is not there is found too late. */
function consentedIn(plan: Plan): Stated[] {
  return ownCommands(plan).map(({ of, use, command }) => {
    return { what: `the command \`${use}\` of ${of}`, path: of, command };
  });
}

/** The first that cannot be run here. */
function missingOf(commands: readonly Stated[], place: Place): Missing | null {
  for (const { command, ...of } of commands) {
    const found = missingProgram(command, place);
    if (found !== null) return { ...of, found };
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
  const missing = missingOf(statedIn(drill), place);
  if (missing === null) return [];
  const { path, found } = missing;
  const message = `expected a program that can be run on this machine, found ${found}`;
  return [{ severity: 'warning', path, message, source: file, place: null }];
}

/** Throws an `EnvironmentError`. */
export function requireCommands(
  { drill, plan }: { readonly drill: Drill; readonly plan: Plan },
  place: Place,
): void {
  const missing = missingOf(isOwnPlan(plan) ? consentedIn(plan) : statedIn(drill), place);
  if (missing === null) return;
  const { what, path, found } = missing;
  const hint = `${path}: name a program that is there`;
  throw new EnvironmentError({ what, expected: 'a program that can be run', found, hint });
}

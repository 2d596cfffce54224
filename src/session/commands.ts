// The programs that a drill file names: looked for before anything is broken.
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { ownCommands } from '../drill/consent/commands.ts';
import { isOwnPlan, type OwnPlan } from '../drill/consent/consent.ts';
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
function consentedIn(drill: Drill, plan: OwnPlan): Stated[] {
  return ownCommands(plan).map(({ of, use, command }) => {
    return { what: `the command \`${use}\` of ${of}`, path: keyOf(of, drill), command };
  });
}

/** Of a fault or a step, by its title. */
function keyOf(title: string, { faults, recover: { steps = [], back = [] } }: Drill): string {
  const at = faults.findIndex((each) => {
    return each.kind === 'command' && (each.title ?? each.run.join(' ')) === title;
  });
  if (at >= 0) return `faults.${at}`;
  if (steps.some((step) => step.by !== 'drill' && step.title === title)) return 'recover.steps';
  return back.some((step) => step.title === title) ? 'recover.back' : title;
}

interface Read {
  readonly drill: Drill;
  readonly plan: Plan;
}

/** Those that cannot be run here, each program once. */
export function missingCommands({ drill, plan }: Read, place: Place): Missing[] {
  const stated = isOwnPlan(plan) ? consentedIn(drill, plan) : statedIn(drill);
  const missing = stated.flatMap(({ command, ...of }): Missing[] => {
    const found = missingProgram(command, place);
    return found === null ? [] : [{ ...of, found }];
  });
  const isFirst = ({ found }: Missing, at: number) =>
    missing.findIndex((other) => other.found === found) === at;
  return missing.filter(isFirst);
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

/** Warnings, for `drill check` and all that read a drill: it may be meant for another machine. */
export function commandWarnings(read: Read, source: string, place: Place): Diagnostic[] {
  return missingCommands(read, place).map(({ what, path, found }) => {
    const message = `expected a program that can be run on this machine, found ${found}: ${what}`;
    return { severity: 'warning', path, message, source, place: null };
  });
}

/** Throws an `EnvironmentError`. */
export function requireCommands(read: Read, place: Place): void {
  const [missing] = missingCommands(read, place);
  if (missing === undefined) return;
  const { what, path, found } = missing;
  const hint = `${path}: name a program that is there`;
  throw new EnvironmentError({ what, expected: 'a program that can be run', found, hint });
}

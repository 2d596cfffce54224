// The programs that a drill file names: looked for before anything is broken.
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { ownCommands, type OwnCommand } from '../drill/consent/commands.ts';
import { isOwnPlan, type OwnPlan } from '../drill/own-plan.ts';
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

/** The commands of a drill of a system that drill makes, by their keys in the file. */
function statedIn({ declare, recover }: Drill): Stated[] {
  const what = 'the command that declares the disaster';
  return [
    ...(declare.by === 'command'
      ? [{ what, path: 'declare.command', command: declare.command }]
      : []),
    ...commandsOf(recover.steps).map((command) => {
      return { what: 'a command of the recovery', path: 'recover.steps', command };
    }),
  ];
}

/** All that a drill of somebody's own system runs: an undo that is not there is found too late. */
function consentedIn(drill: Drill, plan: OwnPlan, isMeant: Meant): Stated[] {
  return ownCommands(plan)
    .filter(isMeant)
    .map(({ of, use, command }) => {
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

type Meant = (command: OwnCommand) => boolean;

/**
 * Those that cannot be run here, each program once. `isMeant`: of a system of somebody's own, which
 * are looked for.
 */
export function missingCommands(
  { drill, plan }: Read,
  place: Place,
  isMeant: Meant = () => true,
): Missing[] {
  const stated = isOwnPlan(plan) ? consentedIn(drill, plan, isMeant) : statedIn(drill);
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

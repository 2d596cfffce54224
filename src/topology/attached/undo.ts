// What a run did to a system of somebody's own, undone by somebody who knows no more than the run
// directory: its tables go, and a command that the consent names as an undo is run. What the log
// says of a command is not believed.
import { sep } from 'node:path';
import * as z from 'zod';
import { isNamed } from '../../drill/consent/consent.ts';
import type { PlannedFault } from '../../drill/fault/registry.ts';
import { plannedArgv, type Argv } from '../../drill/fields.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { readPlan } from '../../evidence/run-files.ts';
import type { Effect, ProvenRun, UndoKind, UndoSurroundings } from '../../evidence/undo.ts';
import { commandOutput } from '../../host/process/command-output.ts';
import { workingDirectory } from '../../host/process/processes.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { untilUndone } from '../system/own.ts';
import { bites } from './seen.ts';
import { ownServers, placesOf } from './servers.ts';
import { dropTables } from '../../postgres/own/drop.ts';
import { tablesOf } from '../../postgres/own/tables.ts';

const TABLES_MS = 60_000;

interface TablesEffect extends Effect {
  readonly undo: 'own-tables';
  /** Absent: of an older drill. */
  readonly cwd?: string;
}

export const ownTablesUndo: UndoKind<TablesEffect> = {
  undo: 'own-tables',
  inOwnSystem: true,
  facts: z.object({ cwd: z.string().exactOptional() }),
  describe: () => 'the tables of drill in a system of your own',
  atMost_ms: TABLES_MS,
  perform: async (effect, { own, environment }) => {
    try {
      const { attached } = readPlan(own.directory);
      if (attached === undefined) return ['the plan of the run names no system of your own'];
      const { password } = attached;
      const folder = folderOf(effect, own);
      // A file or a program of that name in another folder is maybe of another system.
      if (folder === null && password !== null && !('env' in password)) {
        return [`its password is told in ${effect.cwd}; call drill clean there`];
      }
      const servers = await ownServers(attached, environment, folder ?? undefined);
      await dropTables(servers, tablesOf(attached.schema, own.run));
      return [];
    } catch (error) {
      return [reasonOf(error)];
    }
  },
};

interface CommandEffect extends Effect {
  readonly undo: 'command';
  readonly title: string;
  readonly command: Argv;
  readonly disarm: Argv | null;
  readonly at_most_ms: number;
  /** Absent: of an older drill. */
  readonly cwd?: string;
}

/** For each of its commands; what a plan says is not longer. */
const COMMAND_MS = 86_400_000;

export const commandUndo: UndoKind<CommandEffect> = {
  undo: 'command',
  inOwnSystem: true,
  facts: z.object({
    title: z.string(),
    command: plannedArgv,
    disarm: plannedArgv.nullable(),
    at_most_ms: z.number().min(0).max(COMMAND_MS),
    cwd: z.string().exactOptional(),
  }),
  describe: ({ title, command }) => `"${title}", undone by ${command.join(' ')}`,
  limitOf: ({ at_most_ms }) => at_most_ms * COMMANDS + SPARE_MS,
  perform: async (effect, around) => {
    const { title, command, disarm, at_most_ms } = effect;
    if (!isAgreed(effect, around)) {
      return [`${command.join(' ')}: nobody has agreed to it, so it is not run`];
    }
    const { environment, own, clock } = around;
    const cwd = folderOf(effect, own);
    if (cwd === null) {
      return [`${command.join(' ')}: it is run in ${effect.cwd}; call drill clean there`];
    }
    const run = async (argv: Argv, atMost_ms: number) =>
      await commandOutput(argv, { environment, atMost_ms, cwd });
    try {
      await run(command, at_most_ms);
      const plan = readPlan(own.directory);
      const fault = faultUndoneBy(plan, command);
      // Of a step of a way back: nothing says how its undo is seen.
      if (fault === undefined) return [];
      const servers = await ownServers(plan.attached!, environment, cwd);
      const look = () => bites(fault, { placeOf: placesOf(servers), run });
      if (!(await untilUndone(fault, clock, look))) {
        const armed = disarm === null ? '' : '; so it stays armed';
        return [`"${title}" was undone, and is not seen to be${armed}`];
      }
      // The other side’s own way to undo it stays unless it is seen to be undone.
      if (disarm !== null) await run(disarm, at_most_ms);
      return [];
    } catch (error) {
      return [reasonOf(error)];
    }
  },
};

/**
 * Where its words mean what was agreed to: another folder may have another script of that name. One
 * that the log names counts where the run lies below it, or where this process is. Null: neither.
 */
function folderOf({ cwd }: { readonly cwd?: string }, { directory }: ProvenRun): string | null {
  const here = workingDirectory();
  if (cwd === undefined || cwd === here) return here;
  return directory.startsWith(cwd.endsWith(sep) ? cwd : cwd + sep) ? cwd : null;
}

function faultUndoneBy({ faults }: Plan, command: Argv): PlannedFault<'command'> | undefined {
  const own = faults.filter((fault): fault is PlannedFault<'command'> => fault.kind === 'command');
  return own.find(({ undo }) => JSON.stringify(undo) === JSON.stringify(command));
}

const SPARE_MS = 1_000;
/** The undo, until it is seen, and what takes the other side’s own way back. */
const COMMANDS = 3;

/** The consent stands in the plan: nothing but what it names is ever run. */
function isAgreed(
  { command, disarm }: CommandEffect,
  { own }: Pick<UndoSurroundings, 'own'>,
): boolean {
  const { consent } = readPlan(own.directory).attached ?? {};
  if (consent === undefined || !isNamed(consent, 'undo', command)) return false;
  return disarm === null || isNamed(consent, 'disarm', disarm);
}

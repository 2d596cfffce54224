// What a run did to a system of somebody's own, undone by somebody who knows no more than the run
// directory: its tables go, and a command that the consent names as an undo is run. What the log
// says of a command is not believed.
import * as z from 'zod';
import { isNamed } from '../../drill/consent/consent.ts';
import { plannedArgv, type Argv } from '../../drill/fields.ts';
import { readPlan } from '../../evidence/run-files.ts';
import type { Effect, UndoKind, UndoSurroundings } from '../../evidence/undo.ts';
import { commandOutput } from '../../host/process/command-output.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { ownServers } from './servers.ts';
import { dropWherePrimary, tablesOf } from '../../postgres/own/tables.ts';

const TABLES_MS = 60_000;

export const ownTablesUndo: UndoKind = {
  undo: 'own-tables',
  facts: z.object({}),
  describe: () => 'the tables of drill in a system of your own',
  atMost_ms: TABLES_MS,
  perform: async (_, { own, environment }) => {
    try {
      const { attached } = readPlan(own.directory);
      if (attached === undefined) return ['the plan of the run names no system of your own'];
      const servers = await ownServers(attached, environment);
      await dropWherePrimary(servers, tablesOf(attached.schema, own.run));
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
}

/** For each of its commands; what the plan says is not longer. */
const COMMAND_MS = 3_600_000;

export const commandUndo: UndoKind<CommandEffect> = {
  undo: 'command',
  facts: z.object({
    title: z.string(),
    command: plannedArgv,
    disarm: plannedArgv.nullable(),
    at_most_ms: z.number().min(0).max(COMMAND_MS),
  }),
  describe: ({ title, command }) => `"${title}", undone by ${command.join(' ')}`,
  limitOf: ({ at_most_ms, disarm }) => at_most_ms * (disarm === null ? 1 : 2) + SPARE_MS,
  perform: async (effect, around) => {
    const { command, disarm, at_most_ms } = effect;
    if (!isAgreed(effect, around)) {
      return [`${command.join(' ')}: nobody has agreed to it, so it is not run`];
    }
    const { environment } = around;
    try {
      await commandOutput(command, { environment, atMost_ms: at_most_ms });
      if (disarm !== null) await commandOutput(disarm, { environment, atMost_ms: at_most_ms });
      return [];
    } catch (error) {
      return [reasonOf(error)];
    }
  },
};

const SPARE_MS = 1_000;

/** The consent stands in the plan: nothing but what it names is ever run. */
function isAgreed(
  { command, disarm }: CommandEffect,
  { own }: Pick<UndoSurroundings, 'own'>,
): boolean {
  const { consent } = readPlan(own.directory).attached ?? {};
  if (consent === undefined || !isNamed(consent, 'undo', command)) return false;
  return disarm === null || isNamed(consent, 'disarm', disarm);
}

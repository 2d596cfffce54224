// `drill gameday`: drills on a schedule, with a record. Each action is a file beside this one.
import { UserError } from '../../../screen/user-error.ts';
import { queueOption } from '../../queue-option.ts';
import { outOption } from '../../run-options.ts';
import type { Argument, CliContext, Verb, VerbArguments } from '../../verb.ts';
import { approveDay } from './approve.ts';
import { checkFiles, listNext, SHOWN } from './coming.ts';
import { initFile } from './init.ts';
import { listOutbox, testReceivers } from './notify.ts';
import { listRecords, showRecord } from './records.ts';
import { reportDay, signDay } from './report.ts';
import { runFile } from './run.ts';
import { serveFiles } from './serve.ts';

interface Action {
  readonly describe: string;
  /** What has to follow it, and how many of it. */
  readonly words: { readonly what: string; readonly least: number; readonly most: number };
  readonly options: readonly string[];
  readonly run: (args: VerbArguments, context: CliContext) => Promise<number>;
}

const files = { what: 'FILE…', least: 1, most: 64 };
const record = { what: 'ID', least: 0, most: 1 };

const ACTIONS = {
  init: {
    describe: 'write a first file',
    words: { what: '[FILE]', least: 0, most: 1 },
    options: [],
    run: initFile,
  },
  check: { describe: 'is a file right', words: files, options: ['var', 'json'], run: checkFiles },
  next: {
    describe: 'when is it due',
    words: files,
    options: ['var', 'json', 'count'],
    run: listNext,
  },
  run: {
    describe: 'hold it now',
    words: { what: 'FILE', least: 0, most: 1 },
    options: ['var', 'json', 'quiet', 'out', 'anyway', 'resume'],
    run: runFile,
  },
  serve: {
    describe: 'hold each when it is due, until it is stopped (SIGHUP: read the files again)',
    words: files,
    options: ['var', 'out', 'queue'],
    run: serveFiles,
  },
  list: {
    describe: 'all that were held',
    words: { what: '', least: 0, most: 0 },
    options: ['json', 'out'],
    run: listRecords,
  },
  show: { describe: 'what came of one', words: record, options: ['json', 'out'], run: showRecord },
  report: {
    describe: 'one as a page, for everybody who was not there',
    words: record,
    options: ['output', 'open', 'out'],
    run: reportDay,
  },
  sign: {
    describe: 'sign what came of one',
    words: record,
    options: ['note', 'out'],
    run: signDay,
  },
  approve: {
    describe: 'agree to one that waits',
    words: record,
    options: ['out'],
    run: approveDay,
  },
  notify: {
    describe: 'send a test message to everybody whom a file tells',
    words: { what: 'FILE', least: 1, most: 1 },
    options: ['var', 'json'],
    run: testReceivers,
  },
  outbox: {
    describe: 'messages that wait, or were given up',
    words: { what: '', least: 0, most: 0 },
    options: ['json', 'out'],
    run: listOutbox,
  },
} as const satisfies Record<string, Action>;

type ActionName = keyof typeof ACTIONS;

const options = {
  var: { array: true, describe: 'Give a variable of the file another value: --var team=db' },
  count: { describe: `next: how many of each file are listed (default ${SHOWN})` },
  anyway: { type: 'boolean', describe: 'run: also where the file lets none begin now' },
  resume: { describe: 'run: go on with one that was broken off: its id, or latest' },
  queue: { describe: `serve: share the days with other services. ${queueOption.describe}` },
  quiet: { type: 'boolean', describe: 'run: one line per drill, no progress' },
  output: { short: 'o', describe: 'report: the file of the page, or - for stdout' },
  open: { type: 'boolean', describe: 'report: show the page in the browser' },
  note: { describe: 'sign: a sentence to it' },
  json: { type: 'boolean', describe: 'As JSON, for another program' },
  out: outOption,
} as const satisfies Record<string, Argument>;

export const gameDayVerb: Verb = {
  command: 'gameday <action> [words..]',
  positionals: {
    action: {
      choices: Object.keys(ACTIONS),
      describe: Object.entries(ACTIONS)
        .map(([name, { describe }]) => `${name}: ${describe}`)
        .join('; '),
    },
    words: { describe: 'Game-day files; of show and approve the id of a record (default latest)' },
  },
  options,
  examples: [
    ['drill gameday init', 'writes weekly.yaml'],
    ['drill gameday check weekly.yaml', 'the file, and every drill that it names'],
    ['drill gameday next weekly.yaml --count 10', 'the next ten times'],
    ['drill gameday run weekly.yaml', 'all its drills, now'],
    ['drill gameday serve weekly.yaml', 'each when it is due'],
    ['drill gameday show', 'what came of the last one'],
    ['drill gameday report --open', 'the same as a page'],
    ['drill gameday notify weekly.yaml', 'whether messages arrive'],
  ],
  run: async (args, context) => {
    const name = args['action'] as ActionName;
    const { words, options: taken, run }: Action = ACTIONS[name];
    const given = [args['words'] ?? []].flat().length;
    if (given < words.least || given > words.most) {
      const line = `drill gameday ${name} ${words.what}`.trim();
      throw new UserError(`expected: ${line}`, { hint: 'drill gameday --help' });
    }
    const other = Object.keys(options).find(
      (option) => args[option] !== undefined && !taken.includes(option),
    );
    if (other !== undefined) {
      throw new UserError(`--${other} is not for ${name}`, { hint: 'drill gameday --help' });
    }
    return await run(args, context);
  },
};

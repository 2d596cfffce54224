// `drill list`: what there is to break, to recover with, to run, and what was run.
import { namedBack } from '../../../drill/plan/clock.ts';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isRegions } from '../../../archive/run-directory.ts';
import {
  beganAt,
  brokenOff,
  listRuns,
  madeLast,
  type RunEntry,
} from '../../../archive/run-list.ts';
import { formatDuration } from '../../../base/units.ts';
import { FILE_BYTES_MAX } from '../../../drill/file/yaml-source.ts';
import type { Retention } from '../../../drill/file/settings.ts';
import { readWhole } from '../../../evidence/evidence-error.ts';
import { liveClaims } from '../../../evidence/claims.ts';
import { hostClock } from '../../../host/clock.ts';
import { shortPath } from '../../../report/reporters.ts';
import { makePaint, type Paint } from '../../../screen/paint.ts';
import { count, printable, table, truncate, wrap } from '../../../screen/text.ts';
import { outFlag } from '../../../report/summary/next-commands.ts';
import { verdictStyle } from '../../../report/summary/verdict-words.ts';
import { UserError } from '../../../screen/user-error.ts';
import { asCalled, commandName } from '../../../screen/command-name.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../../verdict/exit-code.ts';
import { pruneRuns, retentionHere } from '../../../session/retention.ts';
import { isSeriesRunning, listSeries } from '../../../session/series-files.ts';
import { judgedOf, readTrials } from '../../../session/series-results.ts';
import { drillFiles, SHIPPED_DRILLS } from '../../../session/find-drill.ts';
import { outOption, runsOf } from '../../run-options.ts';
import { listFault, listFaults, listRecoveries, listRecovery, type Listed } from './kinds.ts';
import { listOfRestores, restoreWords } from './restores.ts';
import { NO_VALUE, type CliContext, type Verb, type VerbArguments } from '../../verb.ts';

const THINGS = ['faults', 'recoveries', 'drills', 'runs', 'series', 'restores'] as const;
type Thing = (typeof THINGS)[number];

export const listVerb: Verb = {
  command: 'list <what> [name]',
  positionals: {
    what: { choices: THINGS, describe: 'What to list' },
    name: { describe: 'With faults and recoveries: one of them alone, with all there is to know' },
  },
  options: {
    json: { type: 'boolean', describe: 'As JSON, for another program' },
    prune: {
      type: 'number',
      describe:
        'With runs: keep the newest N, remove the rest (not what is pinned or still to be ' +
        'cleaned). Without N: as runs: in drill.config.yaml says',
    },
    out: outOption,
  },
  bare: ['prune'],
  exits: EXITS_WITHOUT_VERDICT,
  examples: [
    ['drill list faults', 'everything that can be broken, with its settings'],
    ['drill list faults latency', 'one of them: what it needs, what proves it, an example'],
    ['drill list runs', 'what was run here, newest first'],
    ['drill list runs --prune 10', 'keep the newest ten, and those that are pinned'],
  ],
  run: async (args, context) => {
    const what = args['what'] as Thing;
    refuseRunFlags(what, args);
    refuseName(what, args);
    if (args['prune'] !== undefined) await prune(args, context);
    const listed = await LISTS[what](args, context);
    const { stdout } = context.screen;
    if (args['json'] === true) stdout.write(`${JSON.stringify(listed.json, null, 2)}\n`);
    else stdout.write(`${listed.lines.join('\n')}\n`);
    return EXIT.pass;
  },
};

type List = (args: VerbArguments, context: CliContext) => Listed | Promise<Listed>;

const LISTS: Readonly<Record<Thing, List>> = {
  faults: (args, context) => {
    const name = nameIn(args);
    return name === undefined ? listFaults(context) : listFault(name, context);
  },
  recoveries: (args, context) => {
    const name = nameIn(args);
    return name === undefined ? listRecoveries(context) : listRecovery(name, context);
  },
  drills: (_args, context) => listDrills(context),
  runs: listOfRuns,
  series: listOfSeries,
  restores: async (args, context) =>
    listOfRestores(await runsOf(args, context), STATE_WORDS, context),
};

function listDrills({ directory, screen, environment }: CliContext): Listed {
  const paint = makePaint(screen.stdout.hasColour);
  const here = join(directory, 'drills');
  const folders = here === SHIPPED_DRILLS.replace(/\/$/, '') ? [here] : [here, SHIPPED_DRILLS];
  const drills = folders.flatMap((folder) =>
    drillFiles(folder).map((path) => {
      return { file: shortPath(directory, path), ...describeDrill(path) };
    }),
  );
  if (drills.length === 0) {
    const words = 'There are no drills in drills/. Make one: drill init';
    return { json: [], lines: [asCalled(words, environment)] };
  }
  const width = Math.min(100, screen.stdout.columns());
  const lines = drills.flatMap(({ file, description }) => [
    paint('bold', file),
    ...(description === null ? [] : wrap(printable(description), width - 4)).map(
      (line) => `    ${line}`,
    ),
  ]);
  return { json: drills, lines };
}

/**
 * Lenient: a file that is no drill is listed without words, and `drill check` says what is wrong
 * with it.
 */
function describeDrill(file: string): { name: string | null; description: string | null } {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  try {
    if (statSync(file).size > FILE_BYTES_MAX) return { name: null, description: null };
    // Nobody waits for a FIFO that stands in a file's place.
    const value = parse(readWhole(file).toString('utf8')) as Record<string, unknown> | null;
    return { name: text(value?.['name']), description: text(value?.['description']) };
  } catch {
    return { name: null, description: null };
  }
}

async function listOfRuns(args: VerbArguments, context: CliContext): Promise<Listed> {
  const { screen, environment } = context;
  const runs = await runsOf(args, context);
  const entries = listRuns(runs);
  const paint = makePaint(screen.stdout.hasColour);
  const json = entries.map(({ id, directory: place, state, pinned, result, isAsWritten }) => ({
    id,
    directory: place,
    state,
    pinned,
    in_use_by: usersOf(place, state),
    verdict: result?.verdict ?? null,
    verified: result === null ? null : isAsWritten,
    rto_ms: result?.recovery?.rto_ms ?? null,
    lost: result?.loss?.lost ?? null,
  }));
  if (entries.length === 0) {
    const command = commandName(environment);
    const words = `No runs yet. Try: ${command} run drills/region-outage.yaml`;
    return { json, lines: [words, ...restoreWords(runs, context)] };
  }
  const hasUp = entries.some(({ state }) => state === 'kept');
  const titles = ['RUN', 'VERDICT', 'RTO', 'LOST', ...(hasUp ? ['SYSTEM'] : [])];
  const head = titles.map((title) => paint('dim', title));
  const rows = table([head, ...entries.map((entry) => runRow(entry, paint))]);
  const left = brokenOff(runs).filter(isRegions);
  const words = [
    ...left.map((id) => `${id}, regions of a series: ${STATE_WORDS.stopped}`),
    ...orderWords(entries, madeLast(runs)),
  ];
  const warnings = words.map((text) => paint('warn', text));
  return { json, lines: [...rows, ...warnings, ...restoreWords(runs, context)] };
}

/** The order is that of the ids; a clock that was set back in between puts an older one first. */
function orderWords([first]: readonly RunEntry[], last: string | null): string[] {
  if (last === null || first === undefined || beganAt(first.id) <= beganAt(last)) return [];
  return [
    `${last} was made here last. The order is that of the times in the names, and these are ` +
      'of the clock: it was set back since, or the runs above were made elsewhere or beside it.',
  ];
}

async function listOfSeries(args: VerbArguments, context: CliContext): Promise<Listed> {
  const runs = await runsOf(args, context);
  const all = listSeries(runs).toReversed();
  const resume = `${commandName(context.environment)} run --resume`;
  const out = outFlag(shortPath(context.directory, runs));
  const json = all.map(({ id, drills, trials, ...file }) => ({
    id,
    drills: drills.map(({ name }) => name),
    trials: trials.length,
    ended: trials.filter(({ state }) => state === 'ended').length,
    due: trials.filter(({ state }) => state === 'due' || state === 'running').length,
    running: isSeriesRunning(runs, id),
    verdicts: judgedOf(readTrials({ ...file, id, drills, trials })).map(({ verdict }) => verdict),
  }));
  if (all.length === 0) {
    const command = commandName(context.environment);
    const words = `No series yet. Try: ${command} run drills/region-outage.yaml --repeat 10`;
    return { json, lines: [words] };
  }
  const paint = makePaint(context.screen.stdout.hasColour);
  const head = ['SERIES', 'DRILLS', 'TRIALS', 'VERDICT'].map((title) => paint('dim', title));
  const rows = json.map(({ id, drills, verdicts, running: isRunning, trials, ended, due }) => [
    id,
    [...new Set(drills)].join(', '),
    madeWords({ ended, trials, due, isRunning }, `${resume} ${id}${out}`),
    verdicts.join(', ') || '–',
  ]);
  return { json, lines: table([head, ...rows]) };
}

interface Made {
  readonly ended: number;
  readonly trials: number;
  readonly due: number;
  readonly isRunning: boolean;
}

/** `3`, `1 of 3, running`, `1 of 3, go on with: drill run --resume …` */
function madeWords({ ended, trials, due, isRunning }: Made, resume: string): string {
  if (due === 0) return String(ended);
  return `${ended} of ${trials}, ${isRunning ? 'running' : `go on with: ${resume}`}`;
}

function runRow(entry: RunEntry, paint: Paint): string[] {
  const { id, directory, state, pinned, result } = entry;
  const isUp = state === 'kept';
  const isUnread = state === 'unreadable';
  const verdict = result?.verdict ?? (isUp ? '–' : isUnread ? 'cannot tell' : 'no result');
  const isDoubtful = result !== null && !entry.isAsWritten;
  const style = result === null || isDoubtful ? 'warn' : verdictStyle(result.verdict);
  const words = state in STATE_WORDS ? [STATE_WORDS[state as 'running']] : [];
  const doubt = isDoubtful ? ['unverified'] : [];
  const shown = [verdict, ...doubt, ...words, ...(pinned ? ['pinned'] : [])].join(', ');
  const users = usersOf(directory, state).map((by) => `, in use by ${by}`);
  const rto = result?.recovery?.rto_ms ?? null;
  const lost = result?.loss?.lost ?? null;
  return [
    truncate(id, 70),
    paint(style, shown),
    rto === null ? '–' : namedBack(result!.drill, formatDuration(rto)),
    lost === null ? '–' : count(lost, 'write'),
    ...(isUp ? [`up${users.join('')}`] : []),
  ];
}

/** Who works on the system of a run that is up. */
function usersOf(directory: string, state: RunEntry['state']): string[] {
  return state === 'kept' ? liveClaims(directory).map(({ by }) => by) : [];
}

const STATE_WORDS = {
  running: 'running',
  stopped: 'needs drill clean',
  unreadable: 'cannot be read by this user',
  unseen: 'of another container or machine',
} as const;

function refuseRunFlags(what: Thing, args: VerbArguments): void {
  const refused = { runs: [], series: ['prune'], restores: ['prune'] }[what as string] ?? [
    'prune',
    'out',
  ];
  const given = refused.find((name) => args[name] !== undefined);
  if (given === undefined) return;
  throw new UserError(`--${given} goes with runs, not with ${what}`);
}

function nameIn(args: VerbArguments): string | undefined {
  return args['name'] as string | undefined;
}

function refuseName(what: Thing, args: VerbArguments): void {
  const name = nameIn(args);
  if (name === undefined || what === 'faults' || what === 'recoveries') return;
  const hint = what !== 'drills' ? { hint: `drill show ${name}` } : {};
  throw new UserError(
    `"${name}": of ${what} none is listed alone, but faults and recoveries`,
    hint,
  );
}

async function prune(args: VerbArguments, context: CliContext): Promise<void> {
  const { stderr } = context.screen;
  const retention = await retentionOf(args['prune'], context);
  const complain = (problem: string) => stderr.write(`drill: ${problem}\n`);
  const removed = pruneRuns(await runsOf(args, context), retention, hostClock().wall(), complain);
  stderr.write(`${count(removed.length, 'run')} removed\n`);
}

/** Without a number: what the configuration file says. */
async function retentionOf(keep: unknown, context: CliContext): Promise<Retention> {
  if (keep === NO_VALUE) return await retentionHere(context);
  const keep_at_least = Number(keep);
  if (Number.isInteger(keep_at_least) && keep_at_least >= 0) {
    return { keep_at_least, keep_for_ms: -Infinity, keep_bytes: 0 };
  }
  throw new UserError(`--prune: expected a whole number of runs to keep, got "${String(keep)}"`);
}

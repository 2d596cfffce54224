// `drill status`: per drill when it last passed, what changed since, and whether that has expired.
import { join } from 'node:path';
import { DAYS } from '../../../base/units.ts';
import { hostClock } from '../../../host/clock.ts';
import { ageWords } from '../../../report/history/words.ts';
import { shortPath } from '../../../report/reporters.ts';
import { verdictWord } from '../../../report/summary/verdict-words.ts';
import { commandName } from '../../../screen/command-name.ts';
import { makePaint, type Paint } from '../../../screen/paint.ts';
import { count, printable, shellWord, table, wrap } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { STANDING_TONES, statusOfAll, type DrillStatus } from '../../../session/history/status.ts';
import { drillFiles } from '../../../session/find-drill.ts';
import { readDrill, type DrillRead } from '../../../session/read.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { outOption, runsOf } from '../../run-options.ts';
import type { CliContext, Verb, VerbArguments } from '../../verb.ts';
import { historyHere, localOption } from './here.ts';

export const statusVerb: Verb = {
  command: 'status [files..]',
  positionals: { files: { describe: 'Drill files; default: those of ./drills and the history' } },
  options: {
    'max-age': { describe: 'How long a pass stands, such as 7d; in place of max_age of the files' },
    json: { type: 'boolean', describe: 'As JSON, for another program' },
    local: localOption,
    out: outOption,
  },
  examples: [
    ['drill status', 'every drill: when it last passed, and what changed since'],
    ['drill status --max-age 7d', 'exit code 1 where a pass is older than a week'],
  ],
  run: status,
};

/** A drill that is held to an age and has no pass of that age is 1; a file with errors is 2. */
async function status(args: VerbArguments, context: CliContext): Promise<number> {
  const max_age_ms = maxAgeOf(args['max-age'] as string | undefined);
  const runs = await runsOf(args, context);
  const history = await historyHere(args, runs, context);
  const named = args['files'] as string[];
  const own = join(context.directory, 'drills');
  const files =
    named.length > 0 ? named : drillFiles(own).map((path) => shortPath(context.directory, path));
  const drills = new Map<string, DrillRead>();
  const broken: string[] = [];
  for (const word of files) {
    const { file, drill } = await readDrill(word, {}, context);
    if (drill === null) broken.push(file);
    else drills.set(drill.plan.name, drill);
  }
  const known = { runs, history, now_ms: hostClock().wall() };
  const all = statusOfAll(drills, named.length > 0, max_age_ms, known, context);
  const { stdout, stderr } = context.screen;
  if (args['json'] === true) stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  else stdout.write(statusText(all, context));
  for (const file of broken) stderr.write(`${file}: has errors; drill check ${file} says which\n`);
  if (all.some(({ isDue }) => isDue)) return EXIT.fail;
  return broken.length > 0 ? EXIT.usage : EXIT.pass;
}

function maxAgeOf(given: string | undefined): number | null {
  if (given === undefined) return null;
  const ms = DAYS.parse(given);
  if (ms !== null && ms > 0) return ms;
  throw new UserError(`--max-age: expected a number of days such as 7d, got "${given}"`);
}

const EASED = ['eased: it passed against targets that are easier than those of its file.'];
const NOT_VERIFIABLE = [
  'unverified: not verifiable, its run is gone; only a line of the history says that it passed.',
];

const ELSEWHERE = [
  'on another machine: as it told the shared history; not verified here, and no pass here.',
];

function statusText(all: readonly DrillStatus[], { screen, environment }: CliContext): string {
  const command = commandName(environment);
  if (all.length === 0) return `There are no drills here. Make one: ${command} init\n`;
  const paint = makePaint(screen.stdout.hasColour);
  const width = Math.min(100, screen.stdout.columns());
  const head = ['DRILL', 'STATUS', 'LAST PASSED', 'LAST RUN', 'MAX AGE'];
  const rows = all.map((each) => [
    `${printable(each.name)}${each.machine === null ? '' : ` on ${each.machine}`}`,
    paint(STANDING_TONES[each.standing], each.standing),
    each.passed === null ? '–' : ageWords(each.passed.age_ms),
    each.last === null ? '–' : verdictWord(each.last.verdict).toLowerCase(),
    each.max_age_ms === null ? '–' : DAYS.write(each.max_age_ms),
  ]);
  const here = all.filter(({ machine }) => machine === null);
  const changes = here.flatMap((each) => changeLines(each, width, paint));
  const due = all.filter(({ isDue }) => isDue);
  const lines = [
    ...table([head.map((text) => paint('dim', text)), ...rows], width),
    ...(changes.length === 0
      ? []
      : ['', paint('bold', 'Changed since it last passed'), ...changes]),
    ...(all.some(({ standing }) => standing === 'eased') ? ['', ...EASED] : []),
    ...(here.some(({ standing }) => standing === 'unverified') ? ['', ...NOT_VERIFIABLE] : []),
    ...(here.length < all.length ? ['', ...ELSEWHERE] : []),
    ...(due.length === 0 ? [] : ['', ...dueLines(due, command, paint)]),
  ];
  return `${lines.join('\n')}\n`;
}

function changeLines({ name, changed, file, passed }: DrillStatus, width: number, paint: Paint) {
  const title = `  ${paint('bold', printable(name))}`;
  if (passed === null) return [];
  if (file === null)
    return [title, '    no file in drills/ has this drill; name its file: drill status FILE'];
  if (changed === null) return [title, '    not known: what it passed with is not in the history'];
  if (changed.length === 0) return [];
  const lines = changed.flatMap(({ key, before, now }) => {
    return wrap(`${key}: ${printable(before)} → ${printable(now)}`, width - 4);
  });
  return [title, ...lines.map((line) => `    ${line}`)];
}

function dueLines(due: readonly DrillStatus[], command: string, paint: Paint): string[] {
  const files = due.flatMap(({ file }) => file ?? []);
  return [
    paint('warn', `${count(due.length, 'drill')} without a pass that stands:`),
    ...due.map(({ name, standing }) => `  ${printable(name)}: ${standing}`),
    ...(files.length === 0
      ? []
      : [paint('dim', `${command} run ${files.map(shellWord).join(' ')}`)]),
  ];
}

// `drill gameday`: whether a game-day file, and every drill that it names, can be run; and when it
// is due. Starts nothing.
import { formatDuration } from '../../base/units.ts';
import { hasErrors } from '../../drill/file/diagnostic.ts';
import { readGameDay } from '../../gameday/read.ts';
import { comingOf, type Due } from '../../gameday/schedule/coming.ts';
import { wallOf } from '../../gameday/schedule/zone.ts';
import { hostClock } from '../../host/clock.ts';
import { makePaint } from '../../screen/paint.ts';
import { count, table } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { writeDiagnostics } from '../read-drill.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

const ACTIONS = ['check', 'next'] as const;
const SHOWN = 5;
const SHOWN_MAX = 1000;
/** Nobody asks for what comes later: a line may name one day in eight years. */
const AHEAD_MS = 10 * 366 * 86_400_000;

export const gameDayVerb: Verb = {
  command: 'gameday <action> <files..>',
  positionals: {
    action: { choices: ACTIONS, describe: 'check: is it right; next: when is it due' },
    files: { describe: 'Game-day files' },
  },
  options: {
    var: { array: true, describe: 'Give a variable of the file another value: --var team=db' },
    count: { describe: `next: how many of each file are listed (default ${SHOWN})` },
    json: { type: 'boolean', describe: 'As JSON, for another program' },
  },
  examples: [
    ['drill gameday check weekly.yaml', 'the file, and every drill that it names'],
    ['drill gameday next weekly.yaml --count 10', 'the next ten times'],
  ],
  run,
};

/** What is due, with the name of its game day. */
interface Coming extends Due {
  readonly name: string;
  /** Of its first line. */
  readonly zone: string;
}

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const isNext = args['action'] === 'next';
  const most = countOf(args['count'] as string | undefined, isNext);
  const variables = variablesOf([args['var'] ?? []].flat().map(String));
  const after_ms = hostClock().wall();
  const coming: Coming[] = [];
  const checked = [];
  for (const file of [args['files'] ?? []].flat().map(String)) {
    const { read, diagnostics } = await readGameDay(file, variables, context);
    checked.push({ file, ok: !hasErrors(diagnostics), diagnostics });
    if (args['json'] !== true) writeDiagnostics(diagnostics, context);
    if (read === null) continue;
    const { gameday, drills } = read;
    const zone = gameday.schedule[0]?.zone ?? 'UTC';
    const { name } = gameday;
    const due = first(comingOf(gameday, { after_ms, until_ms: after_ms + AHEAD_MS }), most);
    coming.push(...due.map((each) => ({ ...each, name, zone })));
    if (isNext || args['json'] === true) continue;
    context.screen.stdout.write(`${file}: ok, ${count(drills.length, 'drill')}${whenWords(due)}\n`);
  }
  const ordered = coming.toSorted((one, other) => one.at_ms - other.at_ms);
  if (args['json'] === true) writeJson(isNext ? ordered.map(plain) : checked, isNext, context);
  else if (isNext) writeComing(ordered, context);
  return checked.every(({ ok }) => ok) ? EXIT.pass : EXIT.usage;
}

function countOf(given: string | undefined, isNext: boolean): number {
  if (given === undefined) return SHOWN;
  if (!isNext) throw new UserError('--count is not for check', { hint: 'drill gameday --help' });
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= 1 && number <= SHOWN_MAX) return number;
  throw new UserError(`--count: expected 1 to ${SHOWN_MAX}, got "${given}"`);
}

function variablesOf(given: readonly string[]): Record<string, string> {
  const pairs = given.map((each): [string, string] => {
    const at = each.indexOf('=');
    if (at < 1) throw new UserError(`--var: expected name=value, got "${each}"`);
    return [each.slice(0, at), each.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

function first<T>(all: Iterable<T>, most: number): T[] {
  const found: T[] = [];
  for (const each of all) {
    found.push(each);
    if (found.length === most) break;
  }
  return found;
}

function whenWords([next]: readonly Due[]): string {
  if (next === undefined) return ', on no schedule';
  return `, next due ${new Date(next.due_ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function plain({ name, due_ms, at_ms, blocked }: Coming) {
  const iso = (ms: number) => new Date(ms).toISOString();
  return { name, due: iso(due_ms), at: iso(at_ms), blocked };
}

function writeJson(all: readonly unknown[], isNext: boolean, { screen }: CliContext): void {
  const report = isNext
    ? { schema: 'drill.gameday-next/1', coming: all }
    : { schema: 'drill.gameday-check/1', files: all };
  screen.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

function writeComing(coming: readonly Coming[], { screen }: CliContext): void {
  const { stdout } = screen;
  if (coming.length === 0) {
    stdout.write('nothing is due: no file has a schedule\n');
    return;
  }
  const paint = makePaint(stdout.hasColour);
  const rows = coming.map(({ name, zone, due_ms, at_ms, blocked }) => [
    name,
    `${localText(at_ms, zone)} ${zone}`,
    blocked !== null
      ? paint('warn', blocked)
      : at_ms > due_ms
        ? paint('dim', `${formatDuration(at_ms - due_ms)} after its time, by the jitter`)
        : '',
  ]);
  stdout.write(
    `${table(rows)
      .map((line) => line.trimEnd())
      .join('\n')}\n`,
  );
}

/** `Tue 2026-12-01 10:00` */
function localText(at_ms: number, zone: string): string {
  const wall = new Date(wallOf(at_ms, zone));
  const [day = ''] = wall.toUTCString().split(',');
  return `${day} ${wall.toISOString().slice(0, 16).replace('T', ' ')}`;
}

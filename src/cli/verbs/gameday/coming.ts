// `drill gameday check` and `next`: whether game-day files, and every drill that they name, can be
// run; and when they are due. Starts nothing.
import { formatDuration, writeMinute } from '../../../base/units.ts';
import { nextOf, type Due } from '../../../gameday/schedule/coming.ts';
import { localText } from '../../../gameday/schedule/zone.ts';
import { hostClock } from '../../../host/clock.ts';
import { makePaint } from '../../../screen/paint.ts';
import { count, table } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { writeDiagnostics } from '../../read-drill.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';
import { readFiles, type FileRead } from './files.ts';

export const SHOWN = 5;
const SHOWN_MAX = 1000;
/** What is due, with the name of its game day. */
interface Coming extends Due {
  readonly name: string;
  /** Of its first line. */
  readonly zone: string;
}

/** `drill gameday check` */
export async function checkFiles(args: VerbArguments, context: CliContext): Promise<number> {
  const isJson = args['json'] === true;
  const files = await readFiles(args, context);
  if (!isJson) for (const { diagnostics } of files) writeDiagnostics(diagnostics, context);
  tellChecked(files, hostClock().wall(), isJson, context);
  return files.every(({ read }) => read !== null) ? EXIT.pass : EXIT.usage;
}

/** `drill gameday next` */
export async function listNext(args: VerbArguments, context: CliContext): Promise<number> {
  const most = countOf(args['count'] as string | undefined);
  const isJson = args['json'] === true;
  const files = await readFiles(args, context);
  if (!isJson) for (const { diagnostics } of files) writeDiagnostics(diagnostics, context);
  tellNext(comingIn(files, hostClock().wall(), most), isJson, context);
  return files.every(({ read }) => read !== null) ? EXIT.pass : EXIT.usage;
}

function tellChecked(
  files: readonly FileRead[],
  after_ms: number,
  isJson: boolean,
  { screen: { stdout } }: CliContext,
): void {
  if (isJson) {
    const checked = files.map(({ file, read, diagnostics }) => {
      return { file, ok: read !== null, diagnostics };
    });
    stdout.write(asJson({ schema: 'drill.gameday-check/1', files: checked }));
    return;
  }
  for (const { file, read } of files) {
    if (read === null) continue;
    const [next] = nextOf(read.gameday, after_ms, 1);
    stdout.write(`${file}: ok, ${count(read.drills.length, 'drill')}${whenWords(next)}\n`);
  }
}

/** The earliest first. */
function comingIn(files: readonly FileRead[], after_ms: number, most: number): Coming[] {
  const all = files.flatMap(({ read }) => {
    if (read === null) return [];
    const { name, schedule } = read.gameday;
    const zone = schedule[0]?.zone ?? 'UTC';
    return nextOf(read.gameday, after_ms, most).map((each) => ({ ...each, name, zone }));
  });
  return all.toSorted((one, other) => one.at_ms - other.at_ms);
}

function countOf(given: string | undefined): number {
  if (given === undefined) return SHOWN;
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= 1 && number <= SHOWN_MAX) return number;
  throw new UserError(`--count: expected 1 to ${SHOWN_MAX}, got "${given}"`);
}

function whenWords(next: Due | undefined): string {
  if (next === undefined) return ', on no schedule';
  return `, next due ${writeMinute(new Date(next.due_ms).toISOString())} UTC`;
}

function tellNext(
  coming: readonly Coming[],
  isJson: boolean,
  { screen: { stdout } }: CliContext,
): void {
  if (isJson) {
    stdout.write(asJson({ schema: 'drill.gameday-next/1', coming: coming.map(plain) }));
    return;
  }
  if (coming.length === 0) {
    stdout.write('nothing is due: no file has a schedule\n');
    return;
  }
  const paint = makePaint(stdout.hasColour);
  const rows = coming.map(({ name, zone, due_ms, at_ms, blocked }) => [
    name,
    `${localText(at_ms, zone)} ${zone}`,
    blocked === null ? paint('dim', laterWords(at_ms - due_ms)) : paint('warn', blocked),
  ]);
  stdout.write(`${table(rows).join('\n')}\n`);
}

function plain({ name, due_ms, at_ms, blocked }: Coming) {
  const iso = (ms: number) => new Date(ms).toISOString();
  return { name, due: iso(due_ms), at: iso(at_ms), blocked };
}

function laterWords(ms: number): string {
  return ms > 0 ? `${formatDuration(ms)} after its time, by the jitter` : '';
}

function asJson(report: object): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

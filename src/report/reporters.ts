// Reporters by name: the registry, `--reporter live,junit=out.xml` read against it, the one that
// passes everything on to those that were asked for, and the summary of each run at its end.
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  appendFileSync,
  constants,
  lstatSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { guessHint } from '../base/closest.ts';
import { hostClock, type Clock } from '../host/clock.ts';
import { makeDirectories } from '../host/files.ts';
import { isRefused } from '../host/machine/machine-error.ts';
import { forOutput } from '../screen/paint.ts';
import type { Output, Screen } from '../screen/screen.ts';
import { UserError } from '../screen/user-error.ts';
import { liveReporter } from './live/live.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { isOwnReport } from './own-report.ts';
import { KINDS, type ReporterKind } from './kinds.ts';
import type { Reporter, Reporters } from './reporter.ts';
import { summaryReporter, type SummaryReporterOptions } from './summary-reporter.ts';

interface ReporterOptions {
  readonly screen: Screen;
  /** The current folder: report files are relative to it, and printed paths too. */
  readonly directory: string;
  /** How the user calls drill: `drill` or `npx drill`. */
  readonly commandName?: string;
  /** In a job of GitHub other reporters are usual. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** No progress, and one line per drill instead of the summary. */
  readonly quiet?: boolean;
  /** Whether each run is summed up on the screen; true when left out. */
  readonly summary?: boolean;
  /** The result as JSON on stdout, whatever else is asked for. */
  readonly json?: boolean;
  /** Its zero must be that of the events' origin; `hostClock()` when left out. */
  readonly clock?: Clock;
}

export const REPORTERS = Object.entries(KINDS).map(([name, { summary, writes }]) => {
  return { name, summary, writes };
});

export const REPORTER_NAMES: readonly string[] = Object.keys(KINDS);

interface Asked {
  readonly name: string;
  readonly kind: ReporterKind;
  readonly file: string | null;
}

/**
 * The reporters of a command. `spec` is the value of `--reporter`; null: the usual ones. Throws a
 * `UserError` for a spec that cannot be met, files that cannot be written included, before anything
 * is started.
 */
export function makeReporters(spec: string | null, options: ReporterOptions): Reporters {
  const { screen, directory, quiet = false, json = false, clock = hostClock() } = options;
  const asked = parseReporters(spec ?? defaultSpec(options.environment ?? {}));
  const isJson = asked.some(({ name, file }) => name === 'json' && file === null);
  const wanted = json && !isJson ? [...asked, ...parseReporters('json')] : asked;
  checkCollisions(wanted, directory);
  const isStdoutTaken = wanted.some(({ kind, file }) => kind.writes === 'report' && file === null);
  const summaryOutput = isStdoutTaken ? screen.stderr : screen.stdout;
  const named = wanted
    .filter(({ kind }) => !quiet || kind.writes === 'report')
    .map(({ name, kind, file }) => {
      const output = kind.writes === 'progress' ? screen.stderr : screen.stdout;
      const isShared = file !== null && file === options.environment?.['GITHUB_STEP_SUMMARY'];
      const path = file === null ? null : resolve(directory, file);
      const target = path === null ? output : fileOutput(path, '--reporter', isShared);
      return [name, kind.make(target, clock)] as const;
    });
  const summary = summaryReporter(summaryOutput, {
    commandName: options.commandName ?? 'drill',
    showPath: (path) => shortPath(directory, path),
    isShort: quiet,
    series: quiet ? 'line' : 'whole',
  });
  const all = options.summary === false ? named : [...named, ['summary', summary] as const];
  return combine(all, (message) => screen.stderr.write(message));
}

const UNFINISHED = 'drill was ended before it wrote this report: nobody knows what came of it';

/**
 * Until a report is written, its file says that it was not: a process that is killed leaves neither
 * none nor the one of the run before, which may be green.
 */
export async function writeUnfinished(
  spec: string | null,
  files: string,
  { screen, directory, environment = {} }: ReporterOptions,
): Promise<void> {
  const named = parseReporters(spec ?? defaultSpec(environment)).flatMap(({ name, kind, file }) => {
    if (file === null || file === environment['GITHUB_STEP_SUMMARY']) return [];
    const path = resolve(directory, file);
    // Whoever reads a pipe reads all that is written to it.
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) return [];
    return [[name, kind.make(fileOutput(path, '--reporter'), hostClock())] as const];
  });
  const reporters = combine(named, (message) => screen.stderr.write(message));
  await reporters.onEnd?.([{ file: files, reasons: [UNFINISHED] }]);
}

/** In a job of GitHub: lines for its log, annotations, and the job's summary. */
function defaultSpec(environment: Readonly<Record<string, string | undefined>>): string {
  if (environment['GITHUB_ACTIONS'] !== 'true') return 'live';
  const summary = environment['GITHUB_STEP_SUMMARY'] ?? '';
  const canHave = summary !== '' && !/[,=]/.test(summary);
  return canHave ? `plain,github,markdown=${summary}` : 'plain,github';
}

/**
 * What is told of runs whose results are shown together in the end, on one output: a line for each,
 * and on a terminal the screen that is redrawn in place.
 */
export function progressReporter(
  output: Output,
  options: Pick<SummaryReporterOptions, 'commandName' | 'showPath'> & { isQuiet: boolean },
): Reporter {
  const summary = summaryReporter(output, { ...options, isShort: true, series: 'nothing' });
  const isLive = !options.isQuiet && output.openArea !== undefined;
  const progress = isLive ? [['live', liveReporter(output, hostClock())] as const] : [];
  return combine([...progress, ['summary', summary]], (message) => output.write(message));
}

/**
 * A reporter that fails is named once and dropped; the others, and the run, go on. Whoever asked
 * for its report is told by the exit code as well.
 */
export function combine(
  reporters: readonly (readonly [string, Reporter])[],
  complain: (message: string) => void,
): Reporters {
  const living = new Set(reporters);
  const drop = (one: readonly [string, Reporter], error: unknown) => {
    living.delete(one);
    const reason = error instanceof Error ? error.message : String(error);
    complain(`drill: the reporter "${one[0]}" failed and is switched off: ${reason}\n`);
  };
  const each = (tell: (reporter: Reporter) => void) => {
    for (const one of living) {
      try {
        tell(one[1]);
      } catch (error) {
        drop(one, error);
      }
    }
  };
  const inTurn = async (tell: (reporter: Reporter) => Promise<void>) => {
    for (const one of living) {
      try {
        await tell(one[1]);
      } catch (error) {
        drop(one, error);
      }
    }
  };
  return {
    hasFailed: () => living.size < reporters.length,
    onPlan: (...told) => each((reporter) => reporter.onPlan?.(...told)),
    onEvent: (event) => each((reporter) => reporter.onEvent?.(event)),
    onResult: (result, place) => each((reporter) => reporter.onResult?.(result, place)),
    onSeries: (series) => each((reporter) => reporter.onSeries?.(series)),
    onRefused: async (refused) => await inTurn(async (one) => await one.onRefused?.(refused)),
    onEnd: async (unmade) => await inTurn(async (one) => await one.onEnd?.(unmade)),
  };
}

function parseReporters(spec: string): Asked[] {
  return spec.split(',').map((part) => {
    const [name = '', ...rest] = part.trim().split('=');
    const file = rest.length === 0 ? null : rest.join('=');
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name]! : null;
    if (kind === null) throw unknownReporter(name, spec);
    if (kind.writes === 'progress' && file !== null) {
      throw new UserError(`--reporter: "${name}" draws on stderr and takes no file, got "${part}"`);
    }
    if (file === '') {
      throw new UserError(`--reporter: "${part}" names no file; expected e.g. ${name}=report.xml`);
    }
    return { name, kind, file };
  });
}

function unknownReporter(name: string, spec: string): UserError {
  const what = name === '' ? `an empty name in "${spec}"` : `"${name}"`;
  return new UserError(
    `--reporter: expected ${REPORTER_NAMES.join(', ')}; got ${what}` +
      guessHint(name, REPORTER_NAMES),
    { hint: '--reporter live,junit=out.xml' },
  );
}

function checkCollisions(asked: readonly Asked[], directory: string): void {
  const places = new Map<string, string>();
  for (const { name, kind, file } of asked) {
    const stream = kind.writes === 'progress' ? 'stderr' : 'stdout';
    const place = file ?? stream;
    // Two spellings of one file are one file.
    const key = file === null ? stream : resolve(directory, file);
    const other = places.get(key);
    if (other !== undefined) {
      const mend = kind.writes === 'report' ? `; give one a file: ${name}=FILE` : '';
      throw new UserError(
        `--reporter: "${other}" and "${name}" would both write to ${place}${mend}`,
      );
    }
    places.set(key, name);
  }
}

/** Relative where that is shorter to read and to type. */
export function shortPath(directory: string, path: string): string {
  const near = relative(directory, path);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
}

/**
 * Each write replaces the file, whole: it is written beside and moved into place, so that whoever
 * reads it never sees a part. Or it is added to one that others write to as well, and what is no
 * plain file (a pipe, a link), or in a folder of others, is written to in place. A file that
 * `flag` cannot have, or that is something else than a report, is an error now.
 */
export function fileOutput(path: string, flag: string, isShared = false): Output {
  let isPlain = true;
  try {
    makeDirectories(dirname(path));
    const existing = statSync(path, { throwIfNoEntry: false });
    isPlain = existing === undefined || (lstatSync(path).isFile() && canWrite(dirname(path)));
    if (existing?.isDirectory()) throw new Error('it is a folder');
    if (existing?.isFile() === true && !isShared && !isOwnReport(path)) {
      throw new Error('there is a file that is no report of drill; remove it, or name another');
    }
    accessSync(existing === undefined ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw new UserError(`${flag}: cannot write ${path}: ${(error as Error).message}`, {
      exitCode: isRefused(error) ? EXIT.environment : EXIT.usage,
    });
  }
  return {
    write: (text) => {
      if (isShared) appendFileSync(path, forOutput(text));
      else if (isPlain) replaceFile(path, forOutput(text));
      else writeFileSync(path, forOutput(text));
    },
    isTerminal: false,
    hasColour: false,
    columns: () => 80,
    rows: () => 24,
  };
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function replaceFile(path: string, text: string): void {
  const beside = `${path}.${randomBytes(4).toString('hex')}.new`;
  try {
    writeFileSync(beside, text, { flag: 'wx' });
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
}

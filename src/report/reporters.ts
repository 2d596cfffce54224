// Reporters by name: the registry, `--reporter live,junit=out.xml` read against it, the one that
// passes everything on to those that were asked for, and the summary of each run at its end.
import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { guessHint } from '../base/closest.ts';
import { hostClock, type Clock } from '../host/clock.ts';
import { makeDirectories } from '../host/files.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import { forOutput } from '../screen/paint.ts';
import type { Output, Screen } from '../screen/screen.ts';
import { UserError } from '../screen/user-error.ts';
import type { Result } from '../verdict/result.ts';
import type { SeriesResult } from '../verdict/series.ts';
import { junitReporter } from './junit.ts';
import { liveReporter } from './live/live.ts';
import { plainReporter } from './live/plain.ts';
import type { Reporter } from './reporter.ts';
import { seriesText, shortSeries } from './series/text.ts';
import { severalText, type Outcome } from './summary/several.ts';
import { storyOf, shortSummary, summaryText, type Failure } from './summary/summary.ts';

interface ReporterOptions {
  readonly screen: Screen;
  /** The current folder: report files are relative to it, and printed paths too. */
  readonly directory: string;
  /** How the user calls drill: `drill` or `npx drill`. */
  readonly commandName?: string;
  /** No progress, and one line per drill instead of the summary. */
  readonly quiet?: boolean;
  /** The result as JSON on stdout, whatever else is asked for. */
  readonly json?: boolean;
  /** Its zero must be that of the events' origin; `hostClock()` when left out. */
  readonly clock?: Clock;
}

interface ReporterKind {
  readonly summary: string;
  /** `progress` goes to stderr; `report` to stdout, or to a file that is named. */
  readonly writes: 'progress' | 'report';
  make(output: Output, clock: Clock): Reporter;
}

const KINDS: Readonly<Record<string, ReporterKind>> = {
  live: { summary: 'one screen, redrawn in place', writes: 'progress', make: liveReporter },
  plain: { summary: 'a line per event, for logs', writes: 'progress', make: plainReporter },
  json: { summary: 'the result as JSON', writes: 'report', make: jsonReporter },
  junit: { summary: 'a JUnit XML file', writes: 'report', make: junitReporter },
};

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
 * The reporter of a command. `spec` is the value of `--reporter`; null stands for `live`. Throws a
 * `UserError` for a spec that cannot be met, files that cannot be written included, before anything
 * is started.
 */
export function makeReporters(spec: string | null, options: ReporterOptions): Reporter {
  const { screen, directory, quiet = false, json = false, clock = hostClock() } = options;
  const asked = parseReporters(spec ?? 'live');
  const isJson = asked.some(({ name, file }) => name === 'json' && file === null);
  const all = json && !isJson ? [...asked, ...parseReporters('json')] : asked;
  checkCollisions(all, directory);
  const isStdoutTaken = all.some(({ kind, file }) => kind.writes === 'report' && file === null);
  const summaryOutput = isStdoutTaken ? screen.stderr : screen.stdout;
  const named = all
    .filter(({ kind }) => !quiet || kind.writes === 'report')
    .map(({ name, kind, file }) => {
      const output = kind.writes === 'progress' ? screen.stderr : screen.stdout;
      const target = file === null ? output : fileOutput(resolve(directory, file), '--reporter');
      return [name, kind.make(target, clock)] as const;
    });
  const summary = summaryReporter(summaryOutput, {
    commandName: options.commandName ?? 'drill',
    showPath: (path) => shortPath(directory, path),
    isShort: quiet,
    series: quiet ? 'line' : 'whole',
  });
  return combine([...named, ['summary', summary]], (message) => screen.stderr.write(message));
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

/** A reporter that fails is named once and dropped; the others, and the run, go on. */
export function combine(
  reporters: readonly (readonly [string, Reporter])[],
  complain: (message: string) => void,
): Reporter {
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
    onPlan: (plan) => each((reporter) => reporter.onPlan?.(plan)),
    onEvent: (event) => each((reporter) => reporter.onEvent?.(event)),
    onResult: (result, place) => each((reporter) => reporter.onResult?.(result, place)),
    onSeries: (series) => each((reporter) => reporter.onSeries?.(series)),
    onRefused: async (refused) => await inTurn(async (one) => await one.onRefused?.(refused)),
    onEnd: async () => await inTurn(async (one) => await one.onEnd?.()),
  };
}

/**
 * The results as JSON: of each drill its result as in `result.json`, of one with trials what they
 * say together. Several drills in one command give an array.
 */
function jsonReporter(output: Output): Reporter {
  const results: Result[] = [];
  let series: readonly SeriesResult[] = [];
  return {
    onResult: (result) => {
      results.push(result);
    },
    onSeries: (judged) => {
      series = judged;
    },
    onEnd: () => {
      const inSeries = new Set(series.flatMap(({ trials }) => trials.map(({ run }) => run)));
      const values = [...results.filter(({ id }) => !inSeries.has(id)), ...series];
      const value = values.length === 1 ? values[0] : values;
      output.write(`${JSON.stringify(value, null, 2)}\n`);
    },
  };
}

interface SummaryReporterOptions {
  readonly commandName: string;
  readonly showPath: (path: string) => string;
  readonly isShort: boolean;
  /** What is said of a series: all, a line in place of one for each trial, or nothing. */
  readonly series: 'whole' | 'line' | 'nothing';
}

function summaryReporter(output: Output, options: SummaryReporterOptions): Reporter {
  let failure: Failure | null = null;
  let plan: Plan | null = null;
  let events: RunEvent[] = [];
  const outcomes: Outcome[] = [];
  return {
    onEnd: () => {
      if (options.series === 'nothing') return;
      output.write(
        severalText(outcomes, { columns: output.columns(), hasColour: output.hasColour }),
      );
    },
    onPlan: (planned) => {
      failure = null;
      plan = planned;
      events = [];
    },
    onEvent: (event) => {
      if (event.event === 'environment.failed') failure = event;
      if (event.event !== 'workload.sampled') events.push(event);
    },
    onSeries: (series) => {
      outcomes.push(...series);
      for (const each of series) {
        const { commandName } = options;
        const [columns, hasColour] = [output.columns(), output.hasColour];
        if (options.series === 'line') output.write(shortSeries(each, hasColour));
        if (options.series !== 'whole') continue;
        output.write(seriesText(each, { commandName, columns, hasColour }));
      }
    },
    onResult: (result, directory) => {
      const isOneOfMany = plan?.trial !== undefined;
      if (!isOneOfMany) outcomes.push(result);
      if (isOneOfMany && options.series === 'line') return;
      const make = options.isShort || isOneOfMany ? shortSummary : summaryText;
      const text = make(result, {
        directory: options.showPath(directory),
        commandName: options.commandName,
        columns: output.columns(),
        hasColour: output.hasColour,
        failure,
        story: plan === null ? null : storyOf(plan, events),
      });
      output.write(text);
    },
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

/** Replaces the file at the first write. A file that `flag` cannot have is an error now. */
export function fileOutput(path: string, flag: string): Output {
  try {
    makeDirectories(dirname(path));
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing?.isDirectory()) throw new Error('it is a folder');
    accessSync(existing === undefined ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw new UserError(`${flag}: cannot write ${path}: ${(error as Error).message}`);
  }
  return {
    write: (text) => writeFileSync(path, forOutput(text)),
    isTerminal: false,
    hasColour: false,
    columns: () => 80,
    rows: () => 24,
  };
}

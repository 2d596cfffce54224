// `drill report`: the reports of a run or of a series again, from what lies on the disk.
import { resolve } from 'node:path';
import { readJournal } from '../../evidence/journal.ts';
import { readPlan, runFile } from '../../evidence/run-files.ts';
import type { Reporter } from '../../report/reporter.ts';
import { makeReporters, REPORTERS, shortPath } from '../../report/reporters.ts';
import { openFile } from '../../host/process/open-file.ts';
import { commandName } from '../../screen/command-name.ts';
import { count } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { seriesPage } from '../../session/series-files.ts';
import { unverifiedText, verifiedResult } from '../../session/judge.ts';
import { judgedOf, readTrials, unmadeOf, type SeriesRead } from '../../session/series-results.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { askedRunOrSeries, outOption, runPositional } from '../run-options.ts';
import { NO_VALUE, type CliContext, type Verb, type VerbArguments } from '../verb.ts';

const FORMS = REPORTERS.filter(({ writes }) => writes === 'report').map(({ name }) => name);

export const reportVerb: Verb = {
  command: 'report [run]',
  positionals: { run: runPositional },
  options: {
    output: {
      short: 'o',
      describe:
        'The file of the report, or - for stdout. Default: the page report.html in the folder of ' +
        'the run',
    },
    reporter: {
      describe:
        `What to write: ${FORMS.join(', ')}; default html. Several: each with =FILE, without ` +
        '--output',
    },
    open: { type: 'boolean', describe: 'Show the HTML page in the browser' },
    out: outOption,
  },
  examples: [
    ['drill report latest --open', 'the newest run as a page'],
    ['drill report latest -o drill.html', 'the page, in a file of your own'],
    ['drill report region-outage --reporter markdown', 'for a pull request, on stdout'],
    ['drill report RUN --reporter html=drill.html,junit=drill.xml', 'several at once'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const asked = await askedRunOrSeries(args, context);
  const isSeries = 'series' in asked;
  const spec = specOf(args, () => {
    const page = isSeries
      ? seriesPage(asked.series.runs, asked.series.id)
      : runFile(asked.place, 'report');
    return shortPath(context.directory, page);
  });
  const page = pageOf(spec);
  const isShown = args['open'] === true;
  if (isShown && page === null) {
    throw new UserError('--open shows the page of --reporter html=FILE');
  }
  const reporter = makeReporters(spec, {
    screen: context.screen,
    directory: context.directory,
    commandName: commandName(context.environment),
    summary: false,
  });
  const series = isSeries ? readTrials(asked.series) : null;
  const isVerified = isSeries
    ? tellSeries(series!, reporter, context)
    : tell(asked.place, reporter, context);
  await reporter.onEnd?.(series === null ? [] : unmadeOf(series));
  if (reporter.hasFailed()) return EXIT.environment;
  for (const file of filesOf(spec)) context.screen.stderr.write(`written: ${file}\n`);
  if (isShown && page !== null) await show(page, context);
  return isVerified ? EXIT.pass : EXIT.inconclusive;
}

/** `pageOfRun` is where the page goes that nobody gave a place. */
function specOf(args: VerbArguments, pageOfRun: () => string): string {
  const spec = args['reporter'] as string | undefined;
  const output = args['output'] as string | undefined;
  const progress = spec?.split(',').find((part) => !FORMS.includes(part.split('=')[0]!.trim()));
  if (progress !== undefined) {
    throw new UserError(`--reporter: expected ${FORMS.join(', ')}; got "${progress}"`, {
      hint: '--reporter html=report.html',
    });
  }
  if (output === undefined) return spec ?? `html=${withoutComma(pageOfRun())}`;
  if (spec !== undefined && /[,=]/.test(spec)) {
    throw new UserError('--output is the file of one report; give each of several its own', {
      hint: '--reporter html=drill.html,junit=drill.xml',
    });
  }
  return output === NO_VALUE ? (spec ?? 'html') : `${spec ?? 'html'}=${withoutComma(output)}`;
}

/** Reporters stand in one list. */
function withoutComma(file: string): string {
  if (!file.includes(',')) return file;
  throw new UserError(`--output: expected a file without a comma in its path; got "${file}"`);
}

function filesOf(spec: string): string[] {
  return spec.split(',').flatMap((part) => {
    const at = part.indexOf('=');
    return at < 0 ? [] : [part.slice(at + 1)];
  });
}

function pageOf(spec: string): string | null {
  const page = spec.split(',').find((part) => part.trim().startsWith('html='));
  return page === undefined ? null : filesOf(page)[0]!;
}

/** That nothing can show it takes nothing from the report. */
async function show(page: string, { directory, environment, screen }: CliContext): Promise<void> {
  const problem = await openFile(resolve(directory, page), environment);
  if (problem !== null) screen.stderr.write(`drill: warning: ${page} was not shown: ${problem}\n`);
}

/** Tells a reporter what it was told in the run. Returns whether the stored result is verified. */
function tell(place: string, reporter: Reporter, { screen, environment }: CliContext): boolean {
  const { result, differs } = verifiedResult(place, commandName(environment));
  try {
    reporter.onPlan?.(readPlan(place));
    const { events } = readJournal(runFile(place, 'journal'));
    for (const event of events) reporter.onEvent?.(event);
  } catch {
    // A report says as much as there is to read.
  }
  reporter.onResult?.(result, place);
  if (differs !== null) screen.stderr.write(unverifiedText(place, differs));
  return differs === null;
}

/** A run that does not count is told as what it is: not there. */
function tellSeries(read: SeriesRead, reporter: Reporter, context: CliContext): boolean {
  const { file } = read;
  const counted = read.results.flatMap((result) => (result === null ? [] : [result.id]));
  for (const id of counted) tell(resolve(file.runs, id), reporter, context);
  reporter.onSeries?.(judgedOf(read));
  const others = file.trials.length - counted.length;
  if (others === 0) return true;
  const which = `${count(others, 'trial')} of ${file.trials.length}`;
  const why = 'not made, removed, or not as they were written';
  context.screen.stderr.write(`${which} do not count: ${why}\n`);
  return false;
}

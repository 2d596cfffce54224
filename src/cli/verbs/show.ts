// `drill show`: the summary of a run again, from its files.
import { basename } from 'node:path';
import { isUp, readFailure, readResult } from '../../archive/run-list.ts';
import { shortPath } from '../../report/reporters.ts';
import { readStory } from '../../report/summary/story.ts';
import { summaryText } from '../../report/summary/summary.ts';
import { readKeptSystem } from '../../topology/kept-system.ts';
import { commandName } from '../../screen/command-name.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { otherValue, unverifiedText, verifiedResult } from '../../session/judge.ts';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { UserError } from '../../screen/user-error.ts';
import {
  judgeRestoreAgain,
  writeRestore,
  type RestoreJudged,
} from '../../session/restore/judge-restore.ts';
import { seriesText } from '../../report/series/text.ts';
import type { SeriesFile } from '../../session/series-files.ts';
import { doubtfulRuns, judgedOf, readTrials } from '../../session/series-results.ts';
import {
  askedRunOrSeries,
  outOption,
  restoreNamed,
  runOrRestorePositional,
  runsOf,
} from '../run-options.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';
import { restoreText } from './restore/text.ts';

export const showVerb: Verb = {
  command: 'show [run]',
  positionals: { run: runOrRestorePositional },
  options: {
    json: { type: 'boolean', describe: 'The result as JSON' },
    out: outOption,
  },
  examples: [
    ['drill show', 'the latest run'],
    ['drill show region-outage', 'the newest run of that drill'],
    ['drill show last-nights-backup', 'the newest restore by a file of that name'],
    ['drill show 20261122T201317Z --json', 'one run, for another program'],
    ['drill show 20261122T201317Z-region-outage-series-3fa2', 'the trials of a series, together'],
  ],
  run: async (args, context) => {
    const { screen, directory, environment } = context;
    const runs = await runsOf(args, context);
    const restore = restoreNamed(runs, String(args['run']), directory);
    if (restore !== null) return showRestore(restore, args, context);
    const asked = await askedRunOrSeries(args, context, runs);
    if ('series' in asked) return showSeriesText(asked.series, args, context);
    const { place } = asked;
    if (readResult(place) === null && isUp(place)) {
      const { nodes } = readKeptSystem(place);
      const lines = nodes.map(({ node, connect }) => `  ${node}\n    ${connect}\n`);
      const shown = `${basename(place)} is up, made by drill up:\n${lines.join('')}`;
      screen.stdout.write(args['json'] === true ? `${JSON.stringify(nodes, null, 2)}\n` : shown);
      return EXIT.pass;
    }
    const { result, differs } = verifiedResult(place, commandName(environment));
    const text =
      args['json'] === true
        ? `${JSON.stringify(result, null, 2)}\n`
        : summaryText(result, {
            directory: shortPath(directory, place),
            commandName: commandName(environment),
            columns: screen.stdout.columns(),
            hasColour: screen.stdout.hasColour,
            failure: readFailure(place),
            story: readStory(place),
          });
    screen.stdout.write(text);
    if (differs === null) return EXIT.pass;
    screen.stderr.write(unverifiedText(place, differs));
    return EXIT.inconclusive;
  },
};

/** As far as it follows from what was found, whatever stands in its result. */
function showRestore(place: string, args: VerbArguments, { screen }: CliContext): number {
  const { stdout, stderr } = screen;
  let judged: RestoreJudged;
  try {
    judged = judgeRestoreAgain(place);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new UserError(error.message, {
      hint: 'drill list restores',
      exitCode: EXIT.inconclusive,
    });
  }
  const { result } = judged;
  const isJson = args['json'] === true;
  stdout.write(isJson ? writeRestore(result) : restoreText(result, stdout.hasColour));
  const differs = otherValue(judged);
  if (differs === null) return EXIT.pass;
  stderr.write(unverifiedText(place, differs));
  return EXIT.inconclusive;
}

function showSeriesText(file: SeriesFile, args: VerbArguments, context: CliContext): number {
  const { stdout, stderr } = context.screen;
  const read = readTrials(file);
  const judged = judgedOf(read);
  const [columns, hasColour] = [stdout.columns(), stdout.hasColour];
  const options = { columns, hasColour, commandName: commandName(context.environment) };
  const runs = shortPath(context.directory, file.runs);
  if (args['json'] === true) stdout.write(`${JSON.stringify(judged, null, 2)}\n`);
  else stdout.write(judged.map((each) => seriesText(each, { ...options, runs })).join(''));
  if (judged.length === 0) stderr.write(`${file.id}: ${whyNothing(file)}\n`);
  const doubtful = doubtfulRuns(read);
  for (const run of doubtful) stderr.write(`${run}: ${NOT_COUNTED}\n`);
  return doubtful.length > 0 ? EXIT.inconclusive : EXIT.pass;
}

const NOT_COUNTED = 'does not count: it was removed, or its result is not as it was written';

function whyNothing({ drills, trials }: SeriesFile): string {
  const isRepeated = trials.length > drills.length;
  return isRepeated ? 'no trial of it has a result' : 'no drill in it has more than one trial';
}

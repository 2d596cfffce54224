// `drill compare`: runs drills one after the other, or takes finished runs, and prints what each
// measured beside the others.
import { compareRuns, differencesOf, type FinishedRun } from '../../archive/compare.ts';
import { isOwnPlan } from '../../drill/own-plan.ts';
import { conditionsOf } from '../../drill/plan/conditions.ts';
import { differenceText } from '../../report/compare/sheet.ts';
import { compareHtml } from '../../report/compare/page.ts';
import { compareMarkdown, compareText } from '../../report/compare/text.ts';
import type { Comparison } from '../../verdict/comparison.ts';
import {
  alikeInFolders,
  compareInputs,
  disasterOf,
  type CompareInputs,
} from '../../session/compare-inputs.ts';
import { shellWord } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import type { DrillRead } from '../../session/read.ts';
import { requireRunnable } from '../../session/run-one.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { outputsOf, writeForms, type Forms } from '../form-outputs.ts';
import { drillOptions, flagsOf, readDrills } from '../read-drill.ts';
import { repeatAsked, timeoutOf, timeoutOption, outOption, runsOf } from '../run-options.ts';
import { exitOfMade, finishedRun, refuseRunFlags, runBeside } from '../runs-beside.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

export const compareVerb: Verb = {
  command: 'compare <what..>',
  positionals: {
    what: {
      describe:
        'Drill files or folders of them, which are run; or finished runs: an id or its ' +
        'beginning, the name of a drill (its newest run), a path, latest',
    },
  },
  options: {
    ...drillOptions,
    repeat: {
      type: 'number',
      describe: 'Run each drill N times and show median, min and max (default 1)',
    },
    json: { type: 'boolean', describe: 'The comparison as JSON on stdout' },
    markdown: { describe: 'As a Markdown table, on stdout or in a file' },
    html: { describe: 'As one HTML page, with the RTO of each drawn by phase' },
    quiet: { type: 'boolean', describe: 'One line per run, no progress' },
    timeout: timeoutOption,
    out: outOption,
  },
  bare: ['markdown', 'html'],
  examples: [
    ['drill compare drills/strategies/', 'run each strategy’s drill and compare them'],
    ['drill compare a.yaml b.yaml --repeat 5 --html=compare.html', 'five times each, as a page'],
    ['drill compare region-outage region-outage-sync', 'their newest runs; nothing is run'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const repeat = repeatAsked(args);
  timeoutOf(args); // for its complaint, before anything is looked at
  const outputs = outputsOf(FORMS, args, context);
  const words = [args['what'] ?? []].flat().map(String);
  const inputs = compareInputs(words, await runsOf(args, context), context);
  if (inputs.files.length === 0) refuseRunFlags(args, 'only finished runs are compared here');
  for (const text of [...inputs.notes, ...inputs.unverified]) context.screen.stderr.write(text);
  const read = await readDrills(inputs.files, flagsOf(args), context);
  if ('exit' in read) return read.exit;
  refuseOwn(read);
  await requireRunnable(read, context);
  const drills = withoutOthers(read, inputs, context);
  warnOfDifferences(drills, inputs.runs, context);
  const beside = await runBeside(drills, { repeat, title: ({ name }) => name }, args, context);
  const made = beside.runs.map((run) => finishedRun(run, context));
  const all = [...inputs.runs, ...made];
  const doubtful = inputs.unverified.map(() => EXIT.inconclusive);
  if (all.length > 0) {
    const notMade = repeat * drills.length - made.length;
    const comparison = compareRuns(all, notMade);
    const again = 'name the runs: drill compare RUN…';
    writeForms(comparison, { text: compareText, forms: FORMS, outputs, again }, args, context);
  }
  const finished = inputs.runs.map(({ result }) => EXIT[result.verdict]);
  return exitOfMade(beside, context, [...finished, ...doubtful]);
}

/** Each is meant by its name, and its primary has to be moved back before the next. */
function refuseOwn(drills: readonly DrillRead[]): void {
  const own = drills.find(({ plan }) => isOwnPlan(plan));
  if (own === undefined) return;
  const { plan, file } = own;
  const name = shellWord(plan.name);
  throw new UserError(
    `${plan.name} breaks a system of your own: drill compare runs none of those`,
    {
      hint:
        `drill run ${shellWord(file)} --confirm ${name}; and once each was run: ` +
        `drill compare ${name} OTHER, by their names or the ids of runs`,
    },
  );
}

/** Says which drills of the folders are of another kind and therefore not run. */
function withoutOthers(
  drills: readonly DrillRead[],
  inputs: CompareInputs,
  { screen }: CliContext,
): readonly DrillRead[] {
  const { alike, left } = alikeInFolders(drills, inputs);
  for (const { plan } of left) {
    const why = `its disaster is another one (${disasterOf(plan)}); name its file to have it`;
    screen.stderr.write(`drill: ${plan.name} is left out: ${why}\n`);
  }
  return alike;
}

/** The warning comes before the first one is run, so that it can be stopped. */
function warnOfDifferences(
  drills: readonly DrillRead[],
  finished: readonly FinishedRun[],
  { screen }: CliContext,
): void {
  if (drills.length === 0) return;
  const plans = [
    ...finished.flatMap(({ plan }) => (plan === null ? [] : [plan])),
    ...drills.map(({ plan }) => plan),
  ];
  const all = plans.map((plan) => ({ label: plan.name, conditions: conditionsOf(plan) }));
  const differences = differencesOf(all).map((one) => `  ${differenceText(one)}\n`);
  if (differences.length === 0) return;
  screen.stderr.write(
    `drill: warning: not everything besides the strategy is alike:\n${differences.join('')}`,
  );
}

const FORMS: Forms<Comparison> = {
  json: (comparison) => `${JSON.stringify(comparison, null, 2)}\n`,
  markdown: compareMarkdown,
  html: compareHtml,
};

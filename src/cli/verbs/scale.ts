// `drill scale`: runs one drill at several sizes of its data, as a series, and shows how each time
// grows with the size; of a series that was run before, it shows that again.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { scaleRuns, type SizedRun } from '../../archive/scale.ts';
import { SIZE, writeSize } from '../../base/units.ts';
import { topologyFields } from '../../drill/file/schema-topology.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { scaleHtml } from '../../report/scale/page.ts';
import { scaleText } from '../../report/scale/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { RUN_FILES } from '../../evidence/evidence.ts';
import { compareInputs } from '../../session/compare-inputs.ts';
import {
  findSeries,
  listSeries,
  seriesNamed,
  type SeriesFile,
} from '../../session/series-files.ts';
import { readTrials } from '../../session/series-results.ts';
import { STANDARD_INPUT } from '../../session/source.ts';
import type { DrillRead } from '../../session/read.ts';
import { requireRunnable } from '../../session/run-one.ts';
import { requireMachine } from '../../session/runtime-of.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import type { Scale } from '../../verdict/scale.ts';
import { outputsOf, writeForms, type Forms } from '../form-outputs.ts';
import { drillOptions, flagsOf, readDrills } from '../read-drill.ts';
import { outOption, repeatAsked, runsOf, timeoutOf, timeoutOption } from '../run-options.ts';
import { exitOfMade, finishedRun, refuseRunFlags, runBeside } from '../runs-beside.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

const KEY = 'topology.data';
const SIZES_LEAST = 2;

export const scaleVerb: Verb = {
  command: 'scale <what>',
  positionals: {
    what: {
      describe:
        'A drill file, or the name of a drill, which is run; or a series of such runs: an id or ' +
        'its beginning, or latest',
    },
  },
  options: {
    data: {
      describe: `Sizes of ${KEY}, two or more: 100MB,1GB,4GB; three or more have an error bar`,
    },
    to: {
      describe:
        'Estimate the times at this larger size, which is not run; refused where no line fits',
    },
    ...drillOptions,
    repeat: { type: 'number', describe: 'Run each size N times (default 1)' },
    json: { type: 'boolean', describe: 'All figures as JSON on stdout' },
    html: { describe: 'As one HTML page, with the times drawn against the size' },
    quiet: { type: 'boolean', describe: 'One line per run, no progress' },
    timeout: timeoutOption,
    out: outOption,
  },
  bare: ['html'],
  examples: [
    ['drill scale my.yaml --data 100MB,1GB,4GB', 'each phase at three sizes'],
    ['drill scale my.yaml --data 1GB,2GB,4GB --repeat 3 --to 500GB --html=scale.html', 'as a page'],
    ['drill scale latest --html=scale.html', 'the newest series again; nothing is run'],
  ],
  run,
};

const FORMS: Forms<Scale> = {
  json: (scale) => `${JSON.stringify(scale, null, 2)}\n`,
  html: scaleHtml,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const outputs = outputsOf(FORMS, args, context);
  const show = (runs: readonly SizedRun[], notMade: number, to_bytes: number | null) => {
    const scale = scaleRuns(runs, { to_bytes, notMade });
    const again = 'the runs are there: drill scale SERIES (drill list series)';
    writeForms(scale, { text: scaleText, forms: FORMS, outputs, again }, args, context);
  };
  const series = await seriesAsked(args, context);
  return series === null
    ? await runSizes(args, context, show)
    : showSeries(series, args, context, show);
}

type Show = (runs: readonly SizedRun[], notMade: number, to_bytes: number | null) => void;

async function runSizes(args: VerbArguments, context: CliContext, show: Show): Promise<number> {
  const repeat = repeatAsked(args);
  timeoutOf(args); // for its complaint, before anything is looked at
  const sizes = sizesOf(args);
  const to_bytes = largerSize(args, sizes.at(-1)!);
  const read = await readSizes(sizes, args, context);
  if ('exit' in read) return read.exit;
  await requireRunnable(read, context);
  // The largest size needs the most room: better known now than after the others.
  await requireMachine(read.at(-1)!, context);
  const title = ({ name, data_bytes = 0 }: Plan) => `${name}, ${writeSize(data_bytes)}`;
  const made = await runBeside(read, { repeat, title }, args, context);
  const runs = made.runs.map((each) => {
    const run = finishedRun(each, context);
    return { ...run, data_bytes: run.plan.data_bytes ?? 0 };
  });
  if (runs.length > 0) show(runs, repeat * read.length - runs.length, to_bytes);
  return exitOfMade(made, context);
}

/** Null where a drill is meant, which alone has sizes to be run at. */
async function seriesAsked(args: VerbArguments, context: CliContext): Promise<SeriesFile | null> {
  if (args['data'] !== undefined) return null;
  const runs = await runsOf(args, context);
  const word = String(args['what']);
  if (word === 'latest') return listSeries(runs).findLast(isOfSizes) ?? findSeries(runs, word);
  return seriesNamed(runs, word).length > 0 ? findSeries(runs, word) : null;
}

/** One drill at several sizes. */
function isOfSizes({ drills }: SeriesFile): boolean {
  return drills.length >= SIZES_LEAST && new Set(drills.map(({ name }) => name)).size === 1;
}

function showSeries(
  file: SeriesFile,
  args: VerbArguments,
  context: CliContext,
  show: Show,
): number {
  refuseRunFlags(args, `${file.id} is a series, of which nothing is run`);
  const { trials, id } = file;
  const places = trials.flatMap(({ run }) => (run === null ? [] : [join(file.runs, run)]));
  const there = places.filter((place) => existsSync(join(place, RUN_FILES.result)));
  const { runs, unverified } = compareInputs(there, file.runs, context);
  for (const text of unverified) context.screen.stderr.write(text);
  const sized = runs.flatMap((run) => {
    const data_bytes = run.plan?.data_bytes;
    return data_bytes === undefined ? [] : [{ ...run, data_bytes }];
  });
  const sizes = new Set(sized.map(({ data_bytes }) => data_bytes));
  if (sizes.size === 0 || file.drills.length < SIZES_LEAST) {
    throw new UserError(`the series ${id} has no runs at several sizes of ${KEY}`, {
      hint: `drill scale FILE --data 100MB,1GB,4GB`,
    });
  }
  show(sized, trials.length - sized.length, largerSize(args, Math.max(...sizes)));
  const doubtful = unverified.map(() => EXIT.inconclusive);
  return exitOfMade({ runs: [], series: readTrials(file), left: [] }, context, doubtful);
}

/** From small to large, each once. Throws a `UserError`. */
function sizesOf(args: VerbArguments): number[] {
  const text = args['data'] as string | undefined;
  const expected = `--data: expected ${SIZES_LEAST} sizes or more, such as 100MB,1GB,4GB`;
  if (text === undefined) {
    throw new UserError(expected, {
      hint: 'or name a series that was run at some: drill list series',
    });
  }
  const sizes = text.split(',').map((word) => sizeOfData(word.trim()));
  const each = [...new Set(sizes)].toSorted((a, b) => a - b);
  if (each.length >= SIZES_LEAST) return each;
  const hint = `one size: drill run --set ${KEY}=…`;
  throw new UserError(`${expected}; got "${text}"`, { hint });
}

/** As the drill file takes it: there is no use in more sizes where one of them is none. */
function sizeOfData(text: string): number {
  const { data, error } = topologyFields.shape.data.safeParse(text, { reportInput: true });
  if (data !== undefined) return data;
  throw new UserError(`--data: ${error!.issues[0]!.message}`);
}

/** Null where none is asked for. A size between those that were measured is no extrapolation. */
function largerSize(args: VerbArguments, largest: number): number | null {
  const to = args['to'] as string | undefined;
  if (to === undefined) return null;
  const bytes = SIZE.parse(to);
  if (bytes === null) throw new UserError(`--to: expected a size such as 500GB, got "${to}"`);
  if (bytes > largest) return bytes;
  throw new UserError(
    `--to: expected more than ${writeSize(largest)}, the largest of --data; got "${to}"`,
    { hint: 'a size that can be measured belongs to --data' },
  );
}

/** The drill once for each size. */
async function readSizes(sizes: readonly number[], args: VerbArguments, context: CliContext) {
  const file = String(args['what']);
  const flags = flagsOf(args);
  if (file === STANDARD_INPUT) {
    throw new UserError('drill scale reads a drill once for each size: name a file, not "-"');
  }
  if (flags.set?.some((each) => each.startsWith(`${KEY}=`)) === true) {
    throw new UserError(`--set ${KEY}: the sizes are those of --data; leave it out`);
  }
  const drills: DrillRead[] = [];
  for (const bytes of sizes) {
    const own = [`${KEY}=${writeSize(bytes)}`];
    const set = [...(flags.set ?? []), ...own];
    const read = await readDrills([file], { ...flags, set }, context);
    if ('exit' in read) return read;
    drills.push(...read.map((drill) => ({ ...drill, set: own })));
  }
  return drills;
}

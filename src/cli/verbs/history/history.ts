// `drill history`: how each drill went over time, one drill run by run, or what changed between
// two runs.
import { namedBack } from '../../../drill/plan/clock.ts';
import { formatDuration, writeMinute } from '../../../base/units.ts';
import { quantity } from '../../../drill/gate/gate.ts';
import { sparkline } from '../../../report/history/sparkline.ts';
import { toldWords, trendWords, valueWords } from '../../../report/history/words.ts';
import { gateMark, verdictBadge, verdictWord } from '../../../report/summary/verdict-words.ts';
import { commandName } from '../../../screen/command-name.ts';
import { makePaint, type Paint } from '../../../screen/paint.ts';
import { count, printable, table, truncate } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import {
  changesBetween,
  drillHistories,
  isVerified,
  middleOf,
  verdictOf,
  type DrillHistory,
  type GateHistory,
} from '../../../session/history/overview.ts';
import type { Execution } from '../../../session/history/past-runs.ts';
import type { History } from '../../../archive/history/history.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { outOption, restoreNamed, runsOf } from '../../run-options.ts';
import type { CliContext, Verb } from '../../verb.ts';
import { compareText } from './compare.ts';
import { historyHere, localOption } from './here.ts';
import { sync } from './sync.ts';

export const historyVerb: Verb = {
  command: 'history [words..]',
  positionals: {
    words: {
      describe:
        'The name of a drill; or compare A B, each a run, a series or a folder; ' +
        'or sync, to send what waits',
    },
  },
  options: {
    json: { type: 'boolean', describe: 'As JSON, for another program' },
    local: localOption,
    out: outOption,
  },
  examples: [
    ['drill history', 'every drill, each target over time'],
    ['drill history region-outage', 'one drill, run by run'],
    ['drill history compare 20261122T201317Z 20261128T101500Z', 'what changed between two'],
    ['drill history sync', 'send what waits for the shared history'],
  ],
  run: async (args, context) => {
    const [first, ...others] = args['words'] as string[];
    const runs = await runsOf(args, context);
    if (first === 'sync') return await sync(others, runs, args, context);
    const history = await historyHere(args, runs, context);
    const isJson = args['json'] === true;
    if (first === 'compare') {
      const { json, text } = compareText(others, { runs, history }, context);
      context.screen.stdout.write(isJson ? `${JSON.stringify(json, null, 2)}\n` : text);
      return EXIT.pass;
    }
    if (others.length > 0) {
      throw new UserError('expected: drill history [NAME], or drill history compare A B', {
        hint: 'drill list runs',
      });
    }
    const all = drillHistories(runs, history);
    const named = first === undefined ? all : all.filter(({ name }) => name === first);
    if (first !== undefined && named.length === 0) {
      const isRestore = restoreNamed(runs, first, context.directory) !== null;
      throw isRestore ? noHistory(first) : unknownDrill(first, all);
    }
    const { stdout } = context.screen;
    if (isJson) stdout.write(`${JSON.stringify(named.map(plain), null, 2)}\n`);
    else stdout.write(historyText({ runs, history }, named, first !== undefined, context));
    return EXIT.pass;
  },
};

function noHistory(name: string): UserError {
  return new UserError(`"${name}" is a restore drill, which has no history`, {
    hint: 'drill list restores',
  });
}

function unknownDrill(name: string, all: readonly DrillHistory[]): UserError {
  const known = [...new Set(all.map((each) => each.name))].join(', ');
  const found = known === '' ? 'there is no history yet' : `there are ${known}`;
  return new UserError(`there is no history of a drill "${name}"; ${found}`, {
    hint: 'drill history',
  });
}

/** JSON has no Infinity: a wait that never ended is `"never"`. */
function plain({ executions, gates, ...drill }: DrillHistory) {
  const known = (value: number | null) => (value === Infinity ? 'never' : value);
  return {
    ...drill,
    gates: gates.map((gate) => ({
      ...gate,
      values: gate.values.map(known),
      last: known(gate.last),
      median: known(gate.median),
    })),
    executions: executions.map(({ id, isSeries, runs }) => ({
      id,
      series: isSeries,
      runs: runs.map((run) => {
        const { id: own, at, verdict, rto_ms, lost, standing } = run;
        return { id: own, at, verdict, rto_ms, lost, standing, verified: isVerified(run) };
      }),
    })),
  };
}

interface Known {
  readonly runs: string;
  readonly history: History;
}

function historyText(
  known: Known,
  all: readonly DrillHistory[],
  isWhole: boolean,
  { screen, environment }: CliContext,
): string {
  if (all.length === 0) {
    return `No runs yet. Try: ${commandName(environment)} run drills/region-outage.yaml\n`;
  }
  const { hasColour, isPlain = false } = screen.stdout;
  const paint = makePaint(hasColour);
  const width = Math.min(100, screen.stdout.columns());
  const blocks = all.map((drill) => [
    ...headLines(drill, paint),
    ...gateLines(drill.gates, { width, paint, isPlain }),
    ...(isWhole ? executionLines(known, drill, width, paint) : []),
  ]);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function headLines(drill: DrillHistory, paint: Paint): string[] {
  const { name, strategy, runtime, data, runs, unverified, executions, verdict } = drill;
  const last = executions.at(-1)!.runs.at(-1)!;
  const { told } = last;
  const when = `last ${writeMinute(last.at)}`;
  const series = executions.filter(({ isSeries }) => isSeries).length;
  const facts = [
    `${strategy} on ${runtime}${data === null ? '' : `, ${data} of data`}`,
    count(runs, 'run') + (series === 0 ? '' : `, ${count(series, 'series', 'series')}`),
    when,
  ];
  const title = `${verdictBadge(verdict, paint)}  ${paint('bold', printable(name))}`;
  const doubt = `${count(unverified, 'run')} not as written: counted for nothing`;
  return [
    title,
    paint('dim', `  ${facts.join(' · ')}`),
    ...(told === undefined ? [] : [paint('warn', `  ${toldWords(told)}`)]),
    ...(unverified === 0 ? [] : [paint('warn', `  ${doubt}`)]),
  ];
}

const SPARK_LEAST = 8;

interface Look {
  readonly width: number;
  readonly paint: Paint;
  readonly isPlain: boolean;
}

function gateLines(gates: readonly GateHistory[], { width, paint, isPlain }: Look): string[] {
  const fixed = gates.map((gate) => [
    valueWords(gate.last, gate),
    `${gate.bound === 'at least' ? 'at least' : 'of'} ${quantity(gate.target, gate.unit)}`,
    trendWords(gate, isPlain),
  ]);
  const names = Math.max(...gates.map(({ name }) => name.length), 0);
  const taken = [0, 1, 2].map((at) => Math.max(...fixed.map((row) => row[at]!.length), 0));
  const room = Math.max(SPARK_LEAST, width - names - taken.reduce((a, b) => a + b, 0) - 15);
  const rows = gates.map((gate, at) => [
    `  ${isPlain ? gate.verdict : gateMark(gate.verdict, paint)}`,
    gate.name,
    paint('accent', sparkline(gate.values.slice(-room), !isPlain)),
    paint('bold', fixed[at]![0]!),
    paint('dim', fixed[at]![1]!),
    fixed[at]![2]!,
  ]);
  return table(rows);
}

const LISTED = 30;

/** Newest first, each with what is different from the one before it. */
function executionLines(
  { runs: folder, history }: Known,
  { executions }: DrillHistory,
  width: number,
  paint: Paint,
): string[] {
  const listed = executions.slice(-LISTED);
  const rows = listed.map((execution, at) => {
    const before = listed[at - 1];
    const changed = before === undefined ? [] : changesOf(before, execution, history);
    return [
      `  ${truncate(execution.id.slice(0, '20261122T201317Z'.length), 20)}`,
      verdictWord(verdictOf(folder, execution)).toLowerCase(),
      rtoWords(execution),
      standingWords(execution),
      changed.join(', '),
    ];
  });
  const head = ['  run', 'verdict', 'RTO', '', 'changed since the one before'];
  const older = executions.length - listed.length;
  return [
    '',
    ...table([head.map((text) => paint('dim', text)), ...rows.toReversed()], width),
    ...(older === 0 ? [] : [paint('dim', `  and ${count(older, 'older one')}: --json has all`)]),
  ];
}

function changesOf(before: Execution, now: Execution, { facts }: History): string[] {
  const [one, other] = [before.runs.at(-1)!, now.runs[0]];
  const factsOf = (run: typeof one) => {
    return { sha256: run.drill.sha256, facts: facts.get(run.facts) ?? null };
  };
  return changesBetween(factsOf(one), factsOf(other)).map(({ key }) => key);
}

function rtoWords({ runs, isSeries }: Execution): string {
  const middle = middleOf(runs.flatMap(({ rto_ms }) => rto_ms ?? []));
  if (middle === null) return '–';
  const words = isSeries ? `${formatDuration(middle)} of ${runs.length}` : formatDuration(middle);
  return namedBack(runs[0].drill, words);
}

function standingWords({ runs }: Execution): string {
  if (runs.some(({ standing }) => standing === 'elsewhere')) return 'as told';
  if (runs.some((run) => !isVerified(run))) return 'unverified';
  return runs.every(({ standing }) => standing === 'gone') ? 'run is gone' : '';
}

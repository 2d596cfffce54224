// The summary of a series of trials, as text: the verdict over all of them first, then each target
// with its spread, what so many trials prove, and every trial by itself.
import { backName } from '../../drill/plan/clock.ts';
import { formatDuration } from '../../base/units.ts';
import type { TrialRule } from '../../drill/file/schema-repeat.ts';
import { makePaint, type Paint } from '../../screen/paint.ts';
import { count, padEnd, printable, table, wrap } from '../../screen/text.ts';
import {
  CONFIDENCE,
  SHARE_ASKED,
  TRIALS_ASKED,
  type SeriesResult,
  type SeriesTrial,
  type Summary,
} from '../../verdict/series.ts';
import { bullets, hanging } from '../bullets.ts';
import { PHASE_MEANINGS } from '../summary/recovery-section.ts';
import { drillFacts, gateMark, verdictBadge, verdictWord } from '../summary/verdict-words.ts';
import { outFlag } from '../summary/next-commands.ts';
import { surroundingsOf } from '../summary/surroundings-words.ts';
import { brokenInSeries, commonestCause, notProvedInSeries } from './story.ts';
import { stripOf } from './strip.ts';
import { gateRange, metWords, middleWords, regionWords, targetWords, valueWords } from './words.ts';
import { workerCells, workerWords } from './workers.ts';

export interface SeriesTextOptions {
  /** The directory of its runs as it is to be printed. */
  readonly runs: string;
  /** How the user calls drill: `drill` or `npx drill`. */
  readonly commandName: string;
  readonly columns: number;
  readonly hasColour: boolean;
}

const WIDEST = 100;
const INDENT = '  ';
const CAUSE_NAME = 9;

/** Ends with a newline. */
export function seriesText(series: SeriesResult, options: SeriesTextOptions): string {
  const paint = makePaint(options.hasColour);
  const width = Math.max(40, Math.min(options.columns, WIDEST));
  const sections = [
    titleLines(series, width, paint),
    bullets(series.verdict === 'pass' ? 'Remarks' : 'Why', series.reasons, width, paint),
    bullets('What was broken', brokenInSeries(series), width, paint),
    gateLines(series, width, paint),
    spreadLines(series, width, paint),
    bullets('What it proves', provedBy(series), width, paint),
    bullets('What it does not prove', notProvedInSeries(series), width, paint),
    phaseLines(series, width, paint),
    causeLines(series, width, paint),
    trialLines(series, width, paint),
    nextLines(series, options, width, paint),
  ];
  const blocks = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `\n${blocks.join('\n\n')}\n`;
}

/** One line for `--quiet`. */
export function shortSeries(series: SeriesResult, hasColour: boolean): string {
  const gates = series.gates.map((gate) => {
    const range = gate.measured === null ? '' : ` (${gateRange(gate, series.made)})`;
    return `${gate.name} ${metWords(gate, series.planned)}${range}`;
  });
  const badge = verdictBadge(series.verdict, makePaint(hasColour));
  const reasons = series.reasons.map((reason) => `  ${printable(reason)}\n`);
  return `${badge} ${[series.drill.name, ...gates, series.id].join(' · ')}\n${reasons.join('')}`;
}

function titleLines(series: SeriesResult, width: number, paint: Paint): string[] {
  const { drill, verdict, planned, made } = series;
  const of = made === planned ? count(planned, 'trial') : `${made} of ${count(planned, 'trial')}`;
  const facts = paint('dim', `${drill.strategy} · ${of}`);
  return [
    `${verdictBadge(verdict, paint)}  ${paint('bold', drill.name)}  ${facts}`,
    '',
    ...wrap(headOfSeries(series), width),
  ];
}

/** When service was back, in one sentence. */
export function headOfSeries({ rto_ms, made }: SeriesResult): string {
  return rto_ms === null ? 'No trial measured a recovery time.' : backWords(rto_ms, made);
}

function backWords(rto: Summary, made: number): string {
  const { min, max } = rto;
  if (min === null) return 'Service never came back.';
  if (min === max) return `Service was back ${formatDuration(min)} after the fault.`;
  const some = rto.of === made ? '' : `; in ${rto.of} of ${made} trials`;
  const most = valueWords(max, 'ms');
  const end = max === null ? 'after the fault, or never' : `to ${most} after the fault`;
  return `Service was back ${formatDuration(min)} ${end}${middleWords(rto, 'ms')}${some}.`;
}

/** `each trial has to meet them` */
function ruleWords(rule: TrialRule, needed: number, planned: number): string {
  if ('at_least' in rule) return `${needed} of ${planned} trials have to meet each`;
  switch (rule.gate) {
    case 'worst':
      return 'every trial has to meet each';
    case 'median':
      if (planned === 2) return 'both trials have to meet each'; // between two nothing is
      return `the trial in the middle has to meet each: ${needed} of ${planned}`;
    case 'p90':
      return `nine of ten trials have to meet each: ${needed} of ${planned}`;
  }
}

function gateLines(
  { gates, rule, needed, planned, made }: SeriesResult,
  width: number,
  paint: Paint,
) {
  const rows = gates.map((gate) => [
    gateMark(gate.verdict, paint),
    gate.name,
    paint('bold', metWords(gate, planned)),
    targetWords(gate),
    gateRange(gate, made),
  ]);
  return [
    `${paint('bold', 'Targets')}  ${paint('dim', ruleWords(rule, needed, planned))}`,
    ...table(rows, width - INDENT.length).map((line) => INDENT + line),
  ];
}

function spreadLines(series: SeriesResult, width: number, paint: Paint): string[] {
  const rto = series.gates.find(({ name }) => name === 'rto');
  const target = rto === undefined ? null : rto.target;
  const points = series.trials.flatMap(({ rto_ms, verdict }) => {
    return rto_ms === null ? [] : [{ ms: rto_ms, verdict }];
  });
  if (points.length < 2) return [];
  return [
    paint('bold', backName(series.drill)),
    ...stripOf(points, target, width - INDENT.length, paint),
  ];
}

const ONE_SEED = 'that is one and the same outage, and says nothing of others.';

/** What so many trials say of outages that were not tried: a sentence for gates that are alike. */
export function provedBy({ gates: all, planned, made }: SeriesResult): string[] {
  const gates = all.filter(({ regression }) => regression === undefined);
  if (made < planned) return ['Nothing yet: not all trials were made.'];
  const counts = new Set(gates.map(({ met }) => met));
  const sentences = [...counts].map((met) => {
    const alike = gates.filter((gate) => gate.met === met);
    const names = alike.map(({ name }) => name).join(', ');
    const { proves } = alike[0]!;
    if (proves === null)
      return `${names}: met by ${met} of ${planned}, all of one seed: ${ONE_SEED}`;
    const share = `${Math.floor(100 * proves)} %`;
    return (
      `${names}: met by ${met} of ${planned}. With ${100 * CONFIDENCE} % confidence, at least ` +
      `${share} of such outages do.`
    );
  });
  const isAll = gates.every(({ met }) => met === planned);
  if (planned >= TRIALS_ASKED && isAll) return sentences;
  const share = `${100 * SHARE_ASKED} %`;
  const asked = `To say so of ${share} of them takes ${TRIALS_ASKED} trials, all met.`;
  return [...sentences, asked];
}

function phaseLines({ phases }: SeriesResult, width: number, paint: Paint): string[] {
  const known = phases.filter(({ ms }) => ms !== null);
  if (known.length === 0) return [];
  const cell = (ms: number | null) => valueWords(ms, 'ms');
  const rows = known.map(({ name, ms }) => {
    const { min, median, max } = ms!;
    const meaning = paint('dim', PHASE_MEANINGS[name] ?? '');
    return [name, cell(median), cell(min), cell(max), meaning];
  });
  const head = ['', 'median', 'min', 'max', ''].map((text) => paint('dim', text));
  const lines = table([head, ...rows], width - INDENT.length);
  return [paint('bold', 'Phases'), ...lines.map((line) => INDENT + line)];
}

function causeLines(series: SeriesResult, width: number, paint: Paint): string[] {
  const lines = series.phases.flatMap(({ name }) => {
    const words = commonestCause(series, name);
    const head = `${INDENT}${padEnd(name, CAUSE_NAME)}  `;
    return words === '' ? [] : hanging(head, words, width, (line) => paint('dim', line));
  });
  return lines.length === 0 ? [] : [paint('bold', 'Commonest cause of each phase'), ...lines];
}

function trialLines(series: SeriesResult, width: number, paint: Paint): string[] {
  const { trials } = series;
  const workers = workerCells(series);
  const own = workers === null ? [] : ['worker'];
  const head = ['#', 'verdict', backName(series.drill), 'lost', 'moved', 'seed', ...own, 'run'];
  const rows = trials.map((trial, at) => [
    String(at + 1),
    verdictWord(trial.verdict),
    rtoWords(trial),
    trial.lost === null ? '–' : String(trial.lost),
    formatDuration(trial.moved_ms),
    String(trial.seed),
    ...(workers === null ? [] : [printable(workers[at]!)]),
    // Enough to name it.
    trial.run.slice(0, '20261122T201317Z'.length),
  ]);
  const lines = table([head.map((text) => paint('dim', text)), ...rows], width - INDENT.length);
  return [paint('bold', 'Trials'), ...lines.map((line) => INDENT + line)];
}

function rtoWords({ rto_ms, gates }: SeriesTrial): string {
  if (rto_ms !== null) return formatDuration(rto_ms);
  const low = gates.find(({ name }) => name === 'rto')?.low ?? null;
  return low === null ? '–' : `over ${formatDuration(low)}`;
}

function nextLines(
  series: SeriesResult,
  { commandName, runs }: SeriesTextOptions,
  width: number,
  paint: Paint,
): string[] {
  const head = (label: string) => `${paint('dim', padEnd(label, 8))}  `;
  const worst = worstTrial(series.trials);
  const out = outFlag(runs);
  const lines = [
    `${commandName} show ${series.id}${out}`,
    ...(series.made < series.planned ? [`${commandName} run --resume ${series.id}${out}`] : []),
    ...(worst === null ? [] : [`${commandName} show ${worst}${out}`]),
  ];
  const moved =
    'Each trial had a seed of its own and its faults at a moment of their own, so that ';
  const why = `${moved}they fell on different places of the rounds of health checks.`;
  const regions = regionWords(series);
  const workers = workerWords(series);
  const isMoved = series.trials.some(({ moved_ms }) => moved_ms > 0);
  return [
    ...(isMoved ? hanging(head('moved'), why, width) : []),
    ...(regions === '' ? [] : hanging(head('regions'), regions, width)),
    ...(workers === '' ? [] : hanging(head('workers'), printable(workers), width)),
    ...[...drillFacts(series.drill), ...surroundingsOf(series.surroundings)].flatMap(
      ([name, words]) => {
        return hanging(head(name), printable(words), width);
      },
    ),
    ...lines.map((line, at) => head(at === 0 ? 'next' : '') + line),
  ];
}

/** The one to look at: the first that did not pass, else the slowest. */
function worstTrial(trials: readonly SeriesTrial[]): string | null {
  const failed = trials.find(({ verdict }) => verdict !== 'pass');
  const slowest = trials.toSorted((a, b) => (b.rto_ms ?? 0) - (a.rto_ms ?? 0))[0];
  return (failed ?? slowest)?.run ?? null;
}

// `junit`: one test suite per drill, one test case per target and one for the verdict itself, so
// that a proved violation or a clean-up that failed is seen by CI too. Missed is a failure, not
// measurable is an error, cut short is skipped.
import type { Builder, TestCase, TestSuite } from 'junit-report-builder';
import { formatDuration } from '../../base/units.ts';
import type { Output } from '../../screen/screen.ts';
import { printable } from '../../screen/text.ts';
import { gateMargin, gateMeasured, gateTarget } from '../../verdict/gate-words.ts';
import type { Gate, Result } from '../../verdict/result.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import { provedBy } from '../series/text.ts';
import { causeOfPhase } from '../summary/cause-words.ts';
import { faultSentence } from '../summary/fault-words.ts';
import { saidOf } from '../summary/said.ts';
import { surroundingsOf } from '../summary/surroundings-words.ts';
import { drillFacts } from '../summary/verdict-words.ts';
import type { Reporter } from '../reporter.ts';
import { brokenInSeries, causesInSeries, notProvedInSeries } from '../series/story.ts';
import { metByWords } from '../series/words.ts';
import { atTheEnd, type Made, type MadeRun } from './outcomes.ts';

export function junitReporter(output: Pick<Output, 'write'>): Reporter {
  return atTheEnd(async (made) => {
    const builder = await loadBuilder();
    output.write(`${junitText(builder, made)}\n`);
  });
}

/**
 * Half a megabyte, which other runs need not load. The package's types describe a default export
 * inside the module, while the module is the builder (5.1).
 */
async function loadBuilder(): Promise<Builder> {
  const { default: module } = await import('junit-report-builder');
  return module as unknown as Builder;
}

/** CI asks for a file whatever happened: each that could not be run is an error. */
function addRefused(document: Builder, { refused, wereDue }: Made): void {
  for (const { file, reasons } of refused) {
    const suite = document.testSuite().name(printable(file));
    const test = suite.testCase().className(printable(file)).name('drill file');
    if (reasons.length > 0)
      test.error(printable(reasons.join('; ')), wereDue ? 'not-run' : 'usage');
    else test.skipped();
  }
}

/** A drill with trials is one suite: what a trial missed, its rule may allow. */
function junitText(builder: Builder, made: Made): string {
  const { runs, series, trials } = made;
  const document = builder.newBuilder().name('drill');
  addRefused(document, made);
  for (const each of series) addSeries(document.testSuite(), each, trials);
  for (const { result, directory } of runs) {
    const suite = document
      .testSuite()
      .name(printable(result.drill.name))
      .timestamp(result.started_at);
    if (result.wall_ms !== null) suite.time(result.wall_ms / 1000);
    suite.property('run', result.id);
    suite.property('strategy', result.drill.strategy);
    suite.property('seed', String(result.drill.seed));
    for (const [key, value] of drillFacts(result.drill)) suite.property(key, value);
    suite.property('evidence', printable(directory));
    for (const [key, value] of factsOf(result)) suite.property(key, printable(value));
    for (const gate of result.gates) addGate(suite, result, gate);
    addVerdict(suite, result, directory);
  }
  return document.build();
}

/** What was broken and when, and what it was measured on; several of a kind are numbered. */
function factsOf(result: Result): (readonly [string, string])[] {
  const { faults = [], machine = null } = result;
  const sentences = faults.map((fault) => faultSentence(fault, machine));
  return numbered([...named('fault', sentences), ...surroundingsOf(result)]);
}

function named(name: string, texts: readonly string[]) {
  return texts.map((text) => [name, text] as const);
}

function numbered(all: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const seen = new Map<string, number>();
  return all.map(([key, value]) => {
    const number = (seen.get(key) ?? 0) + 1;
    seen.set(key, number);
    return [number === 1 ? key : `${key}_${number}`, value];
  });
}

/** The builder ends a CDATA section safely at the first `]]>` of a text only (5.1). */
function print(test: TestCase, text: string): void {
  test.standardOutput(printable(text).replaceAll(']]>', ']] >'));
}

function addSeries(suite: TestSuite, series: SeriesResult, trials: readonly MadeRun[]): void {
  const name = printable(series.drill.name);
  const own = trials.filter(({ result }) => series.trials.some(({ run }) => run === result.id));
  suite.name(name);
  if (own[0] !== undefined) suite.timestamp(own[0].result.started_at);
  suite.time(own.reduce((sum, { result }) => sum + (result.wall_ms ?? 0), 0) / 1000);
  const { rto_ms } = series;
  const properties = {
    series: series.id,
    strategy: series.drill.strategy,
    ...Object.fromEntries(drillFacts(series.drill)),
    trials: `${series.made} of ${series.planned}`,
    rto_min_ms: rto_ms?.min ?? null,
    rto_median_ms: rto_ms?.median ?? null,
    rto_max_ms: rto_ms?.max ?? null,
  };
  for (const [key, value] of Object.entries(properties)) {
    // A wait that never ended has no number, a drill without controls none.
    if (value !== null) suite.property(key, String(value));
  }
  const facts = [...named('fault', brokenInSeries(series)), ...surroundingsOf(series.surroundings)];
  for (const [key, value] of numbered(facts)) suite.property(key, printable(value));
  for (const gate of series.gates) {
    const test = suite.testCase().className(name).name(gate.name);
    const message = printable(gate.reason ?? metByWords(gate, series.planned));
    if (gate.verdict === 'pass') print(test, message);
    else if (gate.verdict === 'fail') test.failure(message, 'fail');
    else test.error(message, 'inconclusive');
  }
  const test = suite.testCase().className(name).name('verdict');
  const message = printable([`${series.verdict}:`, ...series.reasons].join(' '));
  if (series.verdict === 'fail') test.failure(message, 'fail');
  else if (series.verdict !== 'pass') test.error(message, series.verdict);
  const causes = causesInSeries(series).map((cause) => `${cause}.`);
  const said = [...causes, ...provedBy(series), ...notProvedInSeries(series)];
  print(test, said.join(' '));
}

function addGate(suite: TestSuite, result: Result, gate: Gate): void {
  const test = suite.testCase().className(printable(result.drill.name)).name(gate.name);
  if (gate.unit === 'ms' && gate.measured !== null) test.time(gate.measured / 1000);
  const facts = [`${gateMeasured(gate)}, ${gateTarget(gate)}`, gateMargin(gate)];
  const message = printable(facts.filter((fact) => fact !== '').join(': '));
  if (gate.verdict === 'pass') print(test, message);
  else if (gate.verdict === 'fail') test.failure(message, 'fail');
  else if (result.verdict === 'interrupted') test.skipped();
  else test.error(message, 'inconclusive');
}

function addVerdict(suite: TestSuite, result: Result, directory: string): void {
  const test = suite.testCase().className(printable(result.drill.name)).name('verdict');
  const left = result.cleanup?.left ?? [];
  const lines = [...result.reasons, ...left.map((each) => `left behind: ${each}`)];
  const message = printable([`${result.verdict}:`, ...lines].join(' '));
  if (result.verdict === 'fail') test.failure(message, 'fail');
  else if (result.verdict !== 'pass') test.error(message, result.verdict);
  const { recovery } = result;
  const phases = (recovery?.phases ?? []).flatMap(({ name, ms }) => {
    const words = recovery === null ? '' : causeOfPhase(recovery, name);
    return words === '' ? [] : [`${name} ${formatDuration(ms ?? 0)}: ${words}.`];
  });
  const said = [
    ...phases,
    ...saidOf(result).flatMap(({ sentences }) => sentences),
    `Evidence: ${directory}`,
  ];
  print(test, said.join(' '));
}

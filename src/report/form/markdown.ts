// `markdown`: a comment of a pull request. The verdict and the targets first, the rest folded.
import { backName } from '../../drill/plan/clock.ts';
import { formatDuration } from '../../base/units.ts';
import { capital } from '../../measure/words.ts';
import type { Output } from '../../screen/screen.ts';
import { printable } from '../../screen/text.ts';
import { gateMargin, gateMeasured, gateTarget } from '../../verdict/gate-words.ts';
import type { Gate } from '../../verdict/result.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import type { Refused, Reporter } from '../reporter.ts';
import { headOfSeries, provedBy } from '../series/text.ts';
import { brokenInSeries, commonestCause, notProvedInSeries } from '../series/story.ts';
import { gateRange, metWords, regionWords, targetWords, valueWords } from '../series/words.ts';
import { workerWords } from '../series/workers.ts';
import { drillFacts, headline, verdictWord } from '../summary/verdict-words.ts';
import { causeOfPhase } from '../summary/cause-words.ts';
import { faultSentence } from '../summary/fault-words.ts';
import { saidOf, type Said } from '../summary/said.ts';
import { readStory } from '../summary/story.ts';
import { surroundingsOf } from '../summary/surroundings-words.ts';
import { atTheEnd, type MadeRun } from './outcomes.ts';

export function markdownReporter(output: Pick<Output, 'write'>): Reporter {
  return atTheEnd(({ runs, series, refused }) => {
    const parts = [
      ...refused.map(refusedText),
      ...runs.map(runMarkdown),
      ...series.map(seriesMarkdown),
    ];
    output.write(`${parts.join('\n\n')}\n`);
  });
}

const MARKS = { pass: '✅', fail: '❌', inconclusive: '❔' } as const;

function runMarkdown({ result, directory }: MadeRun): string {
  const { drill, verdict, recovery, reasons, faults = [], machine = null } = result;
  const rows = result.gates.map((gate) => [
    `${MARKS[gate.verdict]} ${gate.name}`,
    gateMeasured(gate),
    gateTarget(gate),
    marginOf(gate),
  ]);
  const phases = (recovery?.phases ?? []).flatMap(({ name, ms }) => {
    return ms === null ? [] : [[name, formatDuration(ms), causeOfPhase(recovery!, name)]];
  });
  const broken =
    readStory(directory)?.broken ?? faults.map((fault) => faultSentence(fault, machine));
  const said = saidOf(result);
  return [
    `### ${verdictWord(verdict)}: ${text(drill.name)}`,
    text(headline(result)),
    list(reasons),
    table(['target', 'measured', 'promised', 'distance'], rows),
    list(broken),
    ...said.filter(isShort).map(({ title, sentences }) => `${title}:\n\n${list(sentences)}`),
    folded('Phases of the recovery', table(['phase', 'took', 'largest cause'], phases)),
    drillLines(drill),
    folded('Machine and versions', table(['what', 'value'], surroundingsOf(result))),
    ...said
      .filter((each) => !isShort(each))
      .map((each) => folded(each.title, list(each.sentences))),
    `<sub>run ${text(result.id)} · ${text(drill.strategy)} · seed ${drill.seed}</sub>`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** What speaks for or against the numbers is not folded away. */
function isShort({ title }: Said): boolean {
  return title === 'Notes' || title === 'Not judged';
}

function drillLines(drill: SeriesResult['drill']): string {
  return drillFacts(drill)
    .map(([name, words]) => text(`${capital(name)}: ${words}`))
    .join('\n\n');
}

/** A reason stands in the list above the table. */
function marginOf(gate: Gate): string {
  return gate.verdict === 'inconclusive' && gate.reason !== null ? 'not judged' : gateMargin(gate);
}

function seriesMarkdown(series: SeriesResult): string {
  const { drill, verdict, made, planned, reasons, gates, trials } = series;
  const rows = gates.map((gate) => [
    `${MARKS[gate.verdict]} ${gate.name}`,
    metWords(gate, planned),
    gateRange(gate, made),
    targetWords(gate),
  ]);
  const each = trials.map(({ run, seed, verdict: own, rto_ms, lost }) => [
    verdictWord(own),
    rto_ms === null ? '–' : formatDuration(rto_ms),
    lost === null ? '–' : String(lost),
    String(seed),
    run,
  ]);
  const phases = series.phases.flatMap(({ name, ms }) => {
    return ms === null ? [] : [[name, valueWords(ms.median, 'ms'), commonestCause(series, name)]];
  });
  const regions = regionWords(series);
  const workers = workerWords(series);
  return [
    `### ${verdictWord(verdict)}: ${text(drill.name)}, ${made} of ${planned} trials`,
    text(headOfSeries(series)),
    list(reasons),
    list(brokenInSeries(series)),
    table(['target', 'met by', 'measured', 'promised'], rows),
    list(provedBy(series)),
    folded('Phases of the recovery', table(['phase', 'median', 'commonest cause'], phases)),
    folded('Trials', table(['verdict', backName(drill), 'lost', 'seed', 'run'], each)),
    drillLines(drill),
    folded('Machine and versions', table(['what', 'value'], surroundingsOf(series.surroundings))),
    folded('What so many runs do not prove', list(notProvedInSeries(series))),
    regions === '' ? '' : `Regions: ${text(regions)}`,
    workers === '' ? '' : `Workers: ${text(workers)}`,
    `<sub>series ${text(series.id)} · ${text(drill.strategy)}</sub>`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function refusedText({ file, reasons }: Refused): string {
  return `### No result: ${text(file)}\n\n${list(reasons)}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${text(item)}`).join('\n');
}

function folded(title: string, body: string): string {
  if (body === '') return '';
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/** Nothing in it means anything to Markdown, to HTML or to whoever is mentioned; none is a link. */
function text(words: string): string {
  if (/^-+$/.test(words)) return words;
  const plain = printable(words).replaceAll(/\s+/g, ' ');
  const escaped = plain.replaceAll(
    /[\\`*_{}[\]()<>#+!|~$&]/g,
    (character) => `&#${code(character)};`,
  );
  return escaped.replaceAll(/@|:(?=\/\/)|\bwww(?=\.)/gi, '$&&#8203;');
}

function code(character: string): number {
  return character.codePointAt(0)!;
}

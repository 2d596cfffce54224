// A result as some lines of text, for the message of a test that failed.
import { printable } from '../screen/text.ts';
import { gateMeasured, gateTarget } from '../verdict/gate-words.ts';
import type { Result, Verdict } from '../verdict/result.ts';
import type { SeriesResult } from '../verdict/series.ts';

interface Outcome {
  readonly name: string;
  readonly verdict: Verdict;
  readonly directory: string;
  /** The run, or the trial that went worst. */
  readonly result: Result;
  readonly series: SeriesResult | null;
  /** What else is worth a line. */
  readonly more: readonly string[];
}

export function summaryOf(outcome: Outcome): string {
  const { name, verdict, directory, result, series, more } = outcome;
  const reasons = series === null ? result.reasons : series.reasons;
  const lines = series === null ? gateLines(result) : seriesLines(series);
  const evidence = `evidence: ${directory}`;
  const all = [...reasons, ...lines, ...more, evidence].map((line) => `  ${printable(line)}`);
  return [`${name}: ${verdict}`, ...all].join('\n');
}

function gateLines({ gates }: Result): string[] {
  return gates.map((gate) => {
    return `${gate.name}: ${gate.verdict}, ${gateMeasured(gate)}, ${gateTarget(gate)}`;
  });
}

function seriesLines({ gates, made, planned, needed }: SeriesResult): string[] {
  const trials = `trials: ${made} of ${planned} made, ${needed} have to meet each target`;
  const words = gates.map(({ name, verdict, met, missed, open }) => {
    return `${name}: ${verdict}, met by ${met}, missed by ${missed}, open in ${open}`;
  });
  return [trials, ...words];
}

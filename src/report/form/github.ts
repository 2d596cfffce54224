// `github`: annotations at the lines of the drill file, as GitHub's jobs read them from the output.
import { gateMeasured, gateTarget } from '../../verdict/gate-words.ts';
import { ciCommand } from '../../screen/paint.ts';
import type { Output } from '../../screen/screen.ts';
import { printable } from '../../screen/text.ts';
import type { Reporter } from '../reporter.ts';
import { faultName } from '../summary/fault-words.ts';
import { verdictWord } from '../summary/verdict-words.ts';
import { atTheEnd, type Made } from './outcomes.ts';

/** GitHub shows no more of one step. */
const ANNOTATIONS_MAX = 10;

export function githubReporter(output: Pick<Output, 'write'>): Reporter {
  return atTheEnd((made) => {
    const lines = annotationsOf(made).slice(0, ANNOTATIONS_MAX);
    output.write(lines.map((line) => `${line}\n`).join(''));
  });
}

function annotationsOf({ runs, series, refused }: Made): string[] {
  return [
    ...refused.flatMap(({ file, reasons }) => {
      return reasons.map((reason) => annotation('error', 'drill file', `${file}: ${reason}`));
    }),
    ...runs.flatMap(({ result }) => {
      const { verdict, drill, gates, reasons } = result;
      if (verdict === 'pass') return [];
      const missed = gates.filter((gate) => gate.verdict === 'fail');
      const disaster = (result.faults ?? []).find((fault) => fault.disaster);
      const after = disaster === undefined ? '' : `, after ${faultName(disaster)}`;
      const title = `${verdictWord(verdict)}: ${drill.name}`;
      if (missed.length === 0) return [annotation(levelOf(verdict), title, reasons[0] ?? verdict)];
      return missed.map((gate) => {
        return annotation(
          'error',
          title,
          `${gate.name}: ${gateMeasured(gate)}, ${gateTarget(gate)}${after}`,
        );
      });
    }),
    ...series.flatMap(({ verdict, drill, reasons }) => {
      const title = `${verdictWord(verdict)}: ${drill.name}`;
      return reasons.map((reason) => annotation(levelOf(verdict), title, reason));
    }),
  ];
}

function levelOf(verdict: string): 'error' | 'warning' {
  return verdict === 'inconclusive' || verdict === 'environment' ? 'warning' : 'error';
}

function annotation(level: 'error' | 'warning', title: string, message: string): string {
  return ciCommand(`${level} title=${property(title)}::${data(message)}`);
}

/** As the runner of GitHub's jobs unescapes them. */
function data(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

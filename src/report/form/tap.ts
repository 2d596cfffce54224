// `tap`: Test Anything Protocol, version 14: a test for each target and one for each verdict.
import { gateMargin, gateMeasured, gateTarget } from '../../verdict/gate-words.ts';
import type { Output } from '../../screen/screen.ts';
import { printable } from '../../screen/text.ts';
import type { Reporter } from '../reporter.ts';
import { metByWords } from '../series/words.ts';
import { atTheEnd, type Made } from './outcomes.ts';

export function tapReporter(output: Pick<Output, 'write'>): Reporter {
  return atTheEnd((made) => {
    const tests = testsOf(made);
    const lines = tests.map(({ isOk, isSkipped, name, why }, at) => {
      if (isSkipped) return `ok ${at + 1} - ${text(name)} # SKIP not started`;
      const head = `${isOk ? 'ok' : 'not ok'} ${at + 1} - ${text(name)}`;
      if (isOk) return head;
      return [head, '  ---', `  message: ${JSON.stringify(printable(why))}`, '  ...'].join('\n');
    });
    output.write(['TAP version 14', `1..${tests.length}`, ...lines, ''].join('\n'));
  });
}

interface Test {
  readonly isOk: boolean;
  /** Nothing is wrong with it, and it was not started. */
  readonly isSkipped?: boolean;
  readonly name: string;
  readonly why: string;
}

function testsOf({ runs, series, refused }: Made): Test[] {
  return [
    ...refused.map(({ file, reasons }): Test => {
      return { isOk: false, isSkipped: reasons.length === 0, name: file, why: reasons.join('; ') };
    }),
    ...runs.flatMap(({ result }): Test[] => [
      ...result.gates.map((gate) => ({
        isOk: gate.verdict === 'pass',
        name: `${result.drill.name} ${gate.name}: ${gateMeasured(gate)}, ${gateTarget(gate)}`,
        why: gateMargin(gate),
      })),
      verdictTest(result.drill.name, result.verdict, result.reasons),
    ]),
    ...series.flatMap(({ drill, gates, planned, verdict, reasons }): Test[] => [
      ...gates.map((gate) => ({
        isOk: gate.verdict === 'pass',
        name: `${drill.name} ${gate.name}: ${metByWords(gate, planned)}`,
        why: gate.reason ?? '',
      })),
      verdictTest(drill.name, verdict, reasons),
    ]),
  ];
}

function verdictTest(name: string, verdict: string, reasons: readonly string[]): Test {
  return { isOk: verdict === 'pass', name: `${name} verdict: ${verdict}`, why: reasons.join(' ') };
}

/** A hash would begin a directive, such as the one that skips a test. */
function text(words: string): string {
  return printable(words).replaceAll(/\s+/g, ' ').replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}

// `tap`: Test Anything Protocol, version 14: a test for each target and one for each verdict.
import { gateMargin, gateMeasured, gateTarget } from '../../verdict/gate-words.ts';
import type { Output } from '../../screen/screen.ts';
import { printable } from '../../screen/text.ts';
import type { Reporter } from '../reporter.ts';
import { brokenInSeries, causesInSeries, notProvedInSeries } from '../series/story.ts';
import { provedBy } from '../series/text.ts';
import { causeOfPhase } from '../summary/cause-words.ts';
import { faultSentence } from '../summary/fault-words.ts';
import { notProvedBy, surroundingsOf } from '../summary/surroundings-words.ts';
import { metByWords } from '../series/words.ts';
import { atTheEnd, type Made } from './outcomes.ts';

export function tapReporter(output: Pick<Output, 'write'>): Reporter {
  return atTheEnd((made) => {
    const tests = testsOf(made);
    const comments = commentsOf(made).map((words) => `# ${text(words)}`);
    const lines = tests.map(({ isOk, isSkipped, name, why }, at) => {
      if (isSkipped) return `ok ${at + 1} - ${text(name)} # SKIP not started`;
      const head = `${isOk ? 'ok' : 'not ok'} ${at + 1} - ${text(name)}`;
      if (isOk) return head;
      return [head, '  ---', `  message: ${JSON.stringify(printable(why))}`, '  ...'].join('\n');
    });
    output.write(['TAP version 14', `1..${tests.length}`, ...lines, ...comments, ''].join('\n'));
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

/** What was broken and when, on what it was measured, and what that does not prove. */
function commentsOf({ runs, series }: Made): string[] {
  const words = (pairs: readonly (readonly [string, string])[]) => {
    return pairs.map(([name, value]) => `${name} ${value}`);
  };
  return [
    ...runs.flatMap(({ result }) => {
      const { drill, id, faults = [], machine = null, recovery } = result;
      const said = [
        ...faults.map((fault) => faultSentence(fault, machine)),
        ...(recovery?.phases ?? []).flatMap(({ name }) => {
          const cause = causeOfPhase(recovery!, name);
          return cause === '' ? [] : [`${name}: ${cause}`];
        }),
        ...words(surroundingsOf(result)),
        ...notProvedBy(result),
      ];
      return [`${drill.name}, run ${id}`, ...said];
    }),
    ...series.flatMap((each) => {
      const said = [
        ...brokenInSeries(each),
        ...causesInSeries(each),
        ...words(surroundingsOf(each.surroundings)),
      ];
      const proof = [...provedBy(each), ...notProvedInSeries(each)];
      return [`${each.drill.name}, series ${each.id}`, ...said, ...proof];
    }),
  ];
}

function verdictTest(name: string, verdict: string, reasons: readonly string[]): Test {
  return { isOk: verdict === 'pass', name: `${name} verdict: ${verdict}`, why: reasons.join(' ') };
}

/** A hash would begin a directive, such as the one that skips a test. */
function text(words: string): string {
  return printable(words).replaceAll(/\s+/g, ' ').replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}

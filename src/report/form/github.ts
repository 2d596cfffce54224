// `github`: annotations at the lines of the drill file, as GitHub's jobs read them from the output.
import { readYaml, type SourceFile } from '../../drill/file/yaml-source.ts';
import { gateMeasured, gateTarget } from '../../verdict/gate-words.ts';
import type { FaultFacts } from '../../drill/run-facts.ts';
import type { MachineFacts } from '../../host/machine/machine-facts.ts';
import { ciCommand } from '../../screen/paint.ts';
import type { Output } from '../../screen/screen.ts';
import { count, printable } from '../../screen/text.ts';
import type { Surroundings } from '../../verdict/series-trial.ts';
import type { Reporter } from '../reporter.ts';
import { faultName, wallWords } from '../summary/fault-words.ts';
import { verdictWord } from '../summary/verdict-words.ts';
import { atTheEnd, type Made, type MadeRun } from './outcomes.ts';

/** GitHub shows no more of one step. */
const ANNOTATIONS_MAX = 10;

export function githubReporter(output: Pick<Output, 'write'>): Reporter {
  return atTheEnd((made) => {
    const all = annotationsOf(made);
    // Of more than are shown, those that fail the job.
    const [errors, warnings] = ['error', 'warning'].map((level) => {
      return all.filter((each) => each.level === level);
    });
    const shown = [...errors!, ...warnings!].slice(0, ANNOTATIONS_MAX);
    output.write(shown.map((each) => `${lineOf(each)}\n`).join(''));
  });
}

interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
  /** Where in which file; null: nowhere. */
  readonly at: { readonly file: string; readonly line: number | null } | null;
}

function annotationsOf({ runs, series, trials, refused }: Made): Annotation[] {
  return [
    ...refused.flatMap(({ file, reasons }) => {
      return reasons.map((reason): Annotation => {
        const line = /^(\d+):\d+: /.exec(reason)?.[1];
        const at = { file, line: line === undefined ? null : Number(line) };
        return { level: 'error', title: 'drill file', message: `${file}: ${reason}`, at };
      });
    }),
    ...runs.flatMap(runAnnotations),
    ...series.flatMap(
      ({ verdict, drill, reasons, gates, surroundings, trials: own }): Annotation[] => {
        const title = `${verdictWord(verdict)}: ${drill.name}`;
        const ids = new Set(own.map(({ run }) => run));
        const source = trials.find(({ result }) => ids.has(result.id))?.source ?? null;
        return reasons.map((why) => {
          const gate = gates.find(({ reason }) => reason === why);
          const message = `${why}${surroundingsWords(surroundings)}`;
          return { level: levelOf(verdict), title, message, at: placeOf(source, gate?.name) };
        });
      },
    ),
  ];
}

function runAnnotations({ result, source }: MadeRun): Annotation[] {
  const { verdict, drill, gates, reasons, machine = null } = result;
  if (verdict === 'pass') return [];
  const missed = gates.filter((gate) => gate.verdict === 'fail');
  const disaster = (result.faults ?? []).find((fault) => fault.disaster);
  const after = disaster === undefined ? '' : `, after ${brokenWords(disaster, machine)}`;
  const measured = surroundingsWords(result);
  const title = `${verdictWord(verdict)}: ${drill.name}`;
  if (missed.length === 0) {
    const open = gates.find((gate) => gate.verdict !== 'pass');
    const at = placeOf(source, open?.name);
    return [{ level: levelOf(verdict), title, message: `${reasons[0] ?? verdict}${measured}`, at }];
  }
  return missed.map((gate) => {
    const message = `${gate.name}: ${gateMeasured(gate)}, ${gateTarget(gate)}${after}${measured}`;
    return { level: 'error', title, message, at: placeOf(source, gate.name) };
  });
}

function brokenWords(fault: FaultFacts, machine: MachineFacts | null): string {
  const at = fault.started_at === null ? '' : ` at ${wallWords(fault.started_at, machine)}`;
  return `${faultName(fault)}${at}`;
}

/** ` (drill 0.1.0, embedded, PostgreSQL 18.4, 2 cores)`: an annotation has room for no more. */
function surroundingsWords({ drill_version, runtime, machine }: Surroundings): string {
  const facts = [
    ...(drill_version === undefined ? [] : [`drill ${drill_version}`]),
    ...(runtime === null ? [] : [runtime.kind, `PostgreSQL ${runtime.postgres}`]),
    ...(machine ? [count(machine.cores, 'core')] : []),
  ];
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

/** The line of the gate's target; of all targets for one that the file does not state. */
function placeOf(source: SourceFile | null, gate: string | undefined): Annotation['at'] {
  if (source === null) return null;
  const { source: read } = readYaml(source, '');
  const path = gate === undefined ? ['targets'] : ['targets', ...gate.split('.')];
  const place = read?.locate(path, 'key') ?? read?.locate(['targets'], 'key');
  return { file: source.file, line: place?.line ?? null };
}

function levelOf(verdict: string): 'error' | 'warning' {
  return verdict === 'inconclusive' || verdict === 'environment' ? 'warning' : 'error';
}

function lineOf({ level, title, message, at }: Annotation): string {
  const place = at === null ? [] : [`file=${property(at.file)}`];
  const line = (at?.line ?? null) === null ? [] : [`line=${at!.line}`];
  const properties = [...place, ...line, `title=${property(title)}`];
  return ciCommand(`${level} ${properties.join(',')}::${data(message)}`);
}

/** As the runner of GitHub's jobs unescapes them. */
function data(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

// `openmetrics`: the last numbers of each drill, as a file for the text-file collector of
// Prometheus' node exporter.
import { hasDisaster } from '../../drill/plan/clock.ts';
import type { Output } from '../../screen/screen.ts';
import { formatBytes, printable } from '../../screen/text.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import type { Result } from '../../verdict/result.ts';
import type { SeriesTrial } from '../../verdict/series.ts';
import type { Surroundings } from '../../verdict/series-trial.ts';
import type { Reporter } from '../reporter.ts';
import { faultName } from '../summary/fault-words.ts';
import { atTheEnd, type Made, type MadeRun } from './outcomes.ts';

interface Family {
  readonly name: string;
  readonly help: string;
  readonly unit?: string;
}

type Sample = readonly [family: string, labels: Readonly<Record<string, string>>, value: number];

const FAMILIES: readonly Family[] = [
  { name: 'drill_not_run', help: '1: the drill file was not run, or has no result.' },
  { name: 'drill_verdict_code', help: 'Exit code of the verdict: 0 is a pass.' },
  { name: 'drill_rto_seconds', help: 'Measured recovery time.', unit: 'seconds' },
  {
    name: 'drill_back_after_seconds',
    help: 'Without a disaster: from the first fault until service was back.',
    unit: 'seconds',
  },
  { name: 'drill_rpo_seconds', help: 'Measured recovery point.', unit: 'seconds' },
  { name: 'drill_lost_writes', help: 'Acknowledged writes that were lost.' },
  { name: 'drill_target_met', help: '1: the target was met; 0: missed, or not judged.' },
  { name: 'drill_phase_seconds', help: 'Phases of the recovery.', unit: 'seconds' },
  { name: 'drill_rto_uncertainty_seconds', help: 'Its error bar.', unit: 'seconds' },
  {
    name: 'drill_fault_timestamp_seconds',
    help: 'When a fault began, by the wall clock.',
    unit: 'seconds',
  },
  { name: 'drill_database_bytes', help: 'What a store held before the fault.', unit: 'bytes' },
  { name: 'drill_run', help: 'Which run, of which versions, on what machine.' },
  { name: 'drill_trials_met', help: 'Trials that met the target.' },
  { name: 'drill_finished_timestamp_seconds', help: 'When it ended.', unit: 'seconds' },
];

export function openmetricsReporter(output: Pick<Output, 'write'>): Reporter {
  return atTheEnd((made) => {
    // A collector refuses a file that says one thing twice: the last one counts.
    const bySeries = new Map(samplesOf(made).map((sample) => [seriesOf(sample), sample]));
    const samples = [...bySeries.values()];
    const lines = FAMILIES.flatMap((family) => {
      const own = samples.filter(([name, , value]) => name === family.name && !Number.isNaN(value));
      return own.length === 0 ? [] : [...headOf(family), ...own.map(lineOf)];
    });
    output.write(`${[...lines, '# EOF'].join('\n')}\n`);
  });
}

function headOf({ name, help, unit }: Family): string[] {
  return [
    `# TYPE ${name} gauge`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
  ];
}

function lineOf(sample: Sample): string {
  return `${seriesOf(sample)} ${sample[2]}`;
}

function seriesOf([name, labels]: Sample): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${label(text)}"`);
  return `${name}{${pairs.join(',')}}`;
}

function label(text: string): string {
  return printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function endOf({ started_at, wall_ms }: Result): number | null {
  return wall_ms === null ? null : Date.parse(started_at) + wall_ms;
}

/** What was broken and when, how much data there was, what it ran on. */
function factsOf(
  result: Surroundings & Pick<Result, 'id' | 'faults'>,
  drill: Readonly<Record<string, string>>,
): Sample[] {
  const { id, runtime, machine, drill_version = '', faults = [], databases = [] } = result;
  const versions = { version: drill_version, postgres: runtime?.postgres ?? '' };
  const place = { runtime: runtime?.kind ?? '', proxy: runtime?.proxy ?? '' };
  const on = machine
    ? { cores: String(machine.cores), memory: formatBytes(machine.memory_bytes) }
    : { cores: '', memory: '' };
  const processor = machine?.processor ?? '';
  return [
    ['drill_run', { ...drill, run: id, ...versions, ...place, ...on, processor }, 1],
    ...faults.map((fault): Sample => {
      const at_ms = Date.parse(fault.started_at ?? '');
      const labels = { ...drill, fault: faultName(fault), disaster: String(fault.disaster) };
      return ['drill_fault_timestamp_seconds', labels, at_ms / 1_000];
    }),
    ...databases.map(({ store, node, bytes }): Sample => {
      return ['drill_database_bytes', { ...drill, store, node }, bytes];
    }),
  ];
}

const seconds = (ms: number | null) => (ms === null ? NaN : ms / 1_000);

/** When the last of the trials ended. */
function lastEnd(own: readonly SeriesTrial[], trials: readonly MadeRun[]): number | null {
  const ids = new Set(own.map(({ run }) => run));
  const ends = trials.flatMap(({ result }) => (ids.has(result.id) ? (endOf(result) ?? []) : []));
  return ends.length === 0 ? null : Math.max(...ends);
}

function backFamily(drill: Pick<Result['drill'], 'disaster'>): string {
  return hasDisaster(drill) ? 'drill_rto_seconds' : 'drill_back_after_seconds';
}

function samplesOf({ runs, series, trials, refused }: Made): Sample[] {
  return [
    ...refused.map(({ file }): Sample => ['drill_not_run', { file }, 1]),
    ...runs.flatMap(({ result }): Sample[] => {
      const { verdict, recovery, loss, gates } = result;
      const drill = { drill: result.drill.name, strategy: result.drill.strategy };
      return [
        ['drill_verdict_code', drill, EXIT[verdict]],
        [backFamily(result.drill), drill, seconds(recovery?.rto_ms ?? null)],
        ['drill_rto_uncertainty_seconds', drill, seconds(recovery?.uncertainty_ms ?? null)],
        ['drill_rpo_seconds', drill, seconds(loss?.rpo_ms ?? null)],
        ['drill_lost_writes', drill, loss?.lost ?? NaN],
        ...gates.map((gate): Sample => {
          const labels = { ...drill, target: gate.name };
          return ['drill_target_met', labels, gate.verdict === 'pass' ? 1 : 0];
        }),
        ...(recovery?.phases ?? []).map(({ name, ms }): Sample => {
          return ['drill_phase_seconds', { ...drill, phase: name }, seconds(ms)];
        }),
        ...factsOf(result, drill),
        ['drill_finished_timestamp_seconds', drill, seconds(endOf(result))],
      ];
    }),
    ...series.flatMap(({ drill: own, verdict, rto_ms, gates, ...of }): Sample[] => {
      const drill = { drill: own.name, strategy: own.strategy };
      return [
        ['drill_verdict_code', drill, EXIT[verdict]],
        [backFamily(own), drill, seconds(rto_ms?.max ?? null)],
        ...gates.flatMap((gate): Sample[] => {
          const labels = { ...drill, target: gate.name };
          return [
            ['drill_target_met', labels, gate.verdict === 'pass' ? 1 : 0],
            ['drill_trials_met', labels, gate.regression === undefined ? gate.met : NaN],
          ];
        }),
        ...factsOf({ ...of, ...of.surroundings, faults: of.trials.at(-1)?.faults ?? [] }, drill),
        ['drill_finished_timestamp_seconds', drill, seconds(lastEnd(of.trials, trials))],
      ];
    }),
  ];
}

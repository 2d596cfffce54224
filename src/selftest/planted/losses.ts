// Services that lie: each harms every seventh order that it takes, in one way, and writes down
// which. Every harmed write must be found in its class, and no other one.
import { CLASS_NAMES, type ClassName } from '../../drill/measurement.ts';
import { readEvidence } from '../../evidence/run-files.ts';
import { classesOf } from '../../measure/failback/failback-loss.ts';
import { SERVE, type TruthRun, type TruthScenario } from '../known/run.ts';
import { isUneven } from '../known/runs.ts';
import type { KnownService, Lie } from '../known/service.ts';
import type { PlantedRow } from '../row.ts';
import { isWithin } from '../row.ts';
import { unmeasured } from './outages.ts';
import { planted, type Planted } from './planted.ts';

const EVERY = 7;
const STEPS = [
  { after_ms: 0, behave: { kind: 'hang' } },
  { after_ms: 200, behave: SERVE },
] as const;
const SUSTAIN = { for_ms: 1_000 };

const LIES: readonly (readonly [Lie['kind'], ClassName, string])[] = [
  ['drop', 'lost', 'acknowledged, and dropped'],
  ['store-twice', 'duplicated', 'stored twice'],
  ['alter', 'corrupt', 'stored altered'],
  ['keep-refused', 'unexpected', 'refused, and kept'],
];
/** The old one goes on while clients already write to the new one. */
const TWO_PRIMARIES: TruthScenario = {
  sustain: SUSTAIN,
  redirect_ms: 100,
  steps: [
    { after_ms: 0, behave: { kind: 'hang' } },
    { after_ms: 150, behave: SERVE },
  ],
};
/** The classes that say that data was harmed. */
const HARMED: readonly ClassName[] = LIES.map(([, name]) => name);

export function losses(): Planted {
  const honest: TruthScenario = { steps: STEPS, sustain: SUSTAIN };
  const lying = LIES.map(([kind]) => ({ ...honest, lie: { kind, every: EVERY } }));
  const all = [...lying, honest, TWO_PRIMARIES];
  return planted('writes that a service harms', all, (runs) => [
    ...LIES.map(([, name, what], at) => lossRow(runs[at]!, name, what)),
    lossRow(runs.at(-2)!, 'lost', 'nothing harmed'),
    splitRow(runs.at(-1)!),
  ]);
}

/** By id, `7-12`: the twelfth operation of writer 7. */
type Classes = ReadonlyMap<string, ClassName>;

/** What was harmed and not answered in time is unknown, to drill as to the client. */
const UNKNOWN: readonly (ClassName | undefined)[] = ['vanished', 'recovered'];

export function lossRow(run: TruthRun, name: ClassName, what: string): PlantedRow {
  const classes = classesIn(run);
  const harmed = run.east.harmed.map(idOf);
  const wanted = new Set(harmed.filter((id) => !UNKNOWN.includes(classes.get(id))));
  const found = [...classes].filter(([, kind]) => HARMED.includes(kind));
  const measured = found.filter(([, kind]) => kind === name).length;
  const strangers = found.filter(([id, kind]) => kind !== name || !wanted.has(id)).length;
  const missed = [...wanted].filter((id) => classes.get(id) !== name).length;
  const open = harmed.length - wanted.size;
  return {
    group: 'losses',
    what,
    unit: 'writes',
    planted: wanted.size,
    measured,
    low: measured,
    high: measured,
    error: missed + strangers,
    standing: missed + strangers === 0 ? 'inside' : 'outside',
    note: open === 0 ? '' : `${open} more got no answer in time: they are unknown`,
  };
}

/** By what drill counted from the files of the run. */
function classesIn({ directory }: TruthRun): Classes {
  const evidence = readEvidence(directory);
  const store = evidence.stores[0]!;
  const counted = classesOf(evidence, store);
  const classes = new Map<string, ClassName>();
  if (counted === null) return classes;
  const { writer, sequence } = store.operations!;
  counted.classes.forEach((value, row) => {
    const name = CLASS_NAMES[value];
    const id = idOf({ writer: writer.at(row), sequence: sequence.at(row) });
    if (name !== undefined) classes.set(id, name);
  });
  for (const id of counted.unexpected) classes.set(idOf(id), 'unexpected');
  return classes;
}

/** What the old side acknowledged after the new one had answered its first write. */
function splitRow(run: TruthRun): PlantedRow {
  const answered = ({ requests }: KnownService) => {
    return requests.filter(({ status, isRead }) => status === 201 && !isRead);
  };
  const first_ms = answered(run.west!)[0]?.at_ms ?? Infinity;
  const planted = answered(run.east).filter(({ at_ms }) => at_ms > first_ms).length;
  const result = run.assess();
  const gate = result.gates.find(({ name }) => name === 'split_brain');
  const [measured, low, high] = [gate?.measured ?? null, gate?.low ?? null, gate?.high ?? null];
  const row = { group: 'losses', what: 'written to two primaries', unit: 'writes' } as const;
  const standing = isWithin(planted, { low, high });
  const error = measured === null ? null : measured - planted;
  const whole = { ...row, planted, measured, low, high, error, standing, note: '' };
  // Answers that came too late were none to the clients, who alone are heard.
  return standing === 'outside' && isUneven(run) ? unmeasured(whole, result) : whole;
}

function idOf({ writer, sequence }: { readonly writer: number; readonly sequence: number }) {
  return `${writer}-${sequence}`;
}

// Services that lie: each harms every seventh order that it takes, in one way, and writes down
// which. Every harmed write must be found in its class, and no other one.
import { CLASS_NAMES, type ClassName } from '../../drill/measurement.ts';
import { readEvidence } from '../../evidence/run-files.ts';
import { classesOf } from '../../measure/failback/failback-loss.ts';
import { SERVE, type TruthRun, type TruthScenario } from '../known/run.ts';
import type { Lie } from '../known/service.ts';
import type { PlantedRow } from '../row.ts';
import { isWithin } from '../row.ts';
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
const HARMED = LIES.map(([, name]) => name);

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

interface Found {
  /** `7-12`: the twelfth operation of writer 7. */
  readonly ids: ReadonlySet<string>;
}

export function lossRow(run: TruthRun, name: ClassName, what: string): PlantedRow {
  const wanted = new Set(run.east.harmed.map(idOf));
  const found = harmedIn(run);
  const own = found.get(name)?.ids ?? new Set();
  const wrong = [...wanted].filter((id) => !own.has(id)).length + strangers(found, name, wanted);
  const low = own.size;
  const row = { group: 'losses', what, unit: 'writes', planted: wanted.size } as const;
  const standing = wrong === 0 ? 'inside' : 'outside';
  return { ...row, measured: low, low, high: low, error: wrong, standing, note: '' };
}

/** How many of those found are not the planted ones. */
function strangers(
  found: ReadonlyMap<ClassName, Found>,
  name: ClassName,
  wanted: ReadonlySet<string>,
): number {
  return [...found]
    .map(([kind, { ids }]) => [...ids].filter((id) => kind !== name || !wanted.has(id)).length)
    .reduce((sum, n) => sum + n, 0);
}

/** The writes of each class that says harm, by what drill counted from the files of the run. */
function harmedIn({ directory }: TruthRun): Map<ClassName, Found> {
  const evidence = readEvidence(directory);
  const store = evidence.stores[0]!;
  const counted = classesOf(evidence, store);
  if (counted === null) return new Map();
  const ids = new Map(HARMED.map((name) => [name, new Set<string>()]));
  const { writer, sequence } = store.operations!;
  counted.classes.forEach((value, row) => {
    const id = { writer: writer.at(row), sequence: sequence.at(row) };
    ids.get(CLASS_NAMES[value]!)?.add(idOf(id));
  });
  for (const id of counted.unexpected) ids.get('unexpected')!.add(idOf(id));
  return new Map([...ids].map(([name, its]) => [name, { ids: its }]));
}

/** What the old side acknowledged after the new one had answered its first write. */
function splitRow(run: TruthRun): PlantedRow {
  const first = run.west!.requests.find(({ status, isRead }) => status === 201 && !isRead);
  const truth =
    first === undefined
      ? 0
      : run.east.requests.filter((each) => {
          return !each.isRead && each.status === 201 && each.at_ms > first.at_ms;
        }).length;
  const gate = run.assess().gates.find(({ name }) => name === 'split_brain');
  const [measured, low, high] = [gate?.measured ?? null, gate?.low ?? null, gate?.high ?? null];
  const what = 'written to two primaries';
  const row = {
    group: 'losses',
    what,
    unit: 'writes',
    planted: truth,
    measured,
    low,
    high,
  } as const;
  const error = measured === null ? null : measured - truth;
  return { ...row, error, standing: isWithin(truth, { low, high }), note: '' };
}

function idOf({ writer, sequence }: { readonly writer: number; readonly sequence: number }) {
  return `${writer}-${sequence}`;
}

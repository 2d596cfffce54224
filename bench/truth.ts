// How far drill is from the truth: outages of known length, and writes that a service harms, drawn
// by a seed and measured by the clients and the judge that every run has.
//
//   TRUTH_SEED=7 npm run bench truth
import type { ClassName } from '../src/drill/measurement.ts';
import { randomStream } from '../src/base/random.ts';
import { rankOf } from '../src/base/statistics.ts';
import { SERVE, type TruthRun, type TruthScenario } from '../src/selftest/known/run.ts';
import { isUneven, runTruths } from '../src/selftest/known/runs.ts';
import type { Behaviour, Lie } from '../src/selftest/known/service.ts';
import { lossRow } from '../src/selftest/planted/losses.ts';
import { outageRow, sustainFor } from '../src/selftest/planted/outages.ts';
import type { PlantedRow } from '../src/selftest/row.ts';
import type { BenchLine } from './bench-line.ts';

const SEED = Number(process.env['TRUTH_SEED'] ?? 1);
const OUTAGES = Number(process.env['TRUTH_OUTAGES'] ?? 200);
const LOSSES = Number(process.env['TRUTH_LOSSES'] ?? 1_000);
/** Side by side; more of them, and the machine would be what is measured. */
const OUTAGES_AT_ONCE = 4;
const LOSSES_AT_ONCE = 10;
/** Of the cases; what the machine had no time for is asked again, and then counts as unmeasured. */
const UNMEASURED_MAX = 0.02;
const BEYOND_MAX_MS = 10;

const OUTAGES_RATE = 200;
const LOSSES_RATE = 100;
const SHORTEST_MS = 50;
const LONGEST_MS = 3_000;
const FLAP_SHARE = 0.25;

const FAILING: readonly Behaviour[] = [
  { kind: 'refuse' },
  { kind: 'hang' },
  { kind: 'half' },
  { kind: 'late', by_ms: 450 },
];
const LIES: readonly (readonly [Lie['kind'], ClassName])[] = [
  ['drop', 'lost'],
  ['store-twice', 'duplicated'],
  ['alter', 'corrupt'],
  ['keep-refused', 'unexpected'],
];

type Draw = () => number;
type Report = (line: BenchLine) => void;

/** Takes some twelve minutes. */
export async function benchTruth(report: Report): Promise<void> {
  await benchOutages(report);
  await benchLosses(report);
}

async function benchOutages(report: Report): Promise<void> {
  const scenarios = drawn(OUTAGES, SEED, drawOutage);
  const rows = await plant(scenarios, OUTAGES_AT_ONCE, (run, { what }) => outageRow(what, run));
  tell(rows);
  const name = `${OUTAGES} outages of known length`;
  const spacing_ms = 1_000 / OUTAGES_RATE;
  const beyond = rows
    // What the machine disturbed is counted below, and its numbers are nobody's.
    .filter(({ standing }) => standing !== 'unmeasured')
    .flatMap(({ error }) => (error === null ? [] : [Math.max(0, Math.abs(error) - spacing_ms)]))
    .toSorted((a, b) => a - b);
  const p99 = beyond[rankOf(0.99, beyond.length) - 1] ?? Infinity;
  const limit = { relation: '<=', value: BEYOND_MAX_MS } as const;
  const what = 'error of the RTO beyond the spacing of operations, p99';
  report({ name: `${name}: ${what}`, measured: p99, unit: 'ms', limit, ok: p99 <= limit.value });
  report({
    name: `${name}: the same, most`,
    measured: beyond.at(-1) ?? NaN,
    unit: 'ms',
    ok: null,
  });
  standings(name, rows, report);
}

async function benchLosses(report: Report): Promise<void> {
  const scenarios = drawn(LOSSES, SEED + 1, drawLoss);
  const rows = await plant(scenarios, LOSSES_AT_ONCE, (run, { what, harmed }) => {
    return lossRow(run, harmed, what);
  });
  tell(rows);
  const name = `${LOSSES} cases of harmed writes`;
  const writes = rows.reduce((sum, { planted }) => sum + planted, 0);
  report({ name: `${name}: writes that were harmed`, measured: writes, unit: '', ok: null });
  standings(name, rows, report);
}

/** Wrong in none of them, and hardly one that could not be measured. */
function standings(name: string, rows: readonly PlantedRow[], report: Report): void {
  const count = (standing: PlantedRow['standing']) =>
    rows.filter((row) => row.standing === standing).length;
  const line = (what: string, measured: number, most: number) => {
    const limit = { relation: '<=', value: most } as const;
    report({ name: `${name}: ${what}`, measured, unit: '', limit, ok: measured <= most });
  };
  line('outside of the interval that drill gives', count('outside'), 0);
  line('not measured', count('unmeasured'), Math.floor(rows.length * UNMEASURED_MAX));
}

/** Those that are wrong, so that they can be had again. */
function tell(rows: readonly PlantedRow[]): void {
  for (const [at, { what, planted, measured, low, high, standing, note }] of rows.entries()) {
    if (standing === 'inside') continue;
    const found = measured === null ? 'nothing' : `${measured} (${low} to ${high})`;
    console.log(
      `    seed ${SEED}, case ${at}, ${what}: planted ${planted}, measured ${found} ${note}`,
    );
  }
}

interface Case {
  readonly what: string;
  readonly scenario: TruthScenario;
}

interface LossCase extends Case {
  readonly harmed: ClassName;
}

function drawn<C>(count: number, seed: number, draw: (draw: Draw) => C): C[] {
  const stream = randomStream(seed);
  return Array.from({ length: count }, () => draw(stream));
}

const oneOf = <T>(draw: Draw, all: readonly T[]): T => all[Math.floor(draw() * all.length)]!;
/** As many short ones as long ones. */
const lengthOf = (draw: Draw, from_ms: number, to_ms: number): number =>
  Math.round(from_ms * (to_ms / from_ms) ** draw());

/** Some come back for a moment that is too short to hold. */
function drawOutage(draw: Draw): Case {
  const behave = oneOf(draw, FAILING);
  const ms = lengthOf(draw, SHORTEST_MS, LONGEST_MS);
  const steps = [{ after_ms: 0, behave }];
  const isFlapping = draw() < FLAP_SHARE;
  const up_ms = lengthOf(draw, 50, 600);
  const again_ms = lengthOf(draw, SHORTEST_MS, 500);
  if (isFlapping) {
    steps.push({ after_ms: ms, behave: SERVE });
    steps.push({ after_ms: ms + up_ms, behave: oneOf(draw, FAILING.slice(0, 2)) });
  }
  const length_ms = isFlapping ? ms + up_ms + again_ms : ms;
  steps.push({ after_ms: length_ms, behave: SERVE });
  const workload = { rate_per_s: OUTAGES_RATE };
  const what = `${behave.kind} for ${length_ms} ms${isFlapping ? ', flapping' : ''}`;
  return { what, scenario: { sustain: sustainFor(behave), workload, steps } };
}

function drawLoss(draw: Draw): LossCase {
  const [kind, harmed] = oneOf(draw, LIES);
  const every = 2 + Math.floor(draw() * 40);
  const steps = [
    { after_ms: 0, behave: oneOf(draw, FAILING) },
    { after_ms: lengthOf(draw, SHORTEST_MS, 500), behave: SERVE },
  ];
  const workload = { rate_per_s: LOSSES_RATE };
  const lie = { kind, every };
  return {
    what: `${kind}, one of ${every}`,
    harmed,
    scenario: { sustain: sustainFor(steps[0]!.behave), workload, lie, steps },
  };
}

/** So many side by side. What the machine disturbed, twice by now, says nothing of drill. */
async function plant<C extends Case>(
  cases: readonly C[],
  atOnce: number,
  read: (run: TruthRun, of: C) => PlantedRow,
): Promise<PlantedRow[]> {
  const rows: PlantedRow[] = [];
  for (let from = 0; from < cases.length; from += atOnce) {
    const some = cases.slice(from, from + atOnce);
    const runs = await runTruths(some.map(({ scenario }) => scenario));
    for (const [at, run] of runs.entries()) {
      const row = read(run, some[at]!);
      rows.push(isUneven(run) ? { ...row, standing: 'unmeasured', note: 'busy' } : row);
      run.remove();
    }
  }
  return rows;
}

// A comparison in words, the same in every form in which it is shown: its figures, the table with a
// column for each drill, what has to be known to read it, and why some figures are not there.
import { OWN_SYSTEM } from '../../drill/names.ts';
import { namedBack } from '../../drill/plan/clock.ts';
import { formatDuration, formatPercent } from '../../base/units.ts';
import { quantity } from '../../drill/gate/gate.ts';
import type { Interval } from '../../drill/measurement.ts';
import { count, formatBytes, formatCount } from '../../screen/text.ts';
import type {
  ComparedDrill,
  Comparison,
  Difference,
  Spread,
  StandingCost,
} from '../../verdict/comparison.ts';
import { money } from '../money.ts';
import { PHASE_MEANINGS } from '../summary/recovery-section.ts';
import { besidesNames, besidesText, besidesTitle } from './besides.ts';
import { placeWords } from './place-words.ts';

export interface SheetRow {
  readonly label: string;
  /** What is compared, or what helps to read it. */
  readonly kind: 'figure' | 'detail';
  /** One for each drill; empty where it was not measured. */
  readonly cells: readonly string[];
}

interface SheetSection {
  /** Null: the first one, which needs none. */
  readonly title: string | null;
  readonly rows: readonly SheetRow[];
}

/** The verdicts, which each form shows in its own way, are not in it. */
export function sheetOf({ drills }: Pick<Comparison, 'drills'>): SheetSection[] {
  const isRepeated = drills.some(({ runs }) => runs.length > 1);
  const row = (label: string, kind: SheetRow['kind'], cell: (drill: ComparedDrill) => string) => {
    return { label, kind, cells: drills.map(cell) };
  };
  const repeated = (label: string, cell: (drill: ComparedDrill) => string) =>
    isRepeated ? [row(label, 'detail', cell)] : [];
  const main = [
    ...repeated('runs', runsText),
    row('RTO', 'figure', (drill) => namedBack(drill, figureText(drill.rto_ms?.median))),
    row('RTO error bar', 'detail', ({ rto_ms }) => errorBarText(rto_ms?.median)),
    ...repeated('RTO min–max', ({ rto_ms }) => spreadText(rto_ms)),
    row('RPO', 'figure', ({ rpo_ms }) => figureText(rpo_ms?.median)),
    row('RPO error bar', 'detail', ({ rpo_ms }) => errorBarText(rpo_ms?.median)),
    ...repeated('RPO min–max', ({ rpo_ms }) => spreadText(rpo_ms)),
    row('lost writes', 'figure', ({ lost }) => (lost === null ? '' : formatCount(lost.median))),
    ...repeated('lost min–max', ({ lost }) => spreadText(lost)),
    ...(drills.some(({ failback_rto_ms }) => failback_rto_ms !== undefined)
      ? [row('failback RTO', 'detail', (drill) => figureText(drill.failback_rto_ms?.median))]
      : []),
    // Counts of the worst run, where there is any.
    ...besidesNames(drills).map((name) =>
      row(besidesTitle(name), 'detail', (drill) => besidesText(drill, name)),
    ),
  ];
  const phases = phaseNames(drills).map((phase) =>
    row(phase, 'detail', (drill) => {
      const ms = drill.phases.find(({ name }) => name === phase)?.ms ?? null;
      return ms === null ? '' : formatDuration(ms);
    }),
  );
  const promised = new Set(drills.flatMap((drill) => drill.targets.map(({ name }) => name)));
  const targets = [...promised].map((name) =>
    row(name, 'detail', (drill) => {
      const target = drill.targets.find((each) => each.name === name);
      return target === undefined ? 'none' : quantity(target.target, target.unit);
    }),
  );
  // Figures are always there, so that it shows that they were not measured; money only with prices.
  // Nothing looks at the nodes of somebody's own systems.
  const isOwn = drills.every(({ strategy }) => strategy === OWN_SYSTEM);
  const isPriced = drills.some(({ cost }) => (cost?.currency ?? null) !== null);
  const costs = COST_CELLS.map(([label, kind, cell]) =>
    row(label, kind, ({ cost }) => (cost === null ? '' : cell(cost))),
  ).filter(({ label, kind, cells }) =>
    label === MONTHLY ? isPriced : kind === 'figure' || cells.some((text) => text !== ''),
  );
  return [
    { title: null, rows: main },
    { title: 'Targets', rows: targets },
    { title: 'Phases of the RTO', rows: phases },
    { title: 'Recovery region before the disaster', rows: isOwn ? [] : costs },
  ].filter(({ rows }) => rows.length > 0);
}

export function hasOwnNames(drills: readonly ComparedDrill[]): boolean {
  return drills.some(({ strategy, label }) => strategy !== label);
}

/** The phases that a drill has, in the order in which they happen. */
export function phaseNames(drills: readonly ComparedDrill[]): string[] {
  const seen = drills.flatMap(({ phases }) =>
    phases.flatMap(({ name, ms }) => (ms === null ? [] : [name])),
  );
  const known = Object.keys(PHASE_MEANINGS);
  return [...new Set([...known.filter((name) => seen.includes(name)), ...seen])];
}

type CostCell = readonly [string, SheetRow['kind'], (cost: StandingCost) => string];

const MONTHLY = 'cost a month';

const COST_CELLS: readonly CostCell[] = [
  [MONTHLY, 'figure', moneyText],
  ['nodes', 'figure', ({ components }) => (components ? formatCount(components.length) : '')],
  ['recovery steps', 'figure', ({ recovery_steps: steps }) => String(steps ?? '')],
  ['processor', 'detail', ({ cpu_share: share }) => (share === null ? '' : formatPercent(share))],
  ['memory', 'detail', ({ memory_bytes: bytes }) => bytesText(bytes)],
  ['disk', 'detail', ({ disk_bytes: bytes }) => bytesText(bytes)],
  ['replicated', 'detail', ({ replicated_bytes_per_s: bytes }) => bytesText(bytes, '/s')],
];

function moneyText({ monthly_total: total, currency }: StandingCost): string {
  return total === null || currency === null ? '' : money(currency, total);
}

function bytesText(bytes: number | null, per = ''): string {
  return bytes === null ? '' : `${formatBytes(bytes)}${per}`;
}

/** A measured time, the same in every form; empty where it was not measured. */
export function figureText(figure: Interval | undefined): string {
  if (!figure) return '';
  return figure.value === null ? 'not recovered' : timeText(figure.value);
}

/** The interval in which the truth lies. */
export function errorBarText(figure: Interval | undefined): string {
  if (!figure) return '';
  const { value, low, high } = figure;
  if (low === null) return '';
  if (value === null || high === null) return low > 0 ? `over ${timeText(low)}` : '';
  return low === high ? 'exact' : rangeText(timeText(low), timeText(high));
}

/** The range from the least to the most of several runs; empty where there was only one. */
function spreadText(spread: Spread<Interval> | Spread<number> | null): string {
  if (spread === null || spread.runs < 2) return '';
  const text = (figure: Interval | number) =>
    typeof figure === 'number' ? formatCount(figure) : figureText(figure);
  return rangeText(text(spread.min), text(spread.max));
}

/** The unit once where both have the same: `1.41–1.45 s`. */
function rangeText(from: string, to: string): string {
  if (from === to) return from;
  const [, number, unit] = /^([\d.,]+)( \S+)?$/.exec(from) ?? [];
  const [, , other] = /^([\d.,]+)( \S+)?$/.exec(to) ?? [];
  return number !== undefined && unit === other ? `${number}–${to}` : `${from} – ${to}`;
}

/** `0 s` stands for nothing at all. */
export function timeText(ms: number): string {
  return ms === 0 ? '0 s' : formatDuration(ms);
}

/** `3`, or `3, 2 passed`. */
function runsText({ runs }: ComparedDrill): string {
  const passed = runs.filter(({ verdict }) => verdict === 'pass').length;
  return passed === runs.length || runs.length === 1
    ? String(runs.length)
    : `${runs.length}, ${passed} passed`;
}

/** `4 drills, 3 runs of each`. */
export function extentText({ drills }: Comparison): string {
  const numbers = drills.map(({ runs }) => runs.length);
  const total = numbers.reduce((sum, each) => sum + each, 0);
  const what = count(drills.length, 'drill');
  if (total === drills.length) return what;
  const isEven = numbers.every((each) => each === numbers[0]);
  if (!isEven || drills.length === 1) return `${what}, ${count(total, 'run')}`;
  return `${what}, ${count(numbers[0]!, 'run')} of each`;
}

/** What was alike in all runs and is worth a line; the rest stands in the file. */
export function conditionsText({ conditions }: Comparison): string {
  const { seed, runtime, PostgreSQL: postgres, proxy } = conditions;
  const parts = [
    conditions['workload.rate'],
    conditions['faults'],
    seed && `seed ${seed}`,
    runtime,
    postgres && `PostgreSQL ${postgres}`,
    proxy && `proxy ${proxy}`,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** `workload.rate: 200/s (pilot-light, warm-standby), 100/s (active-active)`. */
export function differenceText({ key, values }: Difference): string {
  const each = values.map(({ value, drills }) => `${value} (${drills.join(', ')})`);
  return `${key}: ${each.join(', ')}`;
}

export function remarksOf(comparison: Comparison): string[] {
  const { drills, unknown_conditions: unknown, not_made: missing } = comparison;
  const remarks: string[] = [];
  if (missing > 0)
    remarks.push(`It was stopped: ${count(missing, 'more run')} had been asked for.`);
  if (unknown.length > 0) {
    remarks.push(
      `The plan of ${unknown.join(', ')} cannot be read: whether the workload, the fault and the ` +
        'seed were the same is not known.',
    );
  }
  return [...remarks, ...figureRemarks(drills), ...placeWords(comparison)];
}

/** What has to be known to read the figures of a sheet. */
export function figureRemarks(drills: readonly ComparedDrill[]): string[] {
  const remarks = unverifiedWords(drills);
  for (const { label, runs, rto_ms } of drills) {
    const measured = rto_ms?.runs ?? 0;
    if (runs.length === 1 || measured === runs.length) continue;
    remarks.push(`${label}: the RTO was measured in ${measured} of ${runs.length} runs.`);
  }
  if (drills.some(({ runs }) => runs.length > 1)) {
    remarks.push(
      'Figures are medians: of an even number of runs, the higher of the two in the middle. ' +
        'Error bars and phases are those of the run with the median.',
    );
  }
  remarks.push(...moneyWords(drills));
  const cells = sheetOf({ drills }).flatMap(({ rows }) => rows.flatMap(({ cells }) => cells));
  if (cells.includes('')) {
    remarks.push('What is empty was not measured; a phase that is empty did not take place.');
  }
  return remarks;
}

/** What somebody else may have written is not shown; what is shown comes from the evidence. */
function unverifiedWords(drills: readonly ComparedDrill[]): string[] {
  return drills.flatMap(({ label, runs }) =>
    runs.flatMap(({ unverified }, at) => {
      if (unverified === null) return [];
      const which = runs.length === 1 ? label : `${label}, run ${at + 1} of ${runs.length}`;
      return [
        `${which}: unverified, its result.json does not agree with its evidence (${unverified}); ` +
          'the figures are what the evidence gives.',
      ];
    }),
  );
}

/** How each figure in money comes about, or why there is none. */
function moneyWords(drills: readonly ComparedDrill[]): string[] {
  return drills.flatMap(({ label, cost }) => {
    if (!cost?.formula) return [];
    const figure = moneyText(cost);
    return [
      `${label}: ${figure === '' ? 'no cost a month:' : `${figure} a month =`} ${cost.formula}.`,
    ];
  });
}

/** How many reasons of one drill are shown; the rest stands with its runs. */
const WHYS_SHOWN = 3;

/** Why drills did not pass: `name: reason`, or `name, run 2 of 3: reason`. */
export function whysOf({ drills }: Pick<Comparison, 'drills'>): string[] {
  return drills.flatMap(({ label, runs }) => {
    const whys = runs.flatMap(({ verdict, reasons }, at) => {
      const which = runs.length === 1 ? label : `${label}, run ${at + 1} of ${runs.length}`;
      return verdict === 'pass' ? [] : reasons.map((reason) => `${which}: ${reason}`);
    });
    const more = whys.length - WHYS_SHOWN;
    const rest = more > 0 ? [`${label}: ${count(more, 'more reason')}, with its runs`] : [];
    return [...whys.slice(0, WHYS_SHOWN), ...rest];
  });
}

// A comparison as one table of words, which all forms of it print: a column for each drill.
import { formatDuration, formatPercent } from '../../base/units.ts';
import { PHASE_NAMES } from '../../drill/measurement.ts';
import { formatBytes, formatCount } from '../../screen/text.ts';
import type { ComparedDrill, Comparison, StandingCost } from '../../verdict/comparison.ts';
import { errorBarText, figureText, runsText, spreadText } from './words.ts';

export interface SheetRow {
  readonly label: string;
  /** What is compared, or what helps to read it. */
  readonly kind: 'figure' | 'detail';
  /** One for each drill; empty where it was not measured. */
  readonly cells: readonly string[];
}

export interface SheetSection {
  /** Null: the first one, which needs none. */
  readonly title: string | null;
  readonly rows: readonly SheetRow[];
}

/** The verdicts, which each form shows in its own way, are not in it. */
export function sheetOf(comparison: Comparison): SheetSection[] {
  const { drills } = comparison;
  const isRepeated = drills.some(({ runs }) => runs.length > 1);
  const row = rowMaker(drills);
  const repeated = (rows: readonly SheetRow[]) => (isRepeated ? rows : []);
  const main = [
    ...repeated([row('runs', 'detail', runsText)]),
    row('RTO', 'figure', ({ rto_ms }) => figureText(rto_ms?.median ?? null)),
    row('RTO error bar', 'detail', ({ rto_ms }) => errorBarText(rto_ms?.median ?? null)),
    ...repeated([row('RTO min–max', 'detail', ({ rto_ms }) => spreadText(rto_ms))]),
    row('RPO', 'figure', ({ rpo_ms }) => figureText(rpo_ms?.median ?? null)),
    row('RPO error bar', 'detail', ({ rpo_ms }) => errorBarText(rpo_ms?.median ?? null)),
    ...repeated([row('RPO min–max', 'detail', ({ rpo_ms }) => spreadText(rpo_ms))]),
    row('lost writes', 'figure', ({ lost }) => (lost === null ? '' : formatCount(lost.median))),
    ...repeated([row('lost min–max', 'detail', ({ lost }) => spreadText(lost))]),
    ...besidesRows(drills),
  ];
  return [
    { title: null, rows: main },
    { title: 'Phases of the RTO', rows: phaseRows(drills) },
    { title: 'Recovery region before the disaster', rows: costRows(drills) },
  ].filter(({ rows }) => rows.length > 0);
}

export function hasOwnNames(drills: readonly ComparedDrill[]): boolean {
  return drills.some(({ strategy, label }) => strategy !== label);
}

type Cell = (drill: ComparedDrill) => string;

function rowMaker(drills: readonly ComparedDrill[]) {
  return (label: string, kind: SheetRow['kind'], cell: Cell): SheetRow => {
    return { label, kind, cells: drills.map(cell) };
  };
}

const BESIDES_TITLES: Readonly<Record<string, string>> = {
  split_brain: 'split-brain',
  wrong_reads: 'wrong reads',
};

/** Counts of the worst run, where there is any. */
function besidesRows(drills: readonly ComparedDrill[]): SheetRow[] {
  const names = [...new Set(drills.flatMap(({ besides }) => Object.keys(besides)))];
  const row = rowMaker(drills);
  return names.map((name) =>
    row(BESIDES_TITLES[name] ?? name, 'detail', ({ lost, besides }) =>
      lost === null ? '' : formatCount(besides[name] ?? 0),
    ),
  );
}

/** A restored database takes the place of a promoted one. */
const PHASE_ORDER = PHASE_NAMES.flatMap((name) =>
  name === 'promote' ? (['promote', 'restore'] as const) : [name],
) as readonly string[];

/** The phases that a drill has, in the order in which they happen. */
export function phaseNames(drills: readonly ComparedDrill[]): string[] {
  const seen = drills.flatMap(({ phases }) =>
    phases.flatMap(({ name, ms }) => (ms === null ? [] : [name])),
  );
  const strange = seen.filter((name) => !PHASE_ORDER.includes(name));
  return [...PHASE_ORDER.filter((name) => seen.includes(name)), ...new Set(strange)];
}

function phaseRows(drills: readonly ComparedDrill[]): SheetRow[] {
  const row = rowMaker(drills);
  return phaseNames(drills).map((phase) =>
    row(phase, 'detail', ({ phases }) => {
      const ms = phases.find(({ name }) => name === phase)?.ms ?? null;
      return ms === null ? '' : formatDuration(ms);
    }),
  );
}

const COST_CELLS: readonly (readonly [string, SheetRow['kind'], (cost: StandingCost) => string])[] =
  [
    ['cost a month', 'figure', ({ monthly_total: total }) => total?.toFixed(2) ?? ''],
    [
      'nodes',
      'figure',
      ({ components }) => (components === null ? '' : formatCount(components.length)),
    ],
    ['recovery steps', 'figure', ({ recovery_steps: steps }) => String(steps ?? '')],
    ['processor', 'detail', ({ cpu_share: share }) => (share === null ? '' : formatPercent(share))],
    ['memory', 'detail', ({ memory_bytes: bytes }) => bytesText(bytes)],
    ['disk', 'detail', ({ disk_bytes: bytes }) => bytesText(bytes)],
    ['replicated', 'detail', ({ replicated_bytes_per_s: bytes }) => bytesText(bytes, '/s')],
  ];

/** Figures are always there, so that it shows that they were not measured. */
function costRows(drills: readonly ComparedDrill[]): SheetRow[] {
  const row = rowMaker(drills);
  return COST_CELLS.map(([label, kind, cell]) =>
    row(label, kind, ({ cost }) => (cost === null ? '' : cell(cost))),
  ).filter(({ kind, cells }) => kind === 'figure' || cells.some((text) => text !== ''));
}

function bytesText(bytes: number | null, per = ''): string {
  return bytes === null ? '' : `${formatBytes(bytes)}${per}`;
}

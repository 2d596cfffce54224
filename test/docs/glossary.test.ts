// The glossary explains every label that the report of a run prints.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { GATES } from '../../src/drill/gate/registry.ts';
import { gameDayForm } from '../../src/evidence/gameday-form.ts';
import { OUTCOME } from '../../src/evidence/ledger/operation.ts';
import { CLASS_NAMES, PHASE_NAMES } from '../../src/drill/measurement.ts';
import { sheetOf } from '../../src/report/compare/sheet.ts';
import { summaryText } from '../../src/report/summary/summary.ts';
import type { Result, ResultFailback } from '../../src/verdict/result.ts';
import { allStrategies, compared, STANDING } from '../support/evidence/compared.ts';
import * as results from '../support/evidence/results.ts';

const glossary = readFileSync(new URL('../../docs/glossary.md', import.meta.url), 'utf8');
const words = new Set([...glossary.matchAll(/\*\*([^*]+)\*\*/g)].map(([, word = '']) => word));

const { passed } = results;
const failback: ResultFailback = {
  protected_ms: 1,
  protected_how: 'rewound',
  switchover_ms: 1,
  pause_ms: 1,
  rto_ms: 1,
  uncertainty_ms: 1,
  outages: [],
  loss: passed.loss,
  salvaged: 1,
};
const listed = Array.from({ length: 6 }, () => ({ table: 't', key: 'k', values: {} }));
const full: Result = {
  ...passed,
  drill: {
    ...passed.drill,
    outside: [{ key: 'targets.rto', value: '9s', from: '--set' }],
    controls: ['SOC2-A1.2'],
  },
  machine: {
    ...{ cores: 2, processor: 'P', memory_bytes: 1e9, system: 'S', kernel: 'K', load: 0 },
    ...{ limits: {}, zone: 'UTC', zone_min: 0 },
  },
  databases: [{ store: 'postgres', node: 'east/postgres', version: '18', bytes: 1, rows: 1 }],
  recovery: {
    ...passed.recovery!,
    causes: [{ phase: 'decide', kind: 'declared-by-drill', ms: passed.recovery!.phases[1]!.ms! }],
  },
  cost: {
    ...STANDING,
    monthly: { currency: 'EUR', instances: 1, storage: 1, transfer: 1, total: 3, formula: '1 + 1' },
  },
  failback,
  divergence: { rows: 9, differing: 9, ok: false, detail: '', listed },
  unprotected: {
    ...{ standby: 'west', writes: 9, writes_low: 8, writes_high: 9 },
    ...{ ms: 200, ms_low: 100 },
  },
  loss: { ...passed.loss!, corrupt: 1, diverged: 1, unsent: 1, late: 1, intended: 1 },
  notes: ['A note.'],
};
const failure = { what: 'a', expected: 'b', found: 'c', hint: 'd', log: ['e'] };
const story = { description: 'A drill.', version: '1.0.0', broken: ['lose-region east.'] };

/** Titles, the first words of rows, and the words below the report. */
function labelsOf(result: Result): string[] {
  const options = { directory: 'place', commandName: 'drill', columns: 100, hasColour: false };
  const text = summaryText(result, { ...options, failure, story });
  const lines = text.split('\n');
  const titles = lines.filter((line, at) => {
    return /^[A-Z][\w ,()]+$/.test(line) && lines[at + 1]?.startsWith('  ') === true;
  });
  const rows = lines.flatMap((line) => {
    const label = /^ {2}(?:[✓✗?] {2}| *[\d,]+ {2})?([A-Za-z_.][\w. -]*?) {2,}\S/.exec(line)?.[1];
    return label === undefined ? [] : [label];
  });
  const below = lines.flatMap((line) => /^([a-z]+) {2,}\S/.exec(line)?.[1] ?? []);
  return [...titles, ...rows, ...below];
}

/** What names a region, a table or a part stands for what the glossary explains. */
function isExplained(label: string): boolean {
  const plain = label.replace(/ \w+, before the disaster$/, '').replace(/,? as asked.*$/, '');
  return words.has(plain.replace(/^Writes to .*/, 'Writes')) || ['t k'].includes(plain);
}

describe('the glossary', () => {
  const all = Object.values(results).filter(
    (one): one is Result => typeof one === 'object' && 'verdict' in one && 'gates' in one,
  );

  it('explains every label of a report', () => {
    const labels = new Set([...all, full].flatMap(labelsOf));
    for (const known of ['Targets', 'rto', 'detect', 'acknowledged', 'memory', 'next', 'unsent']) {
      expect([...labels]).to.include(known);
    }
    expect([...labels].filter((label) => !isExplained(label))).to.deep.equal([]);
  });

  it('explains every verdict, gate, phase, outcome and class', () => {
    const badges = all.map((one) => summaryText(one, bare).trim().split('  ')[0]!);
    const gates = GATES.map(({ name }) => name);
    const named = [
      ...gates,
      ...PHASE_NAMES,
      'restore',
      ...Object.keys(OUTCOME),
      ...CLASS_NAMES,
      ...badges,
    ];
    expect(named.filter((word) => !words.has(word))).to.deep.equal([]);
  });

  it('explains the words of game days', () => {
    const stops = gameDayForm.shape.stop.unwrap().shape.why.options;
    const keys = ['schedule', 'jitter', 'window', 'precondition', 'approve', 'finding', 'roles'];
    const named = ['game day', 'record', 'moment', ...keys, ...stops];
    // What ends any drill is explained as a verdict.
    const isExplained = (word: string) => words.has(word) || words.has(word.toUpperCase());
    const lacking = named.map((word) => word.replace('-', ' ')).filter((one) => !isExplained(one));
    expect(lacking).to.deep.equal([]);
  });

  it('explains every row of a comparison', () => {
    const comparison = compared([...allStrategies(), ...allStrategies()]);
    const labels = sheetOf(comparison).flatMap(({ rows }) => rows.map(({ label }) => label));
    const plain = labels.map((label) =>
      label.replace(/^(RTO|RPO|lost)( (error bar|min–max))?$/, '$1'),
    );
    expect(plain.filter((label) => !words.has(label) && label !== 'RPO')).to.deep.equal([]);
  });
});

const bare = {
  directory: 'here',
  commandName: 'drill',
  columns: 80,
  hasColour: false,
  failure: null,
  story: null,
};

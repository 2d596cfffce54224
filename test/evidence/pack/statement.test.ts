// What can be signed: a statement has exactly the keys that it has, each of its kind.
import { expect } from 'chai';
import {
  readStatement,
  statementText,
  type Predicate,
} from '../../../src/evidence/pack/statement.ts';

const sum = 'a'.repeat(64);
const drill = { drill: 'd', strategy: 'warm-standby', drill_sha256: sum, controls: ['A.1'] };
const gate = { name: 'rto', unit: 'ms', bound: 'at most', target: 5, verdict: 'pass' } as const;
const run = {
  ...{ run: 'r', ...drill, verdict: 'pass', seed: 1, started_at: '2026-11-29T12:00:00.000Z' },
  ...{ wall_ms: 1, drill_version: '1.0.0', rto_ms: 1, rpo_ms: 0, lost_writes: 0 },
  system: { runtime: 'embedded', postgres: '17', proxy: 'built-in' },
  gates: [{ ...gate, measured: 1, low: 0, high: 2 }],
};
const predicate: Predicate = {
  ...{ packed_at: '2026-11-29T12:00:00.000Z', packed_by: '1.0.0', runs: [run] },
  series: {
    ...{ series: 's', exit_code: 0 },
    drills: [
      {
        ...{ ...drill, verdict: 'pass', planned: 3, made: 3, needed: 2 },
        gates: [{ ...gate, met: 2, missed: 1, open: 0 }],
      },
    ],
  },
};
const written = statementText([{ path: 'plan.json', sha256: sum }], predicate);

type Path = readonly (string | number)[];

/** The statement with another value at the path; `undefined`: without it. */
function changed(path: Path, value: unknown): Buffer {
  const whole = JSON.parse(written) as Record<string | number, unknown>;
  let at = whole;
  for (const part of path.slice(0, -1)) at = at[part] as typeof whole;
  at[path.at(-1)!] = value;
  return Buffer.from(JSON.stringify(whole));
}

function problemOf(bytes: Buffer): string | null {
  const read = readStatement(bytes);
  return 'problem' in read ? read.problem : null;
}

const RUN = ['predicate', 'runs', 0];
const SERIES = ['predicate', 'series'];
const OF_SERIES = [...SERIES, 'drills', 0];
const GATES = [
  [...RUN, 'gates', 0],
  [...OF_SERIES, 'gates', 0],
];

describe('a signed statement', () => {
  it('is read as it was written', () => {
    const read = readStatement(Buffer.from(written));
    expect(read).to.deep.equal({ value: JSON.parse(written) });
    expect(written).to.match(/^\{"_type":"https:\/\/in-toto\.io\/Statement\/v1","subject":/);
    expect(JSON.parse(written)).to.deep.include({
      subject: [{ name: 'plan.json', digest: { sha256: sum } }],
      predicateType: 'urn:dr-drill:evidence:v1',
    });
  });

  it('may lack what a run had not', () => {
    const empty: readonly Path[] = [
      ...['wall_ms', 'drill_version', 'system', 'rto_ms', 'rpo_ms', 'lost_writes'].map((key) => [
        ...RUN,
        key,
      ]),
      ...['measured', 'low', 'high'].map((key) => [...GATES[0]!, key]),
      SERIES,
    ];
    for (const path of empty) expect(problemOf(changed(path, null)), path.join('.')).to.equal(null);
  });

  it('has every word that a gate can have', () => {
    for (const at of GATES) {
      for (const unit of ['ms', 'writes', 'share']) {
        expect(problemOf(changed([...at, 'unit'], unit)), unit).to.equal(null);
      }
      for (const bound of ['at most', 'at least']) {
        expect(problemOf(changed([...at, 'bound'], bound)), bound).to.equal(null);
      }
      for (const verdict of ['pass', 'fail', 'inconclusive']) {
        expect(problemOf(changed([...at, 'verdict'], verdict)), verdict).to.equal(null);
      }
      for (const key of ['unit', 'bound', 'verdict']) {
        expect(problemOf(changed([...at, key], 'other')), key).to.be.a('string');
        expect(problemOf(changed([...at, key], '')), key).to.be.a('string');
      }
    }
  });

  /** Every place of the statement that holds something. */
  const places = (value: unknown, at: Path = []): Path[] => {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => {
      const path = [...at, Array.isArray(value) ? Number(key) : key];
      return [path, ...places(inner, path)];
    });
  };

  it('is none where a value is of another kind, is missing, or is one too many', () => {
    const all = places(JSON.parse(written));
    expect(all.length).to.be.greaterThan(60);
    for (const path of all) {
      const name = path.join('.');
      for (const wrong of [{ other: 1 }, true, undefined]) {
        if (wrong === undefined && typeof path.at(-1) === 'number') continue;
        expect(problemOf(changed(path, wrong)), name).to.be.a('string');
      }
    }
    const maps: readonly Path[] = [
      [],
      ['subject', 0],
      ['subject', 0, 'digest'],
      ['predicate'],
      RUN,
      [...RUN, 'system'],
      SERIES,
      OF_SERIES,
      ...GATES,
    ];
    for (const path of maps) {
      expect(problemOf(changed([...path, 'more'], 1)), path.join('.')).to.match(/more/);
    }
  });

  it('counts in whole numbers from 0', () => {
    const counts: readonly Path[] = [
      [...RUN, 'lost_writes'],
      [...SERIES, 'exit_code'],
      ...['planned', 'made', 'needed'].map((key) => [...OF_SERIES, key]),
      ...['met', 'missed', 'open'].map((key) => [...GATES[1]!, key]),
    ];
    for (const path of counts) {
      for (const wrong of [-1, 0.5, '1']) {
        expect(problemOf(changed(path, wrong)), path.join('.')).to.be.a('string');
      }
      expect(problemOf(changed(path, 0)), path.join('.')).to.equal(null);
    }
  });

  it('is of files, each with a whole SHA-256, and of runs, at a time', () => {
    for (const wrong of ['', sum.slice(1), `${sum}a`, sum.toUpperCase(), `x${sum}`]) {
      expect(problemOf(changed(['subject', 0, 'digest', 'sha256'], wrong)), wrong).to.be.a(
        'string',
      );
    }
    expect(problemOf(changed(['subject'], []))).to.be.a('string');
    expect(problemOf(changed(['predicate', 'runs'], []))).to.be.a('string');
    expect(problemOf(changed(['predicate', 'packed_at'], 'today'))).to.be.a('string');
    expect(problemOf(changed(['_type'], 'x'))).to.match(/_type/);
    expect(problemOf(changed(['predicateType'], 'x'))).to.match(/predicateType/);
  });

  it('is written in one way', () => {
    expect(problemOf(Buffer.from('{'))).to.match(/^it is not JSON: /);
    expect(problemOf(Buffer.from(`${written} `))).to.equal('something in it is said twice');
    const twice = written.replace('{', '{"_type":"x",');
    expect(problemOf(Buffer.from(twice))).to.equal('something in it is said twice');
  });
});

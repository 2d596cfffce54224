// The form of a result that is read: as it was written with everything in it, of before some of it
// was there, and with one value of another kind.
import { expect } from 'chai';
import { resultForm } from '../../src/evidence/result-form.ts';
import { interrupted, lostData, passed } from '../support/evidence/results.ts';

const { trial, drawn } = {
  trial: { series_seed: 1, moved_ms: 2, within_ms: 3 },
  drawn: [{ fault: 'lose-region', at_ms: 2, from_ms: 1, to_ms: 3 }],
};
const disturbed = { disturbed_before_ms: 1, stopped_after_ms: 2 };
const { rto_ms, uncertainty_ms, outages } = passed.recovery!;
const { postgres } = lostData.loss!.stores;
/** With each key that a result can have. */
const whole = {
  ...passed,
  drill: { ...passed.drill, trial, drawn },
  failures: [{ code: 'target-missed', store: 'redis', step: 'promote', gate: 'rto', text: 'Why.' }],
  gates: [{ ...passed.gates[0]!, margin: null, needs: { key: 'workload.rate', rate_per_s: 20 } }],
  recovery: {
    ...passed.recovery!,
    ...disturbed,
    rto_high_ms: 1,
    rto_low_ms: 1,
    fault_spread_ms: 1,
  },
  loss: { ...lostData.loss!, stores: { postgres, redis: postgres } },
  failback: {
    ...{ outages, rto_ms, uncertainty_ms, ...disturbed, protected_ms: 1, switchover_ms: 2 },
    ...{ protected_how: 'rewound', pause_ms: 3, salvaged: 4, loss: lostData.loss },
  },
  cost: {
    ...{ region: 'west', over_ms: 1, components: ['app'], cpu_seconds: 1, cpu_share: 1 },
    ...{ memory_bytes: 1, disk_bytes: 1, replicated_bytes_per_s: 1, recovery_steps: 1 },
    monthly: {
      ...{ currency: 'EUR', instances: 1, storage: 1, transfer: 1, total: 3, formula: '1 + 1 + 1' },
    },
  },
  exposure: { bytes: 1, ms: 1, waiting: { bytes: 1, region: 'west' } },
  divergence: {
    ...{ rows: 1, differing: 1, ok: false, detail: '' },
    listed: [{ table: 'orders', key: '1', values: { east: '1', west: null } }],
  },
  runtime: { ...passed.runtime!, settings: { fsync: 'on' } },
  kept: [{ node: 'a', url: 'b', connect: 'c' }],
  against: 'run-0',
};

type Path = readonly (string | number)[];

/** The paths of all values that hold no others. */
function leaves(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, [...path, key]));
}

function changed(path: Path, to: unknown): unknown {
  const copy = structuredClone(whole);
  let at: object = copy;
  for (const key of path.slice(0, -1)) at = Reflect.get(at, key) as object;
  Reflect.set(at, path.at(-1)!, to);
  return copy;
}

const fits = (value: unknown) => resultForm.safeParse(value).success;

describe('the form of a result', () => {
  it('takes one with everything in it as it is, and what a later version adds', () => {
    expect(resultForm.parse(whole)).to.deep.equal(whole);
    const later = { ...whole, colour: 'green' };
    expect(resultForm.parse(later)).to.deep.equal(later);
    expect(resultForm.parse(interrupted)).to.deep.equal(interrupted);
  });

  it('takes no value of another kind, wherever it stands', () => {
    const paths = leaves(whole);
    expect(paths.length).to.be.above(150);
    for (const path of paths) {
      expect(fits(changed(path, { of: 'no kind' })), path.join('.')).to.equal(false);
    }
  });

  it('takes no other word where there are some to choose from', () => {
    const words = {
      schema: ['drill.result/1'],
      verdict: [
        ...['pass', 'fail', 'inconclusive', 'environment', 'interrupted', 'internal', 'unclean'],
      ],
      'gates.0.unit': ['ms', 'writes', 'share'],
      'gates.0.bound': ['at most', 'at least'],
      'gates.0.verdict': ['pass', 'fail', 'inconclusive'],
      'failures.0.store': ['postgres', 'redis'],
      'failback.protected_how': ['rewound', 'cloned', 'followed', 'returned', null],
    };
    for (const [path, known] of Object.entries(words)) {
      for (const word of known) {
        expect(fits(changed(path.split('.'), word)), `${path}: ${word}`).to.equal(true);
      }
      for (const word of ['', 'other']) {
        expect(fits(changed(path.split('.'), word)), `${path}: ${word}`).to.equal(false);
      }
    }
  });

  it('takes one of before some of it was there', () => {
    const { failures: _, failback: __, cost: ___, exposure: ____, ...before } = whole;
    const { divergence: _____, against: ______, ...old } = before;
    const { bound: _______, ...gate } = whole.gates[0]!;
    expect(resultForm.parse({ ...old, gates: [gate] })).to.deep.equal({
      ...whole,
      gates: [{ ...gate, bound: 'at most' }],
      failures: [],
      ...{ failback: null, cost: null, exposure: null, divergence: null, against: null },
    });
    const { formula: ________, ...monthly } = whole.cost.monthly;
    const read = resultForm.parse({ ...whole, cost: { ...whole.cost, monthly } });
    expect(read.cost!.monthly!.formula).to.equal('');
  });

  it('takes a loss of before there was a second store as that of the first', () => {
    const read = resultForm.parse({ ...whole, loss: postgres });
    expect(read.loss).to.deep.equal({ ...postgres, stores: { postgres } });
    for (const loss of ['none', 3, undefined]) expect(fits({ ...whole, loss })).to.equal(false);
    expect(resultForm.parse({ ...whole, loss: null }).loss).to.equal(null);
    expect(fits({ ...whole, loss: { ...postgres, stores: {} } })).to.equal(false);
  });
});

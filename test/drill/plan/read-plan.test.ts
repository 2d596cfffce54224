// A plan that somebody else wrote, or that was harmed: what no drill file could have said is refused,
// with its key, what was expected and what was found.
import { expect } from 'chai';
import { planFrom } from '../../../src/drill/plan/read-plan.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { basePlan } from '../../support/plan/base-plan.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { noopRedis } from '../../support/noop/noop-plans.ts';

const full: Plan = {
  ...basePlan,
  redis: noopRedis,
  targets: { ...basePlan.targets, redis: { rpo_ms: 1_000, lost_writes: 3 } },
  backup: { every_ms: 5_000, keep: 2, wal: 'archive', archive_timeout_ms: 1_000 },
  cost: {
    currency: 'EUR',
    instance_hour: { postgres: 1, app: 2, redis: 3 },
    gb_month: 4,
    gb_transferred: 5,
    backup_every_ms: 6,
    segment_every_ms: 7,
  },
  faults: [
    plannedFault('lose-region', { how: 'kill', disks: 'kept' }),
    { ...plannedFault('latency', { link: 'east-west', latency_ms: 9 }), disaster: false },
    { ...plannedFault('corrupt-data', { statement: 'delete', share: 0.5 }), disaster: false },
  ],
};

const FORMER: Readonly<Record<string, string>> = { latency: 'slow-link', partition: 'cut-link' };

type Tree = Record<string, unknown>;

/** Every value that is neither a list nor a mapping, by its path. */
function leavesOf(value: unknown, path: readonly string[] = []): [readonly string[], unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, [...path, key]));
}

function withLeaf(tree: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const changed = withLeaf((tree as Tree)[key], rest, value);
  if (Array.isArray(tree)) return tree.with(Number(key), changed);
  return { ...(tree as Tree), [key]: changed };
}

function problemOf(value: unknown): string | null {
  // As a file would have it.
  const read = planFrom(JSON.parse(JSON.stringify(value)));
  return 'problem' in read ? read.problem : null;
}

describe('a plan that is read', () => {
  it('is the one that was written', () => {
    const read = planFrom(JSON.parse(JSON.stringify(full)));
    expect(read).to.deep.equal({ plan: full, version: 2 });
  });

  for (const [path, value] of leavesOf(full).filter(([, leaf]) => typeof leaf === 'number')) {
    const key = path.join('.');
    it(`has a number at ${key}, and a possible one`, () => {
      for (const wrong of ['5', true, {}, -1 - (value as number)]) {
        if (key === 'seed' && typeof wrong === 'number') continue;
        const found = problemOf(withLeaf(full, path, wrong));
        expect(found, JSON.stringify(wrong)).to.match(new RegExp(`^${key}: expected .*, found `));
      }
    });
  }

  /** What a file may leave unsaid. */
  const optional = /^targets\.|within_ms|heal_after_ms|^cost\.(instance_hour|.*_every_ms)/;

  for (const [path] of leavesOf(full).filter(([, leaf]) => typeof leaf === 'number')) {
    const key = path.join('.');
    if (optional.test(key)) continue;
    it(`is refused where ${key} is no number (NaN), which a file has as null`, () => {
      expect(problemOf(withLeaf(full, path, NaN))).to.match(/found nothing$/);
    });
  }

  const ENUMERATIONS = [
    ...(['schema', 'strategy', 'targets.rto_from', 'targets.duplicates', 'preflight'] as const),
    ...(['regions.0.role', 'replication.mode', 'backup.wal', 'redis.appendonly'] as const),
    ...(['workload.via', 'faults.0.kind', 'faults.0.how', 'faults.0.effect.region'] as const),
    ...(['faults.2.statement', 'declare.by', 'recover.with', 'expect'] as const),
  ];
  for (const key of ENUMERATIONS) {
    it(`knows every member of ${key}`, () => {
      const found = problemOf(withLeaf(full, key.split('.'), 'fäult'));
      expect(found).to.match(new RegExp(`^${key}: expected .*, found `));
    });
  }

  for (const key of Object.keys(full)) {
    it(`lacks nothing: ${key}`, () => {
      const { [key]: _, ...rest } = JSON.parse(JSON.stringify(full)) as Tree;
      expect(problemOf(rest)).to.match(new RegExp(`^${key}: expected .*, found nothing$`));
    });
  }

  it('has no key that drill does not know, which is one that it would pass over', () => {
    expect(problemOf({ ...full, rate_per_s: 5 })).to.equal('expected no key "rate_per_s"');
    expect(problemOf({ ...full, gslb: { ...full.gslb, ttl: 1 } })).to.equal(
      'gslb: expected no key "ttl"',
    );
  });

  it('has faults by their names of today, also where they were called otherwise before', () => {
    const cut = plannedFault('partition', { link: 'east-west' });
    const faults = [...full.faults, cut];
    const { latency: _, ...cutOnly } = FORMER;
    for (const former of [FORMER, cutOnly]) {
      const named = faults.map((fault) => ({ ...fault, kind: former[fault.kind] ?? fault.kind }));
      const read = planFrom(JSON.parse(JSON.stringify({ ...full, faults: named })));
      expect(read).to.deep.equal({ plan: { ...full, faults }, version: 2 });
    }
  });

  it('names regions that it has', () => {
    const elsewhere = { ...full, replication: { ...full.replication, to: 'wesu' } };
    expect(problemOf(elsewhere)).to.equal('replication.to: expected east or west, found "wesu"');
    expect(problemOf(withLeaf(full, ['faults', '0', 'region'], 'eest'))).to.equal(
      'faults.0.region: expected east or west, found "eest"',
    );
  });

  it('is a mapping', () => {
    for (const value of [null, [], 'plan', 7]) expect(problemOf(value)).to.be.a('string');
  });

  it('lacks targets that came later, and then promises nothing of them', () => {
    const { availability: _, failback_rto_ms: __, ...targets } = full.targets;
    const read = planFrom({ ...full, targets });
    expect(read).to.have.nested.property('plan.targets.availability', null);
  });
});

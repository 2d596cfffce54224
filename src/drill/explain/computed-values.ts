// Defaults that follow from other values of a drill, with the rule in words, for `drill plan
// --explain`.
import { writeDuration, writeRate } from '../../base/units.ts';
import { definitionOf } from '../fault/registry.ts';
import { isMapping } from '../file/layers.ts';
import { surroundingsIn } from '../plan/disaster.ts';
import type { Plan } from '../plan/plan.ts';
import { recoveryNamed } from '../recovery/registry.ts';
import { fault as faultForm } from '../file/schema-faults.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';

interface Computed {
  readonly value: string;
  readonly why: string;
}

/** By dotted key. `tree` is what was stated: only there do the faults stand in the file's order. */
export function computedValues(plan: Plan, tree: unknown): Map<string, Computed> {
  const { workload, regions, redis } = plan;
  const within = `10 × the steady p99, 100ms to ${writeDuration(workload.timeout_ms)}`;
  const values = new Map<string, Computed>([
    ...ofRecovery(plan),
    ['sustain.within', { value: 'measured', why: within }],
    ...ofBackup(plan),
    ...ofFaults(plan, tree),
  ]);
  if (redis !== null) {
    const rate = { value: writeRate(redis.carts_per_s), why: 'with topology.redis' };
    values.set('workload.carts', rate);
  }
  for (const { name, app, role, weight } of regions) {
    const value = { value: String(app.instances), why: `for the ${role} region` };
    const at = `topology.regions.${name}`;
    values.set(`${at}.app.instances`, value);
    if (plan.strategy !== 'active-active') continue;
    values.set(`${at}.weight`, { value: String(weight), why: 'one share' });
  }
  return values;
}

function ofRecovery({ recover, faults, strategy }: Plan): [string, Computed][] {
  const { kind } = faults.find(({ disaster }) => disaster)!;
  const isOwn = recover.with === STRATEGY_FACTS[strategy].recovery;
  const why = isOwn ? "the strategy's own procedure" : `what answers ${kind}`;
  const rows: [string, Computed][] = [
    ['recover.with', { value: recover.with, why }],
    [
      'recover.deadline',
      { value: writeDuration(recover.deadline_ms), why: '2 × targets.rto, at least 30s' },
    ],
    ['recover.instances', { value: String(recover.instances), why: 'as the active region has' }],
  ];
  for (const [key, value = ''] of Object.entries(recoveryNamed(recover.with).defaults ?? {})) {
    rows.push([`recover.${key}`, { value, why: `with ${recover.with}` }]);
  }
  return rows;
}

function ofBackup({ backup, strategy }: Plan): [string, Computed][] {
  if (backup === null) return [];
  const { every_ms, keep, wal, archive_timeout_ms } = backup;
  const timeout = writeDuration(archive_timeout_ms);
  const inner = `every: ${writeDuration(every_ms)}, keep: ${keep}, wal: ${wal}`;
  const why = `with ${strategy}`;
  const whole = { value: `{ ${inner}, archive_timeout: ${timeout} }`, why };
  const rows: [string, Computed][] = [['topology.backup', whole]];
  if (wal !== 'archive') return rows;
  return [
    ...rows,
    ['topology.backup.archive_timeout', { value: timeout, why: 'with wal: archive' }],
  ];
}

function ofFaults(plan: Plan, tree: unknown): [string, Computed][] {
  const stated = isMapping(tree) && Array.isArray(tree['faults']) ? tree['faults'] : [];
  // Without a mark no other fault is of the disaster's kind: it would come after it.
  const isMarked = stated.some((fault: unknown) => isMapping(fault) && fault['disaster'] === true);
  const disaster = isMarked ? null : plan.faults.find((fault) => fault.disaster)!.kind;
  const around = surroundingsIn(plan.strategy, plan.replication);
  return stated.flatMap((each: unknown, index): [string, Computed][] => {
    const fault = faultForm.parse(each);
    const defaults = definitionOf(fault.kind).defaults?.(fault, around) ?? {};
    const why = 'the first that stops something';
    const rows = { ...defaults, disaster: { value: String(fault.kind === disaster), why } };
    return Object.entries(rows).map(([key, row]) => [`faults.${index}.${key}`, row]);
  });
}

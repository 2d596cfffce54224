// Defaults that follow from other values of a drill, with the rule in words, for `drill plan
// --explain`.
import { writeDuration, writeRate } from '../../base/units.ts';
import type { Default } from '../fault/fault.ts';
import { definitionOf } from '../fault/registry.ts';
import { isMapping } from '../file/layers.ts';
import { surroundingsIn } from '../plan/disaster.ts';
import type { Plan } from '../plan/plan.ts';
import { recoveryNamed } from '../recovery/registry.ts';
import { fault as faultForm } from '../file/schema-faults.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';

type Row = [key: string, value: string, why: string];

/** By dotted key. `tree` is what was stated: only there do the faults stand in the file's order. */
export function computedValues(plan: Plan, tree: unknown): Map<string, Default> {
  const { workload, regions, redis } = plan;
  const within = `10 × the steady p99, 100ms to ${writeDuration(workload.timeout_ms)}`;
  const rows: Row[] = [
    ...ofRecovery(plan),
    ['sustain.within', 'measured', within],
    ...ofBackup(plan),
    ...ofFaults(plan, tree),
  ];
  if (redis !== null) {
    rows.push(['workload.carts', writeRate(redis.carts_per_s), 'with topology.redis']);
  }
  for (const { name, app, role, weight } of regions) {
    const at = `topology.regions.${name}`;
    rows.push([`${at}.app.instances`, String(app.instances), `for the ${role} region`]);
    if (plan.strategy !== 'active-active') continue;
    rows.push([`${at}.weight`, String(weight), 'one share']);
  }
  return new Map(rows.map(([key, value, why]) => [key, { value, why }]));
}

function ofRecovery({ recover, faults, strategy }: Plan): Row[] {
  const { kind } = faults.find(({ disaster }) => disaster)!;
  const isOwn = recover.with === STRATEGY_FACTS[strategy].recovery;
  const why = isOwn ? "the strategy's own procedure" : `what answers ${kind}`;
  const deadline = writeDuration(recover.deadline_ms);
  const rows: Row[] = [
    ['recover.with', recover.with, why],
    ['recover.deadline', deadline, '2 × targets.rto, at least 30s'],
    ['recover.instances', String(recover.instances), 'as the active region has'],
  ];
  for (const [key, value = ''] of Object.entries(recoveryNamed(recover.with).defaults ?? {})) {
    rows.push([`recover.${key}`, value, `with ${recover.with}`]);
  }
  return rows;
}

function ofBackup({ backup, strategy }: Plan): Row[] {
  if (backup === null) return [];
  const { every_ms, keep, wal, archive_timeout_ms } = backup;
  const timeout = writeDuration(archive_timeout_ms);
  const inner = `every: ${writeDuration(every_ms)}, keep: ${keep}, wal: ${wal}`;
  const whole = `{ ${inner}, archive_timeout: ${timeout} }`;
  const rows: Row[] = [['topology.backup', whole, `with ${strategy}`]];
  if (wal === 'archive') {
    rows.push(['topology.backup.archive_timeout', timeout, 'with wal: archive']);
  }
  return rows;
}

function ofFaults(plan: Plan, tree: unknown): Row[] {
  const stated = isMapping(tree) && Array.isArray(tree['faults']) ? tree['faults'] : [];
  // Without a mark no other fault is of the disaster's kind: it would come after it.
  const isMarked = stated.some((fault: unknown) => isMapping(fault) && fault['disaster'] === true);
  const disaster = isMarked ? null : plan.faults.find((fault) => fault.disaster)!.kind;
  const around = surroundingsIn(plan.strategy, plan.replication);
  return stated.flatMap((each: unknown, index): Row[] => {
    const fault = faultForm.parse(each);
    const defaults = definitionOf(fault.kind).defaults?.(fault, around) ?? {};
    const why = 'the first that stops something';
    const rows = { ...defaults, disaster: { value: String(fault.kind === disaster), why } };
    return Object.entries(rows).map(([key, row]) => [`faults.${index}.${key}`, row.value, row.why]);
  });
}

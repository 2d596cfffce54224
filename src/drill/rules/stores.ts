// Whether the stores are there that faults disturb while they run, and what they lose is judged.
import { definitionOf } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import { outcomeOf } from '../plan/disaster.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import { error, rule, type Problem } from './rule.ts';

export const storeRules = [
  rule('disturbed-stores-are-there', ['topology', 'faults'], storesAreThere),
  rule('flush-is-judged', ['topology', 'faults', 'targets'], flushIsJudged),
];

function storesAreThere(drill: Drill): Problem[] {
  const { faults, topology } = drill;
  const { strategy, redis } = topology;
  return faults.flatMap((fault, index): Problem[] => {
    const definition = definitionOf(fault.kind);
    const store = definition.store?.(fault);
    if (store === undefined) return [];
    if (store === 'carts' && redis === undefined) {
      const key = 'store' in fault ? 'store' : 'kind';
      const message = 'this system has no Redis; topology: { redis: {} } adds it';
      return [error(['faults', index, key], message)];
    }
    const { needs } = outcomeOf(fault, drill);
    if (needs.includes('replication') && STRATEGY_FACTS[strategy].database !== 'standby') {
      const message = `${fault.kind} needs a standby, and ${strategy} has none`;
      const cure = 'warm-standby and pilot-light have one';
      return [error(['faults', index, 'kind'], `${message}; ${cure}`)];
    }
    if (fault.kind === 'cancel-sync-wait' && topology.replication.mode !== 'sync') {
      const message =
        'no commit waits for a standby; topology: { replication: { mode: sync } } has';
      return [error(['faults', index, 'kind'], `${message} them wait`)];
    }
    return [];
  });
}

/** What it takes away was acknowledged: only a target says how much of that may be lost. */
function flushIsJudged({ faults, targets, topology }: Drill): Problem[] {
  if (topology.redis === undefined || targets.redis?.lost_writes !== undefined) return [];
  return faults.flatMap(({ kind }, index) => {
    if (kind !== 'flush') return [];
    const message =
      'it takes acknowledged writes away: say how many may be lost, with ' +
      'targets: { redis: { lost_writes: 1000 } }';
    return [error(['faults', index, 'kind'], message)];
  });
}

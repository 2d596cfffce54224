// Whether the stores are there that faults disturb while they run, and what they lose is judged.
import { regionOf } from '../../base/node-name.ts';
import { definitionOf, type DrillFault } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import { outcomeOf, replicationEnds } from '../plan/disaster.ts';
import { replicationLink } from '../plan/plan.ts';
import { STORES } from '../stores.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import { error, ofEachFault, rule, type Problem } from './rule.ts';
import { beginsWithin, endsWithin, spanOf, type Span } from './spans.ts';

const STORES_BY = [
  ...['topology.strategy', 'topology.redis', 'topology.replication', 'topology.regions'],
  'faults.*',
];

export const storeRules = [
  ofEachFault('disturbed-stores-are-there', STORES_BY, storesAreThere),
  rule('disturbed-stores-run', ['topology', 'faults', 'steady', 'warm_up'], storesRun),
  rule('commits-are-kept-waiting', ['topology', 'faults', 'steady', 'warm_up'], commitsWait),
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

/**
 * A store that is down, or stands still, can neither be disturbed nor have that undone: what stands
 * on its disk would be there when it runs again.
 */
function storesRun(drill: Drill): Problem[] {
  const { faults } = drill;
  return faults.flatMap((fault, index): Problem[] => {
    const node = disturbedNode(drill, fault);
    if (node === null) return [];
    const own = spanOf(fault, drill);
    return endedMeanwhile(drill, node).flatMap(({ at, kind, span }): Problem[] => {
      const has = `faults.${at} (${kind}) can have ${node} down`;
      if (beginsWithin(own, span)) {
        const message = `${has} when it begins, and only a store that runs is disturbed`;
        return [error(['faults', index, 'at'], `${message}; let one be over before the other`)];
      }
      if (!endsWithin(own, span)) return [];
      const message = `${has} when it is over, and only in a store that runs can it be undone`;
      return [error(['faults', index, 'for'], `${message}; let it end before or after that`)];
    });
  });
}

/** The node of the store that the fault does something to while it runs; null: of none. */
function disturbedNode(drill: Drill, fault: DrillFault): string | null {
  const { target } = definitionOf(fault.kind);
  if (target !== 'primary' && target !== 'standby') return null;
  const { own } = outcomeOf(fault, drill);
  if ('node' in own) return String(own['node']);
  return `${replicationEnds(drill)[0]}/${STORES.orders.engine}`;
}

interface Ended {
  readonly at: number;
  readonly kind: string;
  readonly span: Span;
}

/** The faults that have the node down for a while, and what they may have to start again. */
function endedMeanwhile(drill: Drill, node: string): Ended[] {
  return drill.faults.flatMap((fault, at): Ended[] => {
    const { effect, needs } = outcomeOf(fault, drill);
    if (effect.region !== 'frozen' && !needs.includes('start-node')) return [];
    const hit = fault.node ?? fault.region ?? replicationEnds(drill)[0];
    if (hit !== node && hit !== regionOf(node)) return [];
    const lasts_ms = definitionOf(fault.kind).ends === null ? 0 : fault.for;
    return [{ at, kind: fault.kind, span: spanOf({ ...fault, for: lasts_ms }, drill) }];
  });
}

/** Beside a standby that confirms what is written no commit waits, and nothing is cancelled. */
function commitsWait(drill: Drill): Problem[] {
  const { faults, topology } = drill;
  if (topology.replication.mode !== 'sync') return [];
  return faults.flatMap((fault, index): Problem[] => {
    if (fault.kind !== 'cancel-sync-wait') return [];
    const own = spanOf(fault, drill);
    const isStalled = faults.some((other, at) => {
      const span = spanOf(other, drill);
      // Of two at one moment the first in the file comes first.
      const isLater = span.begins[0] === own.begins[1] && at > index;
      return !isLater && beginsWithin(own, span) && mayStallCommits(other, drill);
    });
    if (isStalled) return [];
    const message =
      'the standby follows when it begins, so that no commit waits and nothing is cancelled: let ' +
      'a fault that keeps it from following, such as stop-replication, come before it';
    return [error(['faults', index, 'kind'], message)];
  });
}

/** It is on the way to the standby of the orders, takes that away, or all of its region. */
function mayStallCommits(fault: DrillFault, drill: Drill): boolean {
  const [from, to] = replicationEnds(drill);
  const { own, links, effect } = outcomeOf(fault, drill);
  if (links.includes(replicationLink({ from, to }))) return true;
  if (fault.region === to) return effect.region !== 'untouched';
  return effect.service !== 'kept' && own['node'] === `${to}/${STORES.orders.engine}`;
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

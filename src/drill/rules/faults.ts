// Whether the faults of a drill file go together, end when they can end, and leave time for what is
// to be measured.
import { formatDuration } from '../../base/units.ts';
import { definitionOf } from '../fault/registry.ts';
import { disasterOf, effectOf, inOrder, isCondition } from '../plan/disaster.ts';
import { deadlineMs, recoveryOf } from '../plan/make-plan.ts';
import { worstDetectionMs } from '../plan/plan.ts';
import { recoveryNamed } from '../recovery/registry.ts';
import type { Drill } from '../file/schema.ts';
import { error, warning, type Problem, type Rule } from './rule.ts';

const TIMES = ['faults.*.at', 'faults.*.kind', 'faults.*.heal_after', 'faults.*.disaster'];

export const faultRules: readonly Rule[] = [
  { name: 'one-disaster', looksAt: ['faults.*.disaster'], find: oneDisaster },
  {
    name: 'faults-before-the-end',
    looksAt: ['faults.*.at', 'recover', 'targets.rto'],
    find: faultsBeforeTheEnd,
  },
  { name: 'one-after-the-other', looksAt: TIMES, find: oneAfterTheOther },
  { name: 'disaster-comes-last', looksAt: TIMES, find: disasterComesLast },
  {
    name: 'heal-before-the-end',
    looksAt: [...TIMES, 'recover', 'targets.rto'],
    find: healBeforeTheEnd,
  },
  {
    name: 'heal-leaves-recovery',
    looksAt: [...TIMES, 'topology.gslb', 'declare'],
    find: healLeavesRecovery,
  },
];

/**
 * The longest that it can take from the fault to the declaration, and how much longer clients that
 * are moved may then go on where they were: what a recovery needs at worst, without any work of it.
 */
export function waitsOf(drill: Drill): { readonly declared_ms: number; readonly moved_ms: number } {
  const movesClients = recoveryNamed(recoveryOf(drill)).instances !== null;
  const moved_ms = movesClients ? 1_000 * drill.topology.gslb.ttl : 0;
  return { declared_ms: declaredMs(drill), moved_ms };
}

function declaredMs(drill: Drill): number {
  const { topology, declare } = drill;
  const after = declare.by === 'after' ? declare.after_ms : 0;
  if (!effectOf(disasterOf(drill).fault, drill).seenByChecks) return after;
  const { every, timeout, failures, ttl } = topology.gslb;
  const detection = worstDetectionMs({
    every_ms: every,
    timeout_ms: timeout,
    failures,
    ttl_s: ttl,
  });
  return detection + after;
}

function oneDisaster({ faults }: Drill): Problem[] {
  const marked = faults.flatMap((fault, index) => (fault.disaster ? [index] : []));
  return marked
    .slice(1)
    .map((index) => error(['faults', index, 'disaster'], 'only one fault can be the disaster'));
}

function faultsBeforeTheEnd(drill: Drill): Problem[] {
  const { faults } = drill;
  const end = disasterOf(drill).fault.at.from_ms + deadlineMs(drill);
  return faults.flatMap((fault, index) => {
    if (fault.at.to_ms < end) return [];
    const over = formatDuration(end);
    const message = `the run is over by then: its deadline is ${over} after the steady state`;
    return [error(['faults', index, 'at'], message)];
  });
}

/** Only the disaster is recovered from, so whatever came before it must be over by itself. */
function oneAfterTheOther(drill: Drill): Problem[] {
  const ordered = inOrder(drill.faults).filter(({ fault }) => !isCondition(effectOf(fault, drill)));
  return ordered.slice(0, -1).flatMap(({ fault, index }, place) => {
    const next = ordered[place + 1]!.fault.at.from_ms;
    const { heal_after } = fault;
    if (heal_after !== undefined && fault.at.to_ms + heal_after <= next) return [];
    const begins = `the next fault begins ${formatDuration(next)} after the steady state`;
    if (definitionOf(fault.kind).ends === null) {
      const message = `${fault.kind} does not end by itself, and ${begins}; leave one of them out`;
      return [error(['faults', index, 'kind'], message)];
    }
    if (heal_after === undefined) {
      const message = `${fault.region} is still lost when ${begins}; it needs a heal_after`;
      return [error(['faults', index, 'region'], message)];
    }
    const over = formatDuration(fault.at.to_ms + heal_after);
    const message = `it can last until ${over} after the steady state, and ${begins}`;
    return [error(['faults', index, 'heal_after'], message)];
  });
}

function disasterComesLast(drill: Drill): Problem[] {
  const { faults } = drill;
  const disaster = disasterOf(drill);
  const ordered = inOrder(faults);
  const place = ordered.findIndex(({ index }) => index === disaster.index);
  const which = disaster.fault.disaster ? 'the one that is marked' : 'the first, as none is marked';
  const follow = ordered.slice(place + 1).map(({ index }) => {
    const message =
      `no fault may follow the disaster (${which}): nothing would recover from it; ` +
      'mark the last one with disaster: true';
    return error(['faults', index, 'at'], message);
  });
  const { from_ms } = disaster.fault.at;
  // What is drawn from a range can come later than another fault that stands behind it here. Of
  // what is no condition more is said above.
  const mayFollow = ordered.slice(0, place).flatMap(({ fault, index }) => {
    const { at } = fault;
    if (at.beforehand || at.to_ms < from_ms || !isCondition(effectOf(fault, drill))) return [];
    if (at.to_ms === from_ms && index < disaster.index) return [];
    const message =
      `it can come as late as ${formatDuration(at.to_ms)} after the steady state, behind the ` +
      `disaster, which can begin at ${formatDuration(from_ms)}: nothing would recover from it; ` +
      'let its range end before that, or the disaster begin later';
    return [error(['faults', index, 'at'], message)];
  });
  return [...mayFollow, ...follow];
}

function healBeforeTheEnd(drill: Drill): Problem[] {
  const { fault, index } = disasterOf(drill);
  const deadline = deadlineMs(drill);
  if (fault.heal_after === undefined || fault.heal_after < deadline) return [];
  const message =
    `the run is over by then: its deadline is ${formatDuration(deadline)} after the disaster; ` +
    'without heal_after the fault is healed after the recovery';
  return [error(['faults', index, 'heal_after'], message)];
}

function healLeavesRecovery(drill: Drill): Problem[] {
  const { fault, index } = disasterOf(drill);
  const { heal_after } = fault;
  const { seenByChecks, heals } = effectOf(fault, drill);
  const { declared_ms } = waitsOf(drill);
  if (heal_after === undefined || heal_after >= declared_ms) return [];
  // What no check sees is declared whether it is over or not.
  if (!seenByChecks) return [];
  // That it cannot be healed at all is said elsewhere.
  if (!heals) return [];
  const message =
    `detection and declaration alone can take ${formatDuration(declared_ms)}; ` +
    'a fault that is over before them is not recovered from';
  return [warning(['faults', index, 'heal_after'], message)];
}

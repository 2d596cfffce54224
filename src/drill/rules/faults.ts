// Whether the faults go together, end when they can, and leave time for what is to be measured.
import { worstDetectionMs } from '../plan/gslb.ts';
import { regionOf } from '../../base/node-name.ts';
import { formatDuration } from '../../base/units.ts';
import type { OperatorTimes } from '../fault/fault.ts';
import { definitionOf, isOfOperators } from '../fault/registry.ts';
import {
  areAtOnce,
  beginsByMs,
  disasterOf,
  effectOf,
  inOrder,
  isCircumstance,
  operatorsTake,
  outcomeOf,
  replicationEnds,
} from '../plan/disaster.ts';
import { deadlineMs } from '../plan/deadline.ts';
import { recoveryOf } from '../plan/make-plan.ts';

import { recoveryNamed } from '../recovery/registry.ts';
import type { Drill } from '../file/schema.ts';
import { lastsAfterDisasterMs } from './fault-kinds/gslb.ts';
import { error, ofDisasters, rule, warning, type Problem } from './rule.ts';
import { endsWithin, overlap, spanOf, type Span } from './spans.ts';

const TIMES = ['faults.*.at', 'faults.*.kind', 'faults.*.for', 'faults.*.disaster'];

export const faultRules = [
  ...ofDisasters([
    rule('one-disaster', ['faults.*.disaster'], oneDisaster),
    rule('faults-before-the-end', ['faults.*.at', 'recover', 'targets.rto'], faultsBeforeTheEnd),
    rule('one-after-the-other', TIMES, oneAfterTheOther),
    rule('disaster-comes-last', TIMES, disasterComesLast),
    rule('heal-before-the-end', [...TIMES, 'recover', 'targets.rto'], healBeforeTheEnd),
    rule(
      'heal-leaves-recovery',
      [...TIMES, 'topology.gslb', 'declare', 'expect'],
      healLeavesRecovery,
    ),
  ]),
  rule('heals-apart', ['faults', 'steady', 'warm_up', 'topology'], healsApart),
  rule('one-fault-a-node', ['faults', 'steady', 'warm_up', 'topology'], oneFaultANode),
];

interface Waits extends OperatorTimes {
  readonly moved_ms: number;
}

/**
 * The longest that it can take from the fault to the declaration, and how much longer clients that
 * are moved may then go on where they were: what a recovery needs at worst, without any work of it.
 */
export function waitsOf(drill: Drill): Waits {
  const movesClients = recoveryNamed(recoveryOf(drill)).instances !== null;
  const own = drill.faults.map((each) => ({ ...outcomeOf(each, drill).own, kind: each.kind }));
  const operators = operatorsTake(own);
  const declared_ms = declaredMs(drill) + operators.declared_ms;
  const { mistaken_ms } = operators;
  // What DNS does not tell them yet they keep as well.
  const told_ms = declared_ms + mistaken_ms;
  const untold_ms = Math.max(0, lastsAfterDisasterMs(drill, 'stale-dns') - told_ms);
  const moved_ms = movesClients ? untold_ms + 1_000 * drill.topology.gslb.ttl : 0;
  return { declared_ms, mistaken_ms, moved_ms };
}

function declaredMs(drill: Drill): number {
  const { topology, declare } = drill;
  const after = declare.by === 'after' ? declare.after_ms : 0;
  if (!disasterOf(drill).effect.seenByChecks) return after;
  const { every, timeout, failures } = topology.gslb;
  const seen_ms = worstDetectionMs({ every_ms: every, timeout_ms: timeout, failures });
  return lastsAfterDisasterMs(drill, 'lose-gslb') + seen_ms + after;
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
    if (beginsByMs(fault) < end) return [];
    const over = formatDuration(end);
    const message = `the run is over by then: its deadline is ${over} after the steady state`;
    return [error(['faults', index, 'at'], message)];
  });
}

/** Only the disaster is recovered from, so whatever came before it must be over by itself. */
function oneAfterTheOther(drill: Drill): Problem[] {
  const ordered = inOrder(drill.faults).filter(
    ({ fault }) => !isCircumstance(effectOf(fault, drill)),
  );
  return ordered.slice(0, -1).flatMap(({ fault, index }, place) => {
    const following = ordered[place + 1]!.fault;
    if (areAtOnce(fault, following)) return [];
    const next = following.at.from_ms;
    const { for: lasts_ms } = fault;
    if (lasts_ms !== undefined && beginsByMs(fault) + lasts_ms <= next) return [];
    const begins = `the next fault begins ${formatDuration(next)} after the steady state`;
    if (definitionOf(fault.kind).ends === null) {
      const message = `${fault.kind} does not end by itself, and ${begins}; leave one of them out`;
      return [error(['faults', index, 'kind'], message)];
    }
    if (lasts_ms === undefined) {
      const hit = fault.node ?? fault.region;
      const message = `${hit} is still lost when ${begins}; say how long it lasts, with for`;
      const key = fault.node === undefined ? 'region' : 'node';
      return [error(['faults', index, key], message)];
    }
    const over = formatDuration(beginsByMs(fault) + lasts_ms);
    const message = `it can last until ${over} after the steady state, and ${begins}`;
    return [error(['faults', index, 'for'], message)];
  });
}

function disasterComesLast(drill: Drill): Problem[] {
  const { faults } = drill;
  const disaster = disasterOf(drill);
  const ordered = inOrder(faults);
  const place = ordered.findIndex(({ index }) => index === disaster.index);
  const which = disaster.fault.disaster ? 'the one that is marked' : 'the first, as none is marked';
  const later = ordered.slice(place + 1).filter(({ fault }) => {
    return !isOfOperators(fault.kind) && !areAtOnce(fault, disaster.fault);
  });
  const follow = later.map(({ index }) => {
    const message =
      `no fault may follow the disaster (${which}): nothing would recover from it; ` +
      'mark the last one with disaster: true';
    return error(['faults', index, 'at'], message);
  });
  const { from_ms } = disaster.fault.at;
  // What is drawn from a range can come later than another fault that stands behind it here. Of
  // what is no circumstance more is said above.
  const mayFollow = ordered.slice(0, place).flatMap(({ fault, index }) => {
    const { at } = fault;
    const last_ms = beginsByMs(fault);
    if (at.beforehand || last_ms < from_ms || !isCircumstance(effectOf(fault, drill))) return [];
    if (last_ms === from_ms && index < disaster.index) return [];
    const message =
      `it can come as late as ${formatDuration(last_ms)} after the steady state, behind the ` +
      `disaster, which can begin at ${formatDuration(from_ms)}: nothing would recover from it; ` +
      'let its range end before that, or the disaster begin later';
    return [error(['faults', index, 'at'], message)];
  });
  return [...mayFollow, ...follow];
}

function healBeforeTheEnd(drill: Drill): Problem[] {
  const { fault, index } = disasterOf(drill);
  const deadline = deadlineMs(drill);
  if (fault.for === undefined || fault.for < deadline) return [];
  const message =
    `the run is over by then: its deadline is ${formatDuration(deadline)} after the disaster; ` +
    'without `for` the fault is healed after the recovery';
  return [error(['faults', index, 'for'], message)];
}

function healLeavesRecovery(drill: Drill): Problem[] {
  const { fault, index, effect } = disasterOf(drill);
  const { for: lasts_ms } = fault;
  const { declared_ms } = waitsOf(drill);
  if (lasts_ms === undefined || lasts_ms >= declared_ms || drill.expect === 'ride-out') return [];
  // What no check sees is declared whether it is over or not. That it cannot be healed at all is
  // said elsewhere.
  if (!effect.seenByChecks || !effect.heals) return [];
  const message =
    `detection and declaration alone can take ${formatDuration(declared_ms)}; ` +
    'a fault that is over before them is not recovered from, which proves nothing of the ' +
    'recovery; let it last longer, or say expect: ride-out';
  return [warning(['faults', index, 'for'], message)];
}

function healsApart(drill: Drill): Problem[] {
  const all = held(drill);
  return all.flatMap((one): Problem[] => {
    if (one.fault.for === undefined) return [];
    for (const other of all) {
      if (other === one || !endsWithin(one.span, other.span)) continue;
      if (!meet(one.holds, other.holds)) continue;
      // Where each would end the other one, it is said once.
      const isSaid = other.index < one.index && other.fault.for !== undefined;
      if (isSaid && endsWithin(other.span, one.span)) continue;
      const message =
        `its end can also end faults.${other.index} (${other.fault.kind}), which still holds ` +
        `${other.holds} then${whenOf(other.span)}; let one be over before the other begins`;
      return [error(['faults', one.index, 'for'], message)];
    }
    return [];
  });
}

/** The faults with what each of them holds, and when. */
function held(drill: Drill) {
  return drill.faults.map((fault, index) => {
    const { own } = outcomeOf(fault, drill);
    const region = fault.region ?? replicationEnds(drill)[0];
    const definition = definitionOf(fault.kind);
    // What does not end is a deed, and over once it is done.
    const lasts_ms = definition.ends === null ? 0 : fault.for;
    const span = spanOf({ ...fault, for: lasts_ms }, drill);
    return { index, fault, holds: definition.holds?.(own, region) ?? null, span };
  });
}

/** Whether both hold the same, or a region and a node in it. */
function meet(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return false;
  return one === other || regionOf(one) === other || one === regionOf(other);
}

/** A node that is dead cannot be frozen, nor killed once more; nor is there a second GSLB. */
function oneFaultANode(drill: Drill): Problem[] {
  const all = held(drill).flatMap((each) => {
    const { node, kind } = each.fault;
    const isGslb = definitionOf(kind).target === 'gslb';
    const hit = isGslb ? 'the GSLB' : node;
    return hit === undefined ? [] : [{ ...each, hit, key: isGslb ? 'kind' : 'node' }];
  });
  return all.flatMap(({ index, hit, key, span }, at): Problem[] => {
    const other = all.slice(0, at).find((each) => each.hit === hit && overlap(each.span, span));
    if (other === undefined) return [];
    const message =
      `faults.${other.index} (${other.fault.kind}) can have ${hit} at the same time; let one be ` +
      'over before the other begins';
    return [error(['faults', index, key], message)];
  });
}

function whenOf({ ends }: Span): string {
  const [, last] = ends;
  if (last === Infinity) return ' and until the end of the run';
  return last > 0 ? `, until ${formatDuration(last)} after the steady state` : '';
}

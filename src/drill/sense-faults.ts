// Whether the faults of a drill file go together, end when they can end, and leave time for what is
// to be measured.
import { formatDuration } from '../base/units.ts';
import { disasterAmong, FAULT_FACTS } from './fault-facts.ts';
import { deadlineMs } from './make-plan.ts';
import { worstDetectionMs } from './plan.ts';
import type { Drill } from './schema.ts';
import { error, warning } from './sense-check.ts';
import type { Check, Sense } from './sense-check.ts';

type Fault = Drill['faults'][number];

const TIMES = [
  'faults.*.at',
  'faults.*.kind',
  'faults.*.how',
  'faults.*.heal_after',
  'faults.*.disaster',
];

export const faultChecks: readonly Check[] = [
  { uses: ['faults.*.disaster'], find: oneDisaster },
  { uses: ['faults.*.at', 'recover', 'targets.rto'], find: faultsBeforeTheEnd },
  { uses: TIMES, find: oneAfterTheOther },
  { uses: TIMES, find: disasterComesLast },
  { uses: ['faults.*.how', 'faults.*.heal_after'], find: deadStayDead },
  { uses: [...TIMES, 'recover', 'targets.rto'], find: healBeforeTheEnd },
  { uses: [...TIMES, 'topology.gslb', 'declare'], find: healLeavesRecovery },
];

/**
 * The shortest time from fault to service that a run could need at worst, without any work of
 * recovery.
 */
export function waitsMs(drill: Drill): number {
  const { topology, declare } = drill;
  const after = declare.by === 'after' ? declare.after_ms : 0;
  if (!FAULT_FACTS[disasterOf(drill).fault.kind].isSeen) return after;
  const { every, timeout, failures, ttl } = topology.gslb;
  const detection = worstDetectionMs({
    every_ms: every,
    timeout_ms: timeout,
    failures,
    ttl_s: ttl,
  });
  return detection + after;
}

/** In the order of their times, with their places in the file. */
function inOrder({ faults }: Drill): { readonly fault: Fault; readonly index: number }[] {
  const placed = faults.map((fault, index) => ({ fault, index }));
  const isLater = ({ fault }: (typeof placed)[number]) => Number(!fault.at.beforehand);
  return placed.sort((a, b) => isLater(a) - isLater(b) || a.fault.at.from_ms - b.fault.at.from_ms);
}

function disasterOf(drill: Drill) {
  const ordered = inOrder(drill);
  return ordered[disasterAmong(ordered.map(({ fault }) => fault))]!;
}

function oneDisaster({ faults }: Drill): Sense[] {
  const marked = faults.flatMap((fault, index) => (fault.disaster ? [index] : []));
  return marked
    .slice(1)
    .map((index) => error(['faults', index, 'disaster'], 'only one fault can be the disaster'));
}

function faultsBeforeTheEnd(drill: Drill): Sense[] {
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
function oneAfterTheOther(drill: Drill): Sense[] {
  const ordered = inOrder(drill).filter(({ fault }) => !FAULT_FACTS[fault.kind].isCondition);
  return ordered.slice(0, -1).flatMap(({ fault, index }, place) => {
    const next = ordered[place + 1]!.fault.at.from_ms;
    const { heal_after } = fault;
    if (heal_after !== undefined && fault.at.to_ms + heal_after <= next) return [];
    const begins = `the next fault begins ${formatDuration(next)} after the steady state`;
    if (!FAULT_FACTS[fault.kind].keys.includes('heal_after')) {
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

function disasterComesLast(drill: Drill): Sense[] {
  const disaster = disasterOf(drill);
  const ordered = inOrder(drill);
  const later = ordered.slice(ordered.findIndex(({ index }) => index === disaster.index) + 1);
  const which = disaster.fault.disaster ? 'the one that is marked' : 'the first, as none is marked';
  return later.map(({ index }) =>
    error(
      ['faults', index, 'at'],
      `no fault may follow the disaster (${which}): nothing would recover from it; ` +
        'mark the last one with disaster: true',
    ),
  );
}

function deadStayDead({ faults }: Drill): Sense[] {
  return faults.flatMap(({ kind, how = 'kill', heal_after }, index) => {
    if (kind !== 'lose-region' || how !== 'kill' || heal_after === undefined) return [];
    const message = 'what is killed stays dead; with heal_after, say how: partition or how: freeze';
    return [error(['faults', index, 'heal_after'], message)];
  });
}

function healBeforeTheEnd(drill: Drill): Sense[] {
  const { fault, index } = disasterOf(drill);
  const deadline = deadlineMs(drill);
  if (fault.heal_after === undefined || fault.heal_after < deadline) return [];
  const message =
    `the run is over by then: its deadline is ${formatDuration(deadline)} after the disaster; ` +
    'without heal_after the fault is healed after the recovery';
  return [error(['faults', index, 'heal_after'], message)];
}

function healLeavesRecovery(drill: Drill): Sense[] {
  const { fault, index } = disasterOf(drill);
  const waits = waitsMs(drill);
  if (
    (fault.how ?? 'kill') === 'kill' ||
    fault.heal_after === undefined ||
    fault.heal_after >= waits
  ) {
    return [];
  }
  const message =
    `detection and declaration alone can take ${formatDuration(waits)}; ` +
    'a fault that is over before them is not recovered from';
  return [warning([['faults', index, 'heal_after']], message)];
}

// Faults that no client met: the ledger held against each that clients alone could meet. What was
// seen of it from outside proves that it was there, and not that anybody came to it.
import { regionOf } from '../../base/node-name.ts';
import { definitionOf, todaysKind, type PlannedFault } from '../../drill/fault/registry.ts';
import { surroundingsIn } from '../../drill/plan/disaster.ts';
import { isSeen } from '../../drill/plan/plan.ts';
import { reachOf } from '../../drill/plan/reach.ts';
import { gatesOf, placeOf, silentParts, type Place } from '../../drill/plan/way.ts';
import {
  LATE_START_MS,
  NO_NODE,
  OPERATION_FLAG,
  OUTCOME,
  type Operations,
} from '../../evidence/ledger/operation.ts';
import type { Doubt } from '../../drill/measurement.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { doubts } from '../measured.ts';
import type { Span, Timeline } from '../timeline.ts';
import { nameOfFault } from './lasting.ts';

/** A share of the stated delay: timers are not exact. */
const BITES_SHARE = 0.9;

/** Whether an operation met the fault; `node`: who answered, null where nobody did. */
type Meets = (operations: Operations, row: number, node: string | null) => boolean;

export function unmetDoubts(evidence: Evidence, run: Timeline): Doubt[] {
  const reasons = run.plan.faults.flatMap((fault) => {
    const span = spanOf(run, fault);
    if (span === null || !evidence.stores.some(({ operations }) => operations !== null)) return [];
    const { kind } = fault;
    const name = nameOfFault(fault);
    if (kind === 'lose-gslb') {
      if (waitsForGslb(run, span) || isMet(evidence, isAskedWithin(span))) return [];
      return [`${name} was met by no client: none asked DNS while it lasted.`];
    }
    const meets = meetsAt(run, fault, span);
    if (meets === null || isMet(evidence, meets)) return [];
    return [`${name} was met by no client: none came to what it hit while it lasted.`];
  });
  return doubts('all', reasons);
}

/** From the first call that injects it until it is healed; a deed is over once it is done. */
function spanOf(run: Timeline, { index, kind }: PlannedFault): Span | null {
  const started = run.all('fault.started').find((event) => event.index === index);
  const injected = run.injected(index);
  if (started === undefined || injected === undefined) return null;
  const isDeed = definitionOf(todaysKind(kind)).ends === null;
  const to_ms = isDeed ? injected.t : (run.healed(index)?.t ?? Infinity);
  return { from_ms: started.t, to_ms };
}

function isMet({ stores }: Evidence, meets: Meets): boolean {
  return stores.some(({ header, operations }) => {
    if (header === null || operations === null) return false;
    for (let row = 0; row < operations.count; row++) {
      const number = operations.node.at(row);
      const node = number === NO_NODE ? null : (header.nodes[number] ?? null);
      if (meets(operations, row, node)) return true;
    }
    return false;
  });
}

/** A detection waits for the health checks, and a redirect for who answers. */
function waitsForGslb(run: Timeline, { from_ms, to_ms }: Span): boolean {
  const waiting = isSeen(run.plan) ? run.disaster?.started_ms : run.first('recovery.started')?.t;
  return waiting !== undefined && waiting >= from_ms && waiting < to_ms;
}

/** It began in time and was not sent soon, or not at all: it waited for DNS. */
function isAskedWithin({ from_ms, to_ms }: Span): Meets {
  return (operations, row) => {
    const due_ms = operations.scheduled_ms.at(row);
    if (due_ms < from_ms || due_ms >= to_ms) return false;
    if ((operations.flags.at(row) & OPERATION_FLAG.late_start) !== 0) return false;
    if (operations.outcome.at(row) === OUTCOME.unsent) return true;
    return operations.sent_ms.at(row) - due_ms > LATE_START_MS;
  };
}

/** Null where it is not for clients to meet it. */
function meetsAt(run: Timeline, fault: PlannedFault, span: Span): Meets | null {
  const { plan } = run;
  const { replication, strategy, workload } = plan;
  const { serving } = surroundingsIn(strategy, replication);
  const place = placeOf(fault, reachOf(fault, replication), serving);
  if (place === null) return null;
  const isOpen = openTo(run, fault, place, serving);
  const isIts = (node: string) =>
    place.on === 'app' ? 'node' in fault && node === fault.node : regionOf(node) === place.region;
  const { least_ms, isAnswered } = latenessOf(fault, workload.timeout_ms);
  return (operations, row, node) => {
    const sent_ms = operations.sent_ms.at(row);
    if (!(sent_ms >= span.from_ms && sent_ms < span.to_ms)) return false;
    // What has no outcome waited until the end.
    if (operations.done_ms.at(row) - sent_ms < least_ms) return false;
    if (node === null) return !isAnswered && isOpen(sent_ms);
    const isError = operations.outcome.at(row) !== OUTCOME.acknowledged;
    return isIts(node) && (fault.kind !== 'app-errors' || isError);
  };
}

/** How late an operation is that met the fault, and whether the fault has it answered at last. */
function latenessOf(fault: PlannedFault, timeout_ms: number) {
  if (fault.kind === 'app-errors') return { least_ms: 0, isAnswered: true };
  if (fault.kind !== 'app-slow') return { least_ms: 0, isAnswered: false };
  const by_ms = BITES_SHARE * fault.by_ms;
  const isAnswered = fault.by_ms < timeout_ms;
  return { least_ms: isAnswered ? by_ms : BITES_SHARE * timeout_ms, isAnswered };
}

/** Whether clients that got no answer were on the way there then, and no other fault before it. */
function openTo(
  run: Timeline,
  fault: PlannedFault,
  { region }: Place,
  serving: readonly string[],
): (at_ms: number) => boolean {
  const gates = gatesOf(region);
  const others = run.plan.faults.flatMap((other) => {
    if (other === fault) return [];
    const parts = silentParts(reachOf(other, run.plan.replication));
    const span = parts.some((part) => gates.includes(part)) ? spanOf(run, other) : null;
    return span === null ? [] : [span];
  });
  const moved_ms = run.first('recovery.started')?.t ?? Infinity;
  return (at_ms) => {
    const isHidden = others.some(({ from_ms, to_ms }) => at_ms >= from_ms && at_ms < to_ms);
    return serving.includes(region) && at_ms < moved_ms && !isHidden;
  };
}

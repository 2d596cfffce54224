// The truth about a run, worked out slowly from the text of the definition and from what the stubs
// saw and did. Nothing here is shared with the code that measures.
import { readLedger } from '../../../src/evidence/ledger/ledger-reader.ts';
import { OPERATION_KIND, OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import type { Behaviour, KnownRequest, KnownService } from '../../../src/selftest/known/service.ts';
import type { TruthRun } from '../../../src/selftest/known/run.ts';

export interface TrueOutage {
  /** When its first unserved operation was due. */
  readonly opened_ms: number;
  /**
   * When the operation that closed it was due, and when it came to the service; null: it never
   * closed.
   */
  readonly closing: { readonly due_ms: number; readonly at_ms: number } | null;
}

/** Less than any spacing of operations, more than a float's error. */
const HALF_A_MS = 0.5;

interface Seen {
  readonly due_ms: number;
  readonly isServed: boolean;
  readonly at_ms: number | null;
}

/** Outages by the definition, over the schedule and what the stubs answered. */
export function trueOutages(run: TruthRun): TrueOutage[] {
  const { times, plan } = run;
  const all = seenBy(run).filter(({ due_ms }) => due_ms >= times.steadyFrom);
  const { for_ms, success, capacity } = plan.sustain;
  const steady = all.filter(({ due_ms }) => due_ms < times.steadyTo);
  const steadySeconds = (times.steadyTo - times.steadyFrom) / 1000;
  const needed = (capacity * servedIn(steady) * (for_ms / 1000)) / steadySeconds;
  const next = (at: number) => {
    const until = all[at]!.due_ms + for_ms;
    return all.filter(({ due_ms }, other) => other >= at && due_ms < until);
  };
  // What the disaster can have kept from being served opens no outage among those before.
  const touched_ms = times.started - servedWithin(run);
  const opens = (at: number) => {
    if (all[at]!.isServed) return false;
    const window = next(at);
    const isJudged = ({ due_ms }: Seen) => all[at]!.due_ms >= touched_ms || due_ms < touched_ms;
    const missed = window.filter((each) => !each.isServed && isJudged(each)).length;
    return window.length - missed < success * window.length;
  };
  const closes = (at: number) => {
    const row = all.slice(at, at + 11);
    if (row.length < 11 || row.some(({ isServed }) => !isServed)) return false;
    if (all[at]!.due_ms + for_ms > times.cut) return false;
    const window = next(at);
    return servedIn(window) >= success * window.length && servedIn(window) >= needed;
  };
  const outages: TrueOutage[] = [];
  for (let at = 0; at < all.length; at++) {
    if (!opens(at)) continue;
    const opened_ms = all[at]!.due_ms;
    while (at < all.length && !closes(at)) at++;
    const closing = all[at];
    outages.push({
      opened_ms,
      closing: closing === undefined ? null : { due_ms: closing.due_ms, at_ms: closing.at_ms! },
    });
  }
  return outages;
}

function servedIn(operations: readonly Seen[]): number {
  return operations.filter(({ isServed }) => isServed).length;
}

/** The schedule by its own arithmetic, each operation with what became of it at the stubs. */
function seenBy(run: TruthRun): Seen[] {
  const { rate_per_s, writers } = run.plan.workload;
  const within_ms = servedWithin(run);
  const arrived = new Map<string, { request: KnownRequest; stub: KnownService }>();
  for (const stub of [run.east, run.west]) {
    for (const request of stub?.requests ?? []) {
      arrived.set(`${request.writer}-${request.sequence}`, { request, stub: stub! });
    }
  }
  const seen: Seen[] = [];
  const until_ms = Math.min(run.times.cut, lastSent(run) + HALF_A_MS);
  for (let index = 0; ; index++) {
    const due_ms = run.scheduled_from_ms + (index * 1000) / rate_per_s;
    if (due_ms >= until_ms) return seen;
    const id = `${(index % writers) + 1}-${Math.floor(index / writers) + 1}`;
    const found = arrived.get(id);
    if (found === undefined) {
      seen.push({ due_ms, isServed: false, at_ms: null });
      continue;
    }
    const { request, stub } = found;
    const behaviour = behaviourAt(stub, request.at_ms);
    const delay_ms = behaviour.kind === 'late' ? behaviour.by_ms : 0;
    const isServed = request.status === 201 && delay_ms <= within_ms;
    seen.push({ due_ms, isServed, at_ms: request.at_ms });
  }
}

/**
 * When the last operation was due that the workload sent. One that was due in the instant of the
 * cut, while the workload was told to stop, was never sent.
 */
function lastSent({ directory }: TruthRun): number {
  const { operations } = readLedger(runFile(directory, 'ledger'));
  let last_ms = -Infinity;
  for (let row = 0; row < operations.count; row++) {
    if (operations.kind.at(row) === OPERATION_KIND.marker) continue;
    last_ms = Math.max(last_ms, operations.scheduled_ms.at(row));
  }
  return last_ms;
}

function behaviourAt(stub: KnownService, at_ms: number): Behaviour {
  const past = stub.switches.filter((change) => change.at_ms <= at_ms);
  return past.at(-1)?.behave ?? { kind: 'serve' };
}

/** 10 × the steady p99, at least 100 ms, at most the timeout. */
function servedWithin({ directory, times, plan }: TruthRun): number {
  const { operations } = readLedger(runFile(directory, 'ledger'));
  const latencies: number[] = [];
  for (let row = 0; row < operations.count; row++) {
    const due_ms = operations.scheduled_ms.at(row);
    if (due_ms < times.steadyFrom || due_ms >= times.steadyTo) continue;
    if (operations.kind.at(row) === OPERATION_KIND.marker) continue;
    if (operations.outcome.at(row) !== OUTCOME.acknowledged) continue;
    latencies.push(operations.done_ms.at(row) - operations.sent_ms.at(row));
  }
  latencies.sort((a, b) => a - b);
  const p99 = latencies[Math.ceil(0.99 * latencies.length) - 1] ?? 0;
  return Math.min(plan.workload.timeout_ms, Math.max(100, 10 * p99));
}

/** One write to one store as a test states it. */
interface StatedWrite {
  readonly writer: number;
  readonly sequence: number;
  readonly outcome: string;
  readonly done_ms?: number | null;
  /** The number of the node that answered. */
  readonly node?: number;
}

interface StoredRow {
  readonly writer: number;
  readonly sequence: number;
}

export interface TrueLoss {
  readonly lost: readonly string[];
  readonly kept: number;
  readonly recovered: number;
  readonly vanished: number;
  readonly duplicated: number;
  readonly unexpected: number;
  /**
   * From the oldest acknowledgement lost with the old side to the fault, or to the newest such one
   * if later.
   */
  readonly rpo_ms: number;
}

/**
 * What became of the writes to one store, word for word from the table of classes. `newSide` is the
 * node of the region that took over.
 */
export function trueLoss(
  writes: readonly StatedWrite[],
  stored: readonly StoredRow[],
  { fault_ms, newSide }: { readonly fault_ms: number; readonly newSide: number },
): TrueLoss {
  const name = ({ writer, sequence }: StoredRow) => `${writer}-${sequence}`;
  const found = new Map<string, number>();
  for (const row of stored) found.set(name(row), (found.get(name(row)) ?? 0) + 1);
  const copies = (write: StoredRow) => found.get(name(write)) ?? 0;
  const count = (is: (write: StatedWrite) => boolean) => writes.filter(is).length;
  const isOpen = ({ outcome }: StatedWrite) => outcome === 'unknown';
  const isPromised = ({ outcome }: StatedWrite) => outcome === 'acknowledged';
  const isDenied = (write: StatedWrite) => !isOpen(write) && !isPromised(write);
  const sent = new Set(writes.map(name));
  const strangers = new Set(stored.map(name).filter((id) => !sent.has(id)));
  const lost = writes.filter((write) => isPromised(write) && copies(write) === 0);
  const times = lost.filter(({ node }) => node !== newSide).map(({ done_ms }) => done_ms!);
  return {
    lost: lost.sort((a, b) => a.done_ms! - b.done_ms!).map(name),
    kept: count((write) => isPromised(write) && copies(write) === 1),
    recovered: count((write) => isOpen(write) && copies(write) === 1),
    vanished: count((write) => isOpen(write) && copies(write) === 0),
    duplicated: count((write) => !isDenied(write) && copies(write) > 1),
    unexpected: count((write) => isDenied(write) && copies(write) > 0) + strangers.size,
    rpo_ms: times.length === 0 ? 0 : Math.max(fault_ms, ...times) - Math.min(...times),
  };
}

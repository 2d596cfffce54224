// Which side acknowledged a write: the old primary's or the new one's. Split-brain is what the old
// side still acknowledged after the new one had begun to.
import { OPERATION_KIND, OUTCOME, type Operations } from '../../evidence/ledger/operation.ts';
import type { LedgerHeader } from '../../evidence/ledger/ledger.ts';
import { regionOf } from '../../base/node-name.ts';
import type { Disaster } from '../timeline.ts';

export const SIDE = { nobody: 0, old: 1, new: 2 } as const;

/**
 * The side of every acknowledged write, by row. The timeline in its reply decides: a promotion
 * begins a new one. A reply without a timeline is judged by the region of the node that sent it.
 */
export function sidesOf(
  operations: Operations,
  header: LedgerHeader,
  disaster: Disaster,
): Uint8Array {
  const { count, kind, outcome, timeline, node, done_ms } = operations;
  const regions: readonly (string | undefined)[] = header.nodes.map(regionOf);
  const isWrite = (row: number) =>
    kind[row] !== OPERATION_KIND.read && outcome[row] === OUTCOME.acknowledged;
  let oldTimeline = 0;
  for (let row = 0; row < count; row++) {
    if (!isWrite(row) || done_ms[row]! > disaster.started_ms) continue;
    oldTimeline = Math.max(oldTimeline, timeline[row]!);
  }
  const sides = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    if (!isWrite(row)) continue;
    const region = regions[node[row]!];
    if (timeline[row]! > 0 && oldTimeline > 0) {
      sides[row] = timeline[row]! > oldTimeline ? SIDE.new : SIDE.old;
    } else if (region !== undefined) {
      sides[row] = region === disaster.region ? SIDE.old : SIDE.new;
    }
  }
  return sides;
}

interface SplitBrain {
  /** Sent after the reply to the new side's first write, acknowledged by the old side. */
  readonly certain: number;
  /** Acknowledged by the old side, and in flight together with the new side's first write. */
  readonly possible: number;
}

/** The new side's first write is one after `from_ms`: a second region may always have served. */
export function splitBrainOf(
  operations: Operations,
  sides: Uint8Array,
  from_ms: number,
): SplitBrain {
  let first = -1;
  for (let row = 0; row < operations.count; row++) {
    if (sides[row] !== SIDE.new || operations.done_ms[row]! < from_ms) continue;
    if (first < 0 || operations.done_ms[row]! < operations.done_ms[first]!) first = row;
  }
  if (first < 0) return { certain: 0, possible: 0 };
  const { sent_ms, done_ms } = operations;
  let certain = 0;
  let possible = 0;
  for (let row = 0; row < operations.count; row++) {
    if (sides[row] !== SIDE.old) continue;
    if (sent_ms[row]! > done_ms[first]!) certain++;
    else if (done_ms[row]! > sent_ms[first]!) possible++;
  }
  return { certain, possible };
}

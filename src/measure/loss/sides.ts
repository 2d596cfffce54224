// Which side acknowledged what, the old one or the new one; and what the old one acknowledged
// although the new one had begun.
import { regionOf } from '../../base/node-name.ts';
import type { LedgerHeader } from '../../evidence/ledger/ledger.ts';
import { OPERATION_KIND, OUTCOME } from '../../evidence/ledger/operation.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import { earliestOf, spansOf } from '../operations/schedule.ts';
import type { Disaster } from '../timeline.ts';
import { counted } from '../words.ts';
import type { Classified } from './classify.ts';

/** The region that service went away from, and when; in a failback by a planned move. */
export type Struck = Pick<Disaster, 'region' | 'started_ms' | 'injected_ms'>;

export const SIDE = { nobody: 0, old: 1, new: 2 } as const;

/**
 * The side of every acknowledged write, by row. The timeline in its reply decides: a promotion
 * begins a new one. A reply without a timeline is judged by the region of the node that sent it.
 */
export function sidesOf(
  operations: Operations,
  header: LedgerHeader,
  disaster: Struck,
): Uint8Array {
  const { count, kind, outcome, timeline, node, done_ms } = operations;
  const regions: readonly (string | undefined)[] = header.nodes.map(regionOf);
  const isWrite = (row: number) =>
    kind.at(row) !== OPERATION_KIND.read && outcome.at(row) === OUTCOME.acknowledged;
  let oldTimeline = 0;
  // A little more than asked for, since the end of a span is left out.
  for (const [first, end] of spansOf(operations, done_ms, -Infinity, disaster.started_ms + 1)) {
    for (let row = first; row < end; row++) {
      if (!isWrite(row) || done_ms.at(row) > disaster.started_ms) continue;
      oldTimeline = Math.max(oldTimeline, timeline.at(row));
    }
  }
  const sides = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    if (!isWrite(row)) continue;
    const region = regions[node.at(row)];
    if (timeline.at(row) > 0 && oldTimeline > 0) {
      sides[row] = timeline.at(row) > oldTimeline ? SIDE.new : SIDE.old;
    } else if (region !== undefined) {
      sides[row] = region === disaster.region ? SIDE.old : SIDE.new;
    }
  }
  return sides;
}

/** Of writes whose answers may name no server. */
export interface Nameless {
  /** Before that no other server took a write. */
  readonly since_ms: number;
  /** Why what is among the survivors may be the old side's alone; null: it is not. */
  readonly untold: string | null;
}

interface SplitBrain {
  readonly certain: number;
  readonly possible: number;
  /** Why there may be more; null: there are not. */
  readonly missing: string | null;
}

interface Seen {
  readonly from_ms: number;
  readonly taken_ms: number | null;
  readonly classified: Pick<Classified, 'present' | 'oldPrimary'>;
  readonly nameless: Nameless | null;
}

export function splitBrain(operations: Operations, sides: Uint8Array, seen: Seen): SplitBrain {
  const named = namedSplitBrain(operations, sides, seen);
  const { nameless } = seen;
  if (nameless === null) return { ...named, missing: null };
  const more = namelessSplitBrain(operations, sides, { ...seen, nameless });
  return {
    certain: named.certain + more.certain,
    possible: named.possible + more.possible,
    missing: more.missing,
  };
}

/**
 * The same of writes that no answer names a server for. What the new side's server has was not
 * accepted by the old one after they parted; what the old one alone has was; of any other nobody
 * knows.
 */
function namelessSplitBrain(
  operations: Operations,
  sides: Uint8Array,
  { taken_ms, classified, nameless }: Seen & { readonly nameless: Nameless },
): SplitBrain {
  const { kind, outcome, sent_ms, done_ms } = operations;
  const { present, oldPrimary } = classified;
  let certain = 0;
  let possible = 0;
  let open = 0;
  for (let row = 0; row < operations.count; row++) {
    // A marker that is not there leaves the whole count in doubt.
    const isOfClients =
      kind.at(row) !== OPERATION_KIND.read && kind.at(row) !== OPERATION_KIND.marker;
    if (!isOfClients || outcome.at(row) !== OUTCOME.acknowledged) continue;
    if (sides[row] !== SIDE.nobody || done_ms.at(row) <= nameless.since_ms) continue;
    if (present[row]! > 0 && nameless.untold === null) continue;
    if (present[row]! > 0 || (oldPrimary?.copies[row] ?? 0) === 0) open++;
    else if (sent_ms.at(row) > (taken_ms ?? Infinity)) certain++;
    else possible++;
  }
  if (open === 0) return { certain, possible, missing: null };
  const why = nameless.untold ?? 'the database that serves does not have them';
  const writes = counted(open, 'acknowledged write');
  return { certain, possible, missing: `no answer says which server took ${writes}, and ${why}` };
}

/**
 * What the old side acknowledged although the new one had begun: certainly, since it was sent after
 * the reply to the new side's first write; possibly, since it was in flight together with that. The
 * first write is one after `from_ms`: a second region may always have served.
 */
function namedSplitBrain(
  operations: Operations,
  sides: Uint8Array,
  { from_ms, taken_ms }: Pick<Seen, 'from_ms' | 'taken_ms'>,
): Omit<SplitBrain, 'missing'> {
  const own = earliestOf(
    operations.done_ms,
    operations,
    (row) => sides[row] === SIDE.new && operations.done_ms.at(row) >= from_ms,
  );
  const { sent_ms, done_ms } = operations;
  const first_ms = Math.min(taken_ms ?? Infinity, own === null ? Infinity : done_ms.at(own));
  if (first_ms === Infinity) return { certain: 0, possible: 0 };
  const sent_first_ms = own === null ? first_ms : Math.min(first_ms, sent_ms.at(own));
  let certain = 0;
  let possible = 0;
  for (let row = 0; row < operations.count; row++) {
    if (sides[row] !== SIDE.old) continue;
    if (sent_ms.at(row) > first_ms) certain++;
    else if (done_ms.at(row) > sent_first_ms) possible++;
  }
  return { certain, possible };
}

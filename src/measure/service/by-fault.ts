// Which fault cost what, in a drill without a disaster. The time since the first of them is cut at
// their beginnings and ends; pieces in which the same faults lasted count together. So each
// operation counts once, by when it was due, and the sums are those of `availability` and `errors`.
import type { ByFault } from '../../drill/by-fault.ts';
import type { FaultFacts } from '../../drill/run-facts.ts';
import { OUTCOME, type Operations, type Outcome } from '../../evidence/ledger/operation.ts';
import { roundGrain } from '../grain.ts';
import { faultsIn } from '../journal/facts.ts';
import { eachIn } from '../operations/schedule.ts';
import type { Span, Timeline } from '../timeline.ts';
import { isServed, latencyP99, type Steady } from './steady.ts';

/** `clock` is from the first fault to the cut. What was there beforehand is part of all of it. */
export function byFault(
  run: Timeline,
  operations: Operations,
  clock: Span,
  { within_ms }: Pick<Steady, 'within_ms'>,
): ByFault[] {
  const { timeout_ms } = run.plan.workload;
  return piecesOf(run, clock).flatMap(({ faults, spans }) => {
    const outcomes: Record<Outcome, number> = {
      acknowledged: 0,
      refused: 0,
      unknown: 0,
      unsent: 0,
    };
    let [due, served] = [0, 0];
    eachIn(operations, spans, (row) => {
      due++;
      outcomes[NAMES[operations.outcome.at(row)]!]++;
      if (isServed(operations, row, within_ms)) served++;
    });
    if (due === 0) return [];
    const { acknowledged, ...others } = outcomes;
    const p99_ms = latencyP99(operations, spans, timeout_ms);
    const ms = roundGrain(spans.reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0));
    const slow = acknowledged - served;
    return { faults, ms, due, served, slow, ...others, p99_ms: p99_ms && roundGrain(p99_ms) };
  });
}

const NAMES = Object.fromEntries(
  Object.entries(OUTCOME).map(([name, number]) => [number, name as Outcome]),
);

interface Piece {
  readonly faults: readonly number[];
  readonly spans: Span[];
}

/** In the order of their beginnings; the time in which none lasted stands last. */
function piecesOf(run: Timeline, clock: Span): Piece[] {
  const faults = faultsIn(run).filter(({ at_ms }) => at_ms !== null);
  const nameOf = ({ kind, target, how }: FaultFacts) => JSON.stringify([kind, target, how]);
  const first = new Map<string, number>();
  const lasting = faults.map((fault) => {
    const name = nameOf(fault);
    if (!first.has(name)) first.set(name, fault.index);
    // What nobody ends lasts to the end of the drill.
    const to_ms = Math.min(clock.to_ms, fault.healed_ms ?? Infinity);
    return { index: first.get(name)!, from_ms: fault.started_ms, to_ms };
  });
  const all = [clock, ...lasting].flatMap(({ from_ms, to_ms }) => [from_ms, to_ms]);
  const edges = [...new Set(all)].toSorted((one, other) => one - other);
  const pieces = new Map<string, Piece>();
  edges.slice(1).forEach((to_ms, at) => {
    const from_ms = edges[at]!;
    if (from_ms < clock.from_ms || to_ms > clock.to_ms) return;
    const over = lasting.filter((each) => each.from_ms <= from_ms && each.to_ms >= to_ms);
    const which = [...new Set(over.map(({ index }) => index))];
    const piece = pieces.get(which.join()) ?? { faults: which, spans: [] };
    piece.spans.push({ from_ms, to_ms });
    pieces.set(which.join(), piece);
  });
  const found = [...pieces.values()];
  const isCalm = ({ faults: which }: Piece) => which.length === 0;
  return [...found.filter((each) => !isCalm(each)), ...found.filter(isCalm)];
}

// The way back to the first layout: how long until the lost region was protected again, what the
// planned move of service cost clients, and whether anything was lost in it.
import { ratesOf, storesOf, type Plan } from '../../drill/plan/plan.ts';
import type { RunEvent } from '../../evidence/event.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { mergeOperations } from '../../evidence/ledger/operation-columns.ts';
import { acknowledgementsOf, longestGap } from '../operations/acknowledgement-gap.ts';
import { measureFailbackLoss } from './failback-loss.ts';
import { roundGrain } from '../grain.ts';
import { ledgersOf, type StoreLedger } from '../operations/ledgers.ts';
import { against, doubt, measured, measuredInFailback, type Measured } from '../measured.ts';
import type { Doubt, Failback } from '../../drill/measurement.ts';
import { NOT_SEEN, roundedOutage, rtoOf } from '../service/recovery.ts';
import { failedInFailback, stallsIn } from '../journal/run-doubts.ts';
import { scheduleDoubts, watchDoubts } from '../service/schedule-doubts.ts';
import { serviceState } from '../service/service.ts';
import type { Steady } from '../service/steady.ts';
import { cutOf, eventsOf, failbackFrom, resumeOf, stopOf, type Disaster } from '../timeline.ts';
import { totalLoss } from '../loss/total-loss.ts';
import { formatDuration } from '../words.ts';

/** A planned move of service, by the events of the failback. */
interface Move {
  readonly from: string;
  readonly to: string;
  readonly started_ms: number;
  /** Null: it never ended. */
  readonly ended_ms: number | null;
  readonly took_ms: number | null;
}

/** `whole` has all operations; `steady` null: there is nothing to compare service with. */
export function measureFailback(
  whole: Evidence,
  disaster: Disaster,
  steady: Steady | null,
): Measured<Failback | null> {
  const { plan, events } = whole;
  if (!plan.failback) return measured(null);
  const from_ms = failbackFrom(events);
  if (from_ms === null) {
    return measuredInFailback(measured(null, doubtful(['It was planned, and never began.'])));
  }
  const move = moveOf(events, from_ms);
  const service = serviceOf(whole, move, steady);
  const stores = whole.stores.map((store) => {
    // Where nothing moves, what could get lost is what clients wrote up to the cut.
    const t = move?.started_ms ?? stopOf(events, store.store) ?? from_ms;
    const start = { region: move?.from ?? plan.replication.to, t };
    return measureFailbackLoss(whole, store, disaster, start);
  });
  const { from: lost } = plan.replication;
  const again = protectedAgain(events, lost, from_ms);
  const story = storyDoubts(plan, events, { move, isProtected: again !== undefined });
  const parts = [
    measured(null, doubtful(story)),
    service,
    measured(null, doubtful(failedInFailback(events))),
    ...stores,
  ];
  const { doubts, failures } = against(parts);
  const value: Failback = {
    protected_ms: again?.ms ?? null,
    protected_how: again?.how ?? null,
    switchover_ms: move?.took_ms ?? null,
    ...service.value,
    loss: totalLoss(stores.map((each) => each.value)),
    stores: stores.map((each) => each.value),
    salvaged: eventsOf(events, 'rows.salvaged').at(-1)?.rows ?? null,
  };
  return measuredInFailback(measured(value, doubts, failures));
}

/** That the lost region follows the serving one; once service moved, the other one does so too. */
function protectedAgain(events: readonly RunEvent[], lost: string, from_ms: number) {
  return eventsOf(events, 'region.protected').findLast(
    ({ region, t }) => region === lost && t >= from_ms,
  );
}

function moveOf(events: readonly RunEvent[], from_ms: number): Move | null {
  const started = eventsOf(events, 'switchover.started').find(({ t }) => t >= from_ms);
  if (started === undefined) return null;
  const { from, to, t: started_ms } = started;
  const ended = eventsOf(events, 'switchover.ended').find(({ t }) => t >= started_ms);
  const took_ms = ended === undefined ? null : roundGrain(ended.t - started_ms);
  return { from, to, started_ms, ended_ms: ended?.t ?? null, took_ms };
}

/** What should have happened, and nothing says that it did. */
function storyDoubts(
  plan: Plan,
  events: readonly RunEvent[],
  { move, isProtected }: { readonly move: Move | null; readonly isProtected: boolean },
): string[] {
  const reasons: string[] = [];
  const { from } = plan.replication;
  if (!isProtected) {
    reasons.push(`Nothing says that region ${from} follows the serving one again.`);
  }
  if (storesOf(plan).some((store) => resumeOf(events, store) === null)) {
    reasons.push('Clients never began again, so nothing was seen of it.');
  }
  // Where both regions serve, the one that is back only takes its share of clients again.
  if (move === null && plan.strategy !== 'active-active') {
    reasons.push('Service was never moved back.');
  }
  if (move !== null && move.ended_ms === null) reasons.push('The move of service never ended.');
  return reasons;
}

type Seen = Pick<Failback, 'rto' | 'outages' | 'pause_ms'>;
const UNSEEN: Seen = { rto: { value: null, low: null, high: null }, outages: [], pause_ms: null };

/** As clients saw the move, by the same definition of service as the recovery. */
function serviceOf(whole: Evidence, move: Move | null, steady: Steady | null): Measured<Seen> {
  const { plan, events } = whole;
  const ledgers = ledgersOf(whole, 'failback');
  if (move === null || steady === null || ledgers === null) return measured(UNSEEN);
  const operations = mergeOperations(ledgers.map((ledger) => ledger.operations));
  const cut = cutOf(events, storesOf(plan), 'failback');
  const cut_ms = cut ?? Infinity;
  const { started_ms } = move;
  const service = serviceState(operations, {
    from_ms: -Infinity,
    until_ms: cut_ms,
    now_ms: null,
    disaster_ms: started_ms,
    steady,
    sustain: plan.sustain,
    rates_per_s: ratesOf(plan),
  });
  const last = service.sinceDisaster.at(-1);
  const isBlind = operations.count === 0 || (cut === null && last === undefined);
  const disaster = { started_ms, injected_ms: started_ms };
  const nodes = ledgers.map((ledger) => ledger.nodes);
  const close_ms = last === undefined ? started_ms : last.closed_ms;
  const rto = isBlind
    ? NOT_SEEN
    : rtoOf({ operations, nodes, steady, disaster }, service, close_ms);
  const value: Seen = {
    rto,
    outages: service.sinceDisaster.map(roundedOutage),
    pause_ms: pauseOf(plan, ledgers, move, cut_ms),
  };
  const watched = { rto, outages: value.outages, within_ms: steady.within_ms };
  const watch = { started_ms, injected_ms: move.ended_ms ?? started_ms, name: 'the move' };
  const stalls = stallsIn(events, started_ms, cut_ms).map(
    (ms) => `Drill itself did not get to run for ${formatDuration(ms)} in it.`,
  );
  return measured(value, [
    ...scheduleDoubts(plan, ledgers, -Infinity),
    ...watchDoubts(plan, ledgers, watched, watch),
    ...doubtful(stalls),
  ]);
}

/**
 * The longest time without an acknowledged write from the start of the move until `sustain.for`
 * after its end, of the store that waited longest; null: one had none at all, or it never ended.
 */
function pauseOf(
  { sustain }: Plan,
  ledgers: readonly StoreLedger[],
  { started_ms, ended_ms }: Move,
  cut_ms: number,
): number | null {
  if (ended_ms === null) return null;
  const to_ms = Math.min(cut_ms, ended_ms + sustain.for_ms);
  const gaps = ledgers.map(({ operations }) => {
    const times = acknowledgementsOf(operations, -Infinity, { onlyWrites: true });
    return longestGap(times, started_ms, to_ms);
  });
  return gaps.includes(null) ? null : roundGrain(Math.max(...(gaps as number[])));
}

function doubtful(reasons: readonly string[]): Doubt[] {
  return reasons.map((reason) => doubt('failback', reason));
}

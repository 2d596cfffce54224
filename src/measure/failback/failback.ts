// The way back to the first layout: how long until the lost region was protected again, what the
// planned move of service cost clients, and whether anything was lost in it.
import type { Failback } from '../../drill/measurement.ts';
import { longestGap } from '../../base/ordered.ts';
import { storesOf, type Plan } from '../../drill/plan/plan.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { mergeOperations } from '../../evidence/ledger/operation-columns.ts';
import { roundGrain } from '../grain.ts';
import { failedInFailback } from '../journal/run-doubts.ts';
import { stallsIn, stoodStill } from '../journal/stalls.ts';
import type { LossBasis } from '../loss/store-loss.ts';
import { totalLoss } from '../loss/total-loss.ts';
import {
  against,
  doubts,
  measured,
  measuredInFailback,
  missing,
  type Measured,
} from '../measured.ts';
import { acknowledgementsOf } from '../operations/schedule.ts';
import { ledgersOf, type StoreLedger } from '../operations/slices.ts';
import {
  disturbedBefore,
  NOT_SEEN,
  roundedOutage,
  rtoOf,
  stoppedAfter,
} from '../service/recovery.ts';
import { scheduleDoubts, watchDoubts } from '../service/measure-service.ts';
import { finalState } from '../service/service.ts';
import type { Steady } from '../service/steady.ts';
import type { Timeline } from '../timeline.ts';
import { measureFailbackLoss } from './failback-loss.ts';

/** A planned move of service, by the events of the failback. */
interface Move {
  readonly from: string;
  readonly started_ms: number;
  /** Null: it never ended. */
  readonly ended_ms: number | null;
  readonly took_ms: number | null;
}

/** `whole` has all operations; `steady` null: there is nothing to compare service with. */
export function measureFailback(
  whole: Evidence,
  basis: LossBasis,
  steady: Steady | null,
): Measured<Failback | null> {
  const { run } = basis;
  const { plan, failback_ms } = run;
  if (!plan.failback) return measured(null);
  if (failback_ms === Infinity) {
    const reasons = ['It was planned, and never began.'];
    return measuredInFailback(measured(null, missing('failback', reasons)));
  }
  const move = moveOf(run);
  const service = serviceOf(whole, run, move, steady);
  const stores = whole.stores.map((from) => {
    // Where nothing moves, what could get lost is what clients wrote up to the cut.
    const started_ms = move?.started_ms ?? run.stop(from.store) ?? failback_ms;
    const region = move?.from ?? plan.replication.to;
    return measureFailbackLoss(basis, from, { region, started_ms });
  });
  // Once service moved, the other region follows too.
  const again = run
    .all('region.protected')
    .findLast(({ region, t }) => region === plan.replication.from && t >= failback_ms);
  const story = measured(null, missing('failback', storyReasons(run, move, again !== undefined)));
  const found = measured(null, doubts('failback', failedInFailback(run)));
  const value: Failback = {
    protected_ms: again?.ms ?? null,
    protected_how: again?.how ?? null,
    switchover_ms: move?.took_ms ?? null,
    ...service.value,
    loss: totalLoss(stores.map((each) => each.value)),
    stores: stores.map((each) => each.value),
    salvaged: run.last('rows.salvaged')?.rows ?? null,
  };
  return measuredInFailback({ value, ...against([story, service, found, ...stores]) });
}

function moveOf(run: Timeline): Move | null {
  const started = run.all('switchover.started').find(({ t }) => t >= run.failback_ms);
  if (started === undefined) return null;
  const { from, t: started_ms } = started;
  const ended = run.all('switchover.ended').find(({ t }) => t >= started_ms);
  const took_ms = ended === undefined ? null : roundGrain(ended.t - started_ms);
  return { from, started_ms, ended_ms: ended?.t ?? null, took_ms };
}

/** What should have happened, and nothing says that it did. */
function storyReasons(run: Timeline, move: Move | null, isProtected: boolean): string[] {
  const { plan } = run;
  const reasons: string[] = [];
  if (!isProtected) {
    const { from } = plan.replication;
    reasons.push(`Nothing says that region ${from} follows the serving one again.`);
  }
  if (storesOf(plan).some((store) => run.resume(store) === undefined)) {
    reasons.push('Clients never began again, so nothing was seen of it.');
  }
  // Where both regions serve, the one that is back only takes its share of clients again.
  if (move === null && plan.strategy !== 'active-active') {
    reasons.push('Service was never moved back.');
  }
  if (move !== null && move.ended_ms === null) reasons.push('The move of service never ended.');
  return reasons;
}

type Seen = Pick<
  Failback,
  'rto' | 'outages' | 'pause_ms' | 'disturbed_before_ms' | 'stopped_after_ms'
>;
const UNSEEN: Seen = { rto: { value: null, low: null, high: null }, outages: [], pause_ms: null };

/** Service around the move as clients saw it, by the same definition as in the recovery. */
function serviceOf(
  whole: Evidence,
  run: Timeline,
  move: Move | null,
  steady: Steady | null,
): Measured<Seen> {
  const { plan } = run;
  const ledgers = ledgersOf(whole, run, 'failback');
  if (move === null || steady === null || ledgers === null) return measured(UNSEEN);
  const operations = mergeOperations(ledgers.map((ledger) => ledger.operations));
  const { until_ms: cut_ms, now_ms } = run.sight('failback');
  const { started_ms } = move;
  const span = { from_ms: -Infinity, until_ms: cut_ms, now_ms, disaster_ms: started_ms };
  const service = finalState(plan, operations, { ...span, steady });
  const last = service.sinceDisaster.at(-1);
  const isBlind = operations.count === 0 || (now_ms !== null && last === undefined);
  const disaster = { started_ms, injected_ms: started_ms };
  const close_ms = last === undefined ? started_ms : last.closed_ms;
  const rto = isBlind ? NOT_SEEN : rtoOf({ plan, operations, steady, disaster }, service, close_ms);
  const value: Seen = {
    rto,
    outages: service.sinceDisaster.map(roundedOutage),
    ...disturbedBefore(last, disaster, steady),
    ...stoppedAfter(rto, now_ms, started_ms),
    pause_ms: pauseOf(plan, ledgers, move, cut_ms),
  };
  const { within_ms } = steady;
  const times = { within_ms, started_ms, injected_ms: move.ended_ms ?? started_ms };
  const stalls = stallsIn(run, { from_ms: started_ms, to_ms: cut_ms }).map(
    (one) => `${stoodStill(one)} in it.`,
  );
  return measured(value, [
    ...scheduleDoubts(plan, ledgers, -Infinity),
    ...watchDoubts({ plan, ledgers, rto, outages: value.outages, ...times, name: 'the move' }),
    ...doubts('failback', stalls),
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

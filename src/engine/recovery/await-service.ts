// Waits for service to be back for good, by the very definition that the measurement uses, on the
// ledgers as they grow.
import { confirmServiceMs, ratesOf, storesOf } from '../../drill/plan/plan.ts';
import { STORE_FILES } from '../../evidence/evidence.ts';
import { followLedger, type LedgerFollower } from '../../evidence/ledger/ledger-reader.ts';
import { runFile } from '../../evidence/run-files.ts';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { mergeOperations } from '../../evidence/ledger/operation-columns.ts';
import { withoutHarmed, type Harm } from '../../measure/operations/harm.ts';
import { ServiceFollower } from '../../measure/service/follow-service.ts';
import type { ServiceState } from '../../measure/service/service.ts';
import { steadyOf } from '../../measure/service/steady.ts';
import type { RunContext } from '../frame/context.ts';

const LOOK_EVERY_MS = 100;
/** An operation has its outcome, and the ledger has that, mostly so soon after it was due. */
const OUTCOME_MS = 20;
/** A look may take at most this share of the time, however long the ledger has become. */
const LOOKING_SHARE = 0.2;

export interface ServiceWatch {
  readonly steady: { readonly from_ms: number; readonly to_ms: number };
  readonly disaster_ms: number;
  /** When the first fault came, of which the disaster is the last. */
  readonly hit_ms: number;
  /** When the recovery was over: service is not called back before. */
  readonly settled_ms: number;
  /** Service that is back later counts as never; one that is back just before has yet to hold. */
  readonly deadline_ms: number;
  /** A step of the recovery failed, so that nobody waits until the deadline proper. */
  readonly hasFailed: boolean;
  /** When data was harmed, and seen to be right again: in between nobody was served. */
  readonly harm: Harm | null;
}

/**
 * Resolves when the last outage has closed, when it is clear that there was none, or when none can
 * close in time any more; the journal says which.
 */
export async function awaitService(run: RunContext, watch: ServiceWatch): Promise<void> {
  const ledgers: LedgerFollower[] = [];
  try {
    if (!openLedgers(run, ledgers)) return;
    await look(run, watch, ledgers);
  } finally {
    for (const ledger of ledgers) ledger.close();
  }
}

/** False, and a word in the journal, when one of them cannot be read. */
function openLedgers({ place, plan, emit }: RunContext, ledgers: LedgerFollower[]): boolean {
  try {
    for (const store of storesOf(plan)) {
      ledgers.push(followLedger(runFile(place.directory, STORE_FILES[store].ledger)));
    }
    return true;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    emit('service.missing', { reason: error.message });
    return false;
  }
}

async function look(
  { clock, plan, emit, signal }: RunContext,
  watch: ServiceWatch,
  ledgers: readonly LedgerFollower[],
): Promise<void> {
  const { sustain, workload } = plan;
  const rules = { sustain, timeout_ms: workload.timeout_ms };
  const first = mergeOperations(ledgers.map((ledger) => ledger.look().operations));
  const asServed = withoutHarmed(first, watch.harm);
  const steady = steadyOf(asServed, watch.steady, rules, watch.hit_ms);
  if (steady === null) {
    emit('service.missing', { reason: 'there was no steady state to compare with' });
    return;
  }
  const service = new ServiceFollower({
    from_ms: watch.steady.from_ms,
    until_ms: null,
    disaster_ms: watch.disaster_ms,
    steady,
    sustain,
    rates_per_s: ratesOf(plan),
    timeout_ms: workload.timeout_ms,
    harm: watch.harm,
  });
  const confirm_ms = confirmServiceMs(plan);
  const end_ms = Math.max(watch.deadline_ms, watch.settled_ms) + confirm_ms;
  for (;;) {
    const now_ms = clock.now();
    const grown = ledgers.map((ledger) => ledger.look());
    const state = service.look(grown, now_ms);
    if (state.isBack && now_ms > watch.settled_ms) {
      const rto_ms = state.sinceDisaster.at(-1)!.closed_ms! - watch.disaster_ms;
      emit('service.sustained', { rto_ms });
      return;
    }
    if (!state.isOut && now_ms > watch.settled_ms + confirm_ms) {
      if (state.observed_ms > watch.settled_ms) emit('service.sustained', { rto_ms: 0 });
      else emit('service.missing', { reason: 'the workload shows nothing of it any more' });
      return;
    }
    if (now_ms > end_ms) break;
    const spent_ms = clock.now() - now_ms;
    const pause_ms = pauseMs(state, sustain.for_ms, clock.now());
    await clock.sleep(Math.max(pause_ms, spent_ms / LOOKING_SHARE), signal);
  }
  const reason = watch.hasFailed
    ? 'the recovery had failed'
    : 'clients were still without service at the deadline';
  emit('service.missing', { reason });
}

/** Until the next look, so that service is seen to hold soon after it has held for long enough. */
function pauseMs({ isOut, outages }: ServiceState, for_ms: number, now_ms: number): number {
  const last = outages.at(-1);
  if (!isOut || last === undefined) return LOOK_EVERY_MS;
  const since_ms = last.last_unserved_ms ?? last.opened_ms;
  const left_ms = since_ms + for_ms + OUTCOME_MS - now_ms;
  if (left_ms > 0) return Math.min(LOOK_EVERY_MS, left_ms);
  return left_ms > -LOOK_EVERY_MS ? OUTCOME_MS : LOOK_EVERY_MS;
}

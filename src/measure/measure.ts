// Evidence in, numbers with their uncertainty out. Pure: the same files give the same numbers for
// ever.
import type { Evidence } from '../evidence/evidence.ts';
import { measureFailback } from './failback/failback.ts';
import type { Measurement } from './measured.ts';
import { costOf } from './journal/cost.ts';
import { exposureOf } from './journal/exposure.ts';
import { fileDoubts, runDoubts, verificationDoubts } from './journal/run-doubts.ts';
import { runFailures } from './journal/run-failures.ts';
import { witnessDoubts } from './journal/witness.ts';
import { measureDivergence } from './loss/divergence.ts';
import { measureLoss } from './loss/store-loss.ts';
import { totalLoss } from './loss/total-loss.ts';
import { against, measured } from './measured.ts';
import { harmFailures } from './operations/harm.ts';
import { evidenceOfSlice } from './operations/slices.ts';
import { measureService } from './service/measure-service.ts';
import { disasterOf } from './timeline.ts';

/** Measures a run. What cannot be measured is null and has a doubt that says why. */
export function measure(evidence: Evidence): Measurement {
  const { plan, events } = evidence;
  const disaster = disasterOf(plan, events);
  const run = measured(
    { cost: costOf(plan, events), exposure: exposureOf(events, disaster) },
    [...fileDoubts(evidence), ...runDoubts(plan, events, disaster), ...witnessDoubts(plan, events)],
    runFailures(events),
  );
  if (disaster === null) {
    const nothing = { recovery: null, loss: null, stores: [], failback: null, divergence: null };
    return { ...nothing, ...run.value, ...against([run]) };
  }
  const drilled = evidenceOfSlice(evidence, 'drill');
  const service = measureService(drilled, disaster);
  const verification = measured(null, verificationDoubts(events), harmFailures(events, disaster));
  const stores = drilled.stores.map((store) => measureLoss(drilled, store, disaster));
  const divergence = measureDivergence(plan, events, disaster);
  const failback = measureFailback(evidence, disaster, service.value.steady);
  return {
    recovery: service.value.recovery,
    loss: totalLoss(stores.map(({ value }) => value)),
    stores: stores.map(({ value }) => value),
    failback: failback.value,
    divergence: divergence.value,
    ...run.value,
    ...against([run, service, verification, ...stores, divergence, failback]),
  };
}

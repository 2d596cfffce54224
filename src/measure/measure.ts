// Evidence in, numbers with their uncertainty out. Pure: the same files give the same numbers for
// ever.
import type { Evidence } from '../evidence/evidence.ts';
import { measureFailback } from './failback/failback.ts';
import { against, measured, type Measurement } from './measured.ts';
import { costOf } from './journal/cost.ts';
import { exposureOf } from './journal/exposure.ts';
import { lastingDoubts } from './operations/lasting.ts';
import { fileDoubts, runDoubts, runFailures, verificationDoubts } from './journal/run-doubts.ts';
import { witnessDoubts } from './journal/witness.ts';
import { measureDivergence } from './loss/divergence.ts';
import { measureLoss, type LossBasis } from './loss/store-loss.ts';
import { totalLoss } from './loss/total-loss.ts';
import { ownDoubts, ownFailures } from './loss/own-failures.ts';
import { harmFailures } from './operations/harm.ts';
import { silenceDoubts } from './operations/silence.ts';
import { nameOf, ofSlice } from './operations/slices.ts';
import { unmetDoubts } from './operations/unmet.ts';
import { unprotectedOf } from './operations/unprotected.ts';
import { measureService } from './service/measure-service.ts';
import { Timeline } from './timeline.ts';

/** Measures a run. What cannot be measured is null and has a doubt that says why. */
export function measure(evidence: Evidence): Measurement {
  const run = new Timeline(evidence.plan, evidence.events);
  const { disaster } = run;
  const files = fileDoubts(evidence, run);
  const whole = measured(
    {
      cost: costOf(run),
      exposure: exposureOf(run),
      unprotected: unprotectedOf(run, ordersIn(evidence)),
      baseline: run.baseline,
    },
    // Where nothing was broken, why is told first: a ledger that was never closed follows from it.
    disaster === null
      ? [...runDoubts(run), ...files, ...witnessDoubts(run)]
      : [...files, ...runDoubts(run), ...witnessDoubts(run)],
    runFailures(run),
  );
  if (disaster === null) {
    const nothing = { recovery: null, loss: null, stores: [], failback: null, divergence: null };
    return { ...nothing, ...whole.value, ...against([whole]) };
  }
  const drilled = ofSlice(evidence, run, 'drill');
  const service = measureService(drilled, run, disaster);
  const lasting = [
    ...silenceDoubts(drilled, run),
    ...lastingDoubts(run),
    ...unmetDoubts(drilled, run),
    ...ownDoubts(run, disaster),
  ];
  const journal = [...lasting, ...verificationDoubts(run)];
  const found = [...harmFailures(run, disaster), ...ownFailures(run, disaster)];
  const verification = measured(null, journal, found);
  const basis: LossBasis = { run, disaster, files, nameOf: (store) => nameOf(store, evidence) };
  const stores = drilled.stores.map((store) => measureLoss(basis, store));
  const divergence = measureDivergence(run, disaster);
  const failback = measureFailback(evidence, basis, service.value.steady);
  return {
    recovery: service.value.recovery,
    loss: totalLoss(stores.map(({ value }) => value)),
    stores: stores.map(({ value }) => value),
    failback: failback.value,
    divergence: divergence.value,
    ...whole.value,
    ...against([whole, service, verification, ...stores, divergence, failback]),
  };
}

/** What a standby of the database may have lacked. */
function ordersIn({ stores }: Evidence) {
  return stores.find(({ store }) => store === 'orders')?.operations ?? null;
}

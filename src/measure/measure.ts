// Evidence in, numbers with their uncertainty out. Pure: the same files give the same numbers for
// ever.
import type { Evidence } from '../evidence/evidence.ts';
import { mergeOperations } from '../evidence/ledger/operations-merge.ts';
import { costOf } from './journal/cost.ts';
import { divergenceDoubts, divergenceFailures, divergenceOf } from './loss/divergence.ts';
import { exposureOf } from './journal/exposure.ts';
import { measureFailback } from './failback/failback.ts';
import { runFailures } from './journal/run-failures.ts';
import { harmFailures, harmOf, withoutHarmed } from './operations/harm.ts';
import { ledgersOf, nameOf } from './operations/ledgers.ts';
import type { Measurement } from './failure.ts';
import type { Doubt, Recovery } from '../drill/measurement.ts';
import { recoveryOf } from './service/recovery.ts';
import { fileDoubts, runDoubts, verificationDoubts } from './journal/run-doubts.ts';
import {
  observationDoubts,
  scheduleDoubts,
  steadyDoubts,
  storeDoubts,
} from './service/schedule-doubts.ts';
import { evidenceOfSlice } from './operations/slices.ts';
import { steadyOf, type Steady } from './service/steady.ts';
import { measureLoss } from './loss/store-loss.ts';
import { disasterOf, steadyWindowOf, type Disaster } from './timeline.ts';
import { totalLoss } from './loss/total-loss.ts';
import { witnessDoubts } from './journal/witness.ts';
import { ofStore } from './words.ts';

/** Measures a run. What cannot be measured is null and has a doubt that says why. */
export function measure(evidence: Evidence): Measurement {
  const { plan, events } = evidence;
  const disaster = disasterOf(plan, events);
  const doubts = [
    ...fileDoubts(evidence),
    ...runDoubts(plan, events, disaster),
    ...witnessDoubts(plan, events),
  ];
  const failures = runFailures(events);
  const aside = { cost: costOf(plan, events), exposure: exposureOf(events, disaster) };
  if (disaster === null) {
    const nothing = { recovery: null, loss: null, stores: [], failback: null, divergence: null };
    return { ...nothing, ...aside, doubts, failures };
  }
  const drilled = evidenceOfSlice(evidence, 'drill');
  const recovery = measureRecovery(drilled, disaster);
  const stores = drilled.stores.map((store) => measureLoss(drilled, store, disaster));
  const divergence = divergenceOf(events);
  const failback = measureFailback(evidence, disaster, recovery.steady);
  return {
    recovery: recovery.value,
    loss: totalLoss(stores),
    stores: stores.map(({ store, loss }) => ({ store, loss })),
    failback: failback.value,
    divergence,
    ...aside,
    doubts: [
      ...doubts,
      ...recovery.doubts,
      ...verificationDoubts(events),
      ...stores.flatMap((each) => each.doubts),
      ...divergenceDoubts(plan, events, disaster, divergence),
      ...failback.doubts,
    ],
    failures: [
      ...failures,
      ...harmFailures(events, disaster),
      ...stores.flatMap((each) => each.failures),
      ...divergenceFailures(divergence),
      ...failback.failures,
    ],
  };
}

interface MeasuredRecovery {
  readonly value: Recovery | null;
  readonly steady: Steady | null;
  readonly doubts: readonly Doubt[];
}

/** As clients see it, who write to all stores. */
function measureRecovery(evidence: Evidence, disaster: Disaster): MeasuredRecovery {
  const { plan, events, stores } = evidence;
  const steadyWindow = steadyWindowOf(events);
  const ledgers = ledgersOf(evidence, 'drill');
  if (ledgers === null) {
    const lacking = stores.filter(({ operations }) => operations === null);
    const doubts = lacking.map(({ store }): Doubt => {
      const reason = ofStore(nameOf(store, evidence), 'There is no readable ledger.');
      return { affects: 'all', reason };
    });
    return { value: null, steady: null, doubts };
  }
  const asSeen = mergeOperations(ledgers.map((ledger) => ledger.operations));
  const operations = withoutHarmed(asSeen, harmOf(events, disaster));
  const from_ms = steadyWindow?.from_ms ?? disaster.started_ms;
  const rules = { sustain: plan.sustain, timeout_ms: plan.workload.timeout_ms };
  const steady = steadyWindow === null ? null : steadyOf(asSeen, steadyWindow, rules);
  const doubts = [
    ...steadyDoubts(evidence, ledgers, steady),
    ...scheduleDoubts(evidence, ledgers, from_ms),
  ];
  if (steady === null || steadyWindow === null) return { value: null, steady, doubts };
  const nodes = ledgers.map((ledger) => ledger.nodes);
  const inputs = { plan, events, operations, asSeen, nodes, disaster, steady, steadyWindow };
  const value = recoveryOf(inputs);
  const watch = { ...disaster, name: 'the disaster' };
  const watched = { ...value, within_ms: value.steady?.within_ms ?? steady.within_ms };
  return {
    value,
    steady,
    doubts: [
      ...doubts,
      ...observationDoubts(evidence, ledgers, watched, watch),
      ...storeDoubts(evidence, ledgers, watched, watch),
    ],
  };
}

// Evidence in, numbers with their uncertainty out. Pure: the same files give the same numbers for
// ever.
import type { Evidence, StoreEvidence } from '../evidence/evidence.ts';
import { mergeOperations } from '../evidence/operations-merge.ts';
import { classify, type Classified } from './classify.ts';
import { fenceFailures, lies, stepFailures } from './failures.ts';
import { lossOf } from './loss.ts';
import { readingDoubts, readingFailure, secondOpinionDoubts } from './loss-doubts.ts';
import type { Doubt, Measurement, Recovery, StoreLoss } from './measurement.ts';
import { recoveryOf } from './recovery.ts';
import { drainDoubts, fileDoubts, runDoubts, verificationDoubts } from './run-doubts.ts';
import { witnessDoubts } from './witness.ts';
import { observationDoubts, scheduleDoubts, steadyDoubts, storeDoubts } from './schedule-doubts.ts';
import { steadyOf } from './steady.ts';
import { disasterOf, steadyWindowOf, type Disaster } from './timeline.ts';
import { totalLoss } from './total-loss.ts';
import { ofStore } from './words.ts';

/** Measures a run. What cannot be measured is null and has a doubt that says why. */
export function measure(evidence: Evidence): Measurement {
  const { events } = evidence;
  const disaster = disasterOf(events);
  const doubts = [
    ...fileDoubts(evidence),
    ...runDoubts(events, disaster),
    ...witnessDoubts(evidence.plan, events),
  ];
  const failures = [...stepFailures(events), ...fenceFailures(events)];
  if (disaster === null) return { recovery: null, loss: null, stores: [], doubts, failures };
  const recovery = measureRecovery(evidence, disaster);
  const stores = evidence.stores.map((store) => measureLoss(evidence, store, disaster));
  return {
    recovery: recovery.value,
    loss: totalLoss(stores),
    stores: stores.map(({ store, loss }) => ({ store, loss })),
    doubts: [
      ...doubts,
      ...recovery.doubts,
      ...verificationDoubts(events),
      ...stores.flatMap((each) => each.doubts),
    ],
    failures: [...failures, ...stores.flatMap((each) => each.failures)],
  };
}

interface MeasuredRecovery {
  readonly value: Recovery | null;
  readonly doubts: readonly Doubt[];
}

/** As clients see it, who write to all stores. */
function measureRecovery(evidence: Evidence, disaster: Disaster): MeasuredRecovery {
  const { plan, events, stores } = evidence;
  const steadyWindow = steadyWindowOf(events);
  const ledgers = stores.flatMap(({ store, header, operations }) => {
    if (header === null || operations === null) return [];
    return [{ store, name: nameOf(store, evidence), operations, nodes: header.nodes }];
  });
  if (ledgers.length < stores.length) {
    const lacking = stores.filter(({ operations }) => operations === null);
    const doubts = lacking.map(({ store }): Doubt => {
      const reason = ofStore(nameOf(store, evidence), 'There is no readable ledger.');
      return { affects: 'all', reason };
    });
    return { value: null, doubts };
  }
  const operations = mergeOperations(ledgers.map((ledger) => ledger.operations));
  const from_ms = steadyWindow?.from_ms ?? disaster.started_ms;
  const rules = { sustain: plan.sustain, timeout_ms: plan.workload.timeout_ms };
  const steady = steadyWindow === null ? null : steadyOf(operations, steadyWindow, rules);
  const doubts = [
    ...steadyDoubts(evidence, ledgers, steady),
    ...scheduleDoubts(evidence, ledgers, from_ms),
  ];
  if (steady === null || steadyWindow === null) return { value: null, doubts };
  const nodes = ledgers.map((ledger) => ledger.nodes);
  const inputs = { plan, events, operations, nodes, disaster, steady, steadyWindow };
  const value = recoveryOf(inputs);
  const observed = observationDoubts(evidence, value, disaster);
  const hidden = storeDoubts(evidence, ledgers, value, disaster);
  return { value, doubts: [...doubts, ...observed, ...hidden] };
}

interface MeasuredLoss extends StoreLoss {
  readonly doubts: readonly Doubt[];
  readonly failures: readonly string[];
}

function measureLoss(evidence: Evidence, from: StoreEvidence, disaster: Disaster): MeasuredLoss {
  const { plan, events } = evidence;
  const { store, header, operations } = from;
  const name = nameOf(store, evidence);
  const doubtful = (reasons: readonly string[]) =>
    reasons.map((reason): Doubt => ({ affects: 'loss', store, reason: ofStore(name, reason) }));
  const classified = classesOf(from);
  const reading = readingDoubts(events, from, classified);
  const doubts = doubtful([...drainDoubts(events, store), ...reading]);
  if (operations === null || header === null || classified === null) {
    return { store, loss: null, doubts, failures: [] };
  }
  const secondMissing = secondMissingOf(evidence, from);
  const targets = store === 'postgres' ? plan.targets : plan.targets.redis;
  const rpo_target_ms = targets?.rpo_ms ?? null;
  const inputs = { plan, header, operations, classified, disaster, rpo_target_ms, secondMissing };
  const loss = lossOf(inputs);
  const isDamaged = fileDoubts(evidence).some(({ affects, store: only = store }) => {
    return affects === 'all' || only === store;
  });
  const isProved = reading.length === 0 && !isDamaged;
  return {
    store,
    loss,
    doubts: [...doubts, ...doubtful(secondOpinionDoubts(loss))],
    failures: isProved ? lies(plan, loss, name) : [],
  };
}

/** Null for the only store, which needs no name. */
function nameOf(
  store: StoreEvidence['store'],
  { stores }: Evidence,
): StoreEvidence['store'] | null {
  return stores.length === 1 ? null : store;
}

/** Why there is no reading of the old disk. */
function secondMissingOf({ plan, events }: Evidence, { store }: StoreEvidence): string {
  const failure = readingFailure(events, store, 'old-primary');
  if (failure !== null) return failure;
  if (store === 'redis' && plan.redis?.appendonly === 'no') {
    return 'Redis kept no append-only file (appendonly: no), so its disk knows nothing';
  }
  return "the old primary's disk was not read";
}

/** The class of every operation of a store; null where that cannot be said. */
export function classesOf({ operations, header, readings }: StoreEvidence): Classified | null {
  return operations === null || header === null ? null : classify(operations, header, readings);
}

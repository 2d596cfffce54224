// Evidence in, numbers with their uncertainty out. Pure: the same files give the same numbers for
// ever.
import type { Evidence } from '../evidence/evidence.ts';
import { classify, type Classified } from './classify.ts';
import { lies, stepFailures } from './failures.ts';
import { lossOf } from './loss.ts';
import { readingDoubts, readingFailure, secondOpinionDoubts } from './loss-doubts.ts';
import type { Doubt, Loss, Measurement, Recovery } from './measurement.ts';
import { recoveryOf } from './recovery.ts';
import { fileDoubts, runDoubts, verificationDoubts } from './run-doubts.ts';
import { observationDoubts, scheduleDoubts, steadyDoubts } from './schedule-doubts.ts';
import { steadyOf } from './steady.ts';
import { disasterOf, steadyWindowOf, type Disaster } from './timeline.ts';

/** Measures a run. What cannot be measured is null and has a doubt that says why. */
export function measure(evidence: Evidence): Measurement {
  const { events } = evidence;
  const disaster = disasterOf(events);
  const doubts = [...fileDoubts(evidence), ...runDoubts(events, disaster)];
  const failures = stepFailures(events);
  if (disaster === null) return { recovery: null, loss: null, doubts, failures };
  const recovery = measureRecovery(evidence, disaster);
  const loss = measureLoss(evidence, disaster);
  return {
    recovery: recovery.value,
    loss: loss.value,
    doubts: [...doubts, ...recovery.doubts, ...loss.doubts],
    failures: [...failures, ...loss.failures],
  };
}

interface Measured<T> {
  readonly value: T | null;
  readonly doubts: readonly Doubt[];
}

function measureRecovery(evidence: Evidence, disaster: Disaster): Measured<Recovery> {
  const { plan, events, header, operations } = evidence;
  const steadyWindow = steadyWindowOf(events);
  if (operations === null || header === null) {
    return { value: null, doubts: [{ affects: 'all', reason: 'There is no readable ledger.' }] };
  }
  const from_ms = steadyWindow?.from_ms ?? disaster.started_ms;
  const rules = { sustain: plan.sustain, timeout_ms: plan.workload.timeout_ms };
  const steady = steadyWindow === null ? null : steadyOf(operations, steadyWindow, rules);
  const doubts = [
    ...steadyDoubts(plan, events, steady),
    ...scheduleDoubts(plan, events, operations, from_ms),
  ];
  if (steady === null || steadyWindow === null) return { value: null, doubts };
  const inputs = { plan, events, header, operations, disaster, steady, steadyWindow };
  const value = recoveryOf(inputs);
  return { value, doubts: [...doubts, ...observationDoubts(plan, events, value, disaster)] };
}

function measureLoss(
  evidence: Evidence,
  disaster: Disaster,
): Measured<Loss> & { readonly failures: readonly string[] } {
  const { plan, events, header, operations, readings } = evidence;
  const isReadable = operations !== null && header !== null;
  const classified = isReadable ? classify(operations, header, readings) : null;
  const reading = readingDoubts(evidence, classified);
  const doubts = [...verificationDoubts(events), ...reading];
  if (!isReadable || classified === null) return { value: null, doubts, failures: [] };
  const secondMissing =
    readingFailure(evidence, 'old-primary') ?? "the old primary's disk was not read";
  const value = lossOf({ plan, header, operations, classified, disaster, secondMissing });
  const isProved = reading.length === 0 && fileDoubts(evidence).length === 0;
  return {
    value,
    doubts: [...doubts, ...secondOpinionDoubts(value)],
    failures: isProved ? lies(plan, value) : [],
  };
}

/** The class of every operation, for the export of the ledger; null where that cannot be said. */
export function classesOf({ operations, header, readings }: Evidence): Classified | null {
  return operations === null || header === null ? null : classify(operations, header, readings);
}

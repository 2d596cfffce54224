// The loss of one store in the drill itself, with the reasons to doubt it and the violations it
// proves.
import type { Plan } from '../../drill/plan/plan.ts';
import type { RunEvent } from '../../evidence/event.ts';
import type { Evidence, StoreEvidence } from '../../evidence/evidence.ts';
import type { LedgerHeader } from '../../evidence/ledger/ledger.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import { classify, DRILL_SIGHTS, type Classified } from './classify.ts';
import { integrityFailures } from './integrity.ts';
import { measuredOfStore, type Measured } from '../measured.ts';
import { harmOf } from '../operations/harm.ts';
import { lossOf } from './loss.ts';
import { countOfDrill, readingDoubts, readingFailure, secondOpinionDoubts } from './loss-doubts.ts';
import type { StoreLoss } from '../../drill/measurement.ts';
import { drainDoubts, fileDoubts } from '../journal/run-doubts.ts';
import { SIDE, sidesOf } from './sides.ts';
import { nameOf } from '../operations/ledgers.ts';
import type { Disaster } from '../timeline.ts';

/** `evidence` has the operations of the drill only. */
export function measureLoss(
  evidence: Evidence,
  from: StoreEvidence,
  disaster: Disaster,
): Measured<StoreLoss> {
  const { plan, events } = evidence;
  const { store, header, operations } = from;
  const name = nameOf(store, evidence);
  const classified = classesOfDrill(evidence, from, disaster);
  const count = countOfDrill(plan, events, disaster, from);
  const reading = readingDoubts(events, from, classified, count);
  const reasons = [...drainDoubts(events, store, 'drill'), ...reading];
  if (operations === null || header === null || classified === null) {
    return measuredOfStore(store, name, null, reasons);
  }
  const targets = store === 'orders' ? plan.targets : plan.targets.redis;
  const loss = lossOf({
    plan,
    header,
    operations,
    classified,
    disaster,
    rpo_target_ms: targets?.rpo_ms ?? null,
    mistake_ms: harmOf(events, disaster)?.harmed_ms ?? null,
    secondMissing: secondMissingOf(evidence, from, disaster),
  });
  const isProved = reading.length === 0 && !isDamaged(evidence, store);
  const failures = isProved ? integrityFailures(plan, loss) : [];
  return measuredOfStore(store, name, loss, [...reasons, ...secondOpinionDoubts(loss)], failures);
}

/** With its files damaged, nothing that a store's count shows is proved. */
export function isDamaged(evidence: Evidence, store: StoreEvidence['store']): boolean {
  return fileDoubts(evidence).some(({ affects, store: only = store }) => {
    return affects === 'all' || only === store;
  });
}

/** Why there is no reading of the old disk. */
function secondMissingOf(
  { plan, events }: Evidence,
  { store }: StoreEvidence,
  { effect, region }: Disaster,
): string {
  if (effect.disks === 'destroyed') {
    return `the disks of region ${region} were destroyed`;
  }
  const failure = readingFailure(events, store, 'old-primary');
  if (failure !== null) return failure;
  if (store === 'carts' && plan.redis?.appendonly === 'no') {
    return 'Redis kept no append-only file (appendonly: no), so its disk knows nothing';
  }
  return "the old primary's disk was not read";
}

/** The class of every operation of the drill; null where that cannot be said. */
export function classesOfDrill(
  { plan, events }: Pick<Evidence, 'plan' | 'events'>,
  { operations, header, readings }: StoreEvidence,
  disaster: Disaster | null,
): Classified | null {
  if (operations === null || header === null) return null;
  const isUndone = undoneBy(plan, events, operations, header, disaster);
  return classify({ operations, header, readings, sights: DRILL_SIGHTS, isUndone });
}

/**
 * A restore to the point before a mistake undoes what committed after it in the database that the
 * mistake was made in: no write that was acknowledged before the mistake began to commit, and any
 * that was acknowledged later may be one. What the restored one acknowledged it has to keep.
 */
function undoneBy(
  plan: Plan,
  events: readonly RunEvent[],
  operations: Operations,
  header: LedgerHeader,
  disaster: Disaster | null,
): (row: number) => boolean {
  const harm = disaster === null ? null : harmOf(events, disaster);
  if (disaster === null || harm === null) return () => false;
  if (plan.recover.with !== 'restore-to-point') return () => false;
  const sides = sidesOf(operations, header, disaster);
  return (row) => sides[row] === SIDE.old && operations.done_ms[row]! > harm.harmed_ms;
}

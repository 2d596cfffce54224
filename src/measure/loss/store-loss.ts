// The loss of one store in the drill itself, with its doubts and the violations it proves.
import type { Doubt, StoreLoss } from '../../drill/measurement.ts';
import type { StoreRole } from '../../drill/plan/plan.ts';
import type { StoreEvidence } from '../../evidence/evidence.ts';
import { drainDoubts } from '../journal/run-doubts.ts';
import { measuredOfStore, type Measured } from '../measured.ts';
import { harmOf } from '../operations/harm.ts';
import type { Disaster, Timeline } from '../timeline.ts';
import { classify, DRILL_SIGHTS, type Classified } from './classify.ts';
import { countOfDrill, readingDoubts, readingFailure, secondOpinionDoubts } from './loss-doubts.ts';
import { integrityFailures, lossOf } from './loss.ts';
import { SIDE, sidesOf } from './sides.ts';

export interface LossBasis {
  readonly run: Timeline;
  readonly disaster: Disaster;
  /** What is wrong with the files of the run. */
  readonly files: readonly Doubt[];
  /** The name of a store in sentences; null where it is the only one. */
  readonly nameOf: (store: StoreRole) => StoreRole | null;
}

/** `from` has the operations of the drill only. */
export function measureLoss(basis: LossBasis, from: StoreEvidence): Measured<StoreLoss> {
  const { run, disaster } = basis;
  const { plan } = run;
  const { store, header, operations } = from;
  const name = basis.nameOf(store);
  const classified = classesOfDrill(run, from);
  const reading = readingDoubts(run, from, classified, countOfDrill(run, disaster, from));
  const reasons = [...drainDoubts(run, store, 'drill'), ...reading];
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
    mistake_ms: harmOf(run, disaster)?.harmed_ms ?? null,
    secondMissing: secondMissingOf(run, store, disaster),
  });
  const isProved = reading.length === 0 && !isDamaged(basis, store);
  const failures = isProved ? integrityFailures(plan, loss) : [];
  return measuredOfStore(store, name, loss, [...reasons, ...secondOpinionDoubts(loss)], failures);
}

/** With its files damaged, nothing that a store's count shows is proved. */
export function isDamaged({ files }: LossBasis, store: StoreRole): boolean {
  return files.some(({ affects, store: only = store }) => affects === 'all' || only === store);
}

/** Why there is no reading of the old disk. */
function secondMissingOf(run: Timeline, store: StoreRole, { effect, region }: Disaster): string {
  if (effect.disks === 'destroyed') return `the disks of region ${region} were destroyed`;
  const failure = readingFailure(run, store, 'old-primary');
  if (failure !== null) return failure;
  if (store === 'carts' && run.plan.redis?.appendonly === 'no') {
    return 'Redis kept no append-only file (appendonly: no), so its disk knows nothing';
  }
  return "the old primary's disk was not read";
}

/** The class of every operation of the drill; null where that cannot be said. */
export function classesOfDrill(run: Timeline, from: StoreEvidence): Classified | null {
  const { operations, header, readings } = from;
  if (operations === null || header === null) return null;
  const isUndone = undoneIn(run, from);
  return classify({ operations, header, readings, sights: DRILL_SIGHTS, isUndone });
}

/**
 * A restore to the point before a mistake undoes what committed after it in the database that the
 * mistake was made in: no write that was acknowledged before the mistake began to commit, and any
 * that was acknowledged later may be one. What the restored one acknowledged it has to keep.
 */
function undoneIn(run: Timeline, { operations, header }: StoreEvidence): (row: number) => boolean {
  const { disaster, plan } = run;
  const harm = disaster && harmOf(run, disaster);
  if (harm === null || plan.recover.with !== 'restore-to-point') return () => false;
  const sides = sidesOf(operations!, header!, disaster!);
  return (row) => sides[row] === SIDE.old && operations!.done_ms[row]! > harm.harmed_ms;
}

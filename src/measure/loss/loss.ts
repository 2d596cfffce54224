// What became of every write: counts per outcome and class, and how far back the loss reaches.
import type { Plan } from '../../drill/plan/plan.ts';
import type { LedgerHeader } from '../../evidence/ledger/ledger.ts';
import { OPERATION_FLAG, OPERATION_KIND, OUTCOME } from '../../evidence/ledger/operation.ts';
import type { Operations, Outcome } from '../../evidence/ledger/operation.ts';
import { countClasses, idOf, rowsOf, type Classified } from './classify.ts';
import type { Id, Loss } from '../../drill/measurement.ts';
import { recoveryPointOf } from './recovery-point.ts';
import { secondOpinionOf } from './second-opinion.ts';
import { SIDE, sidesOf, splitBrainOf } from './sides.ts';
import type { Disaster } from '../timeline.ts';

interface LossInputs {
  readonly plan: Plan;
  readonly header: LedgerHeader;
  readonly operations: Operations;
  readonly classified: Classified;
  readonly disaster: Disaster;
  /** Null where the file states none. */
  readonly rpo_target_ms: number | null;
  /** When an operator's mistake committed; null: there was none. */
  readonly mistake_ms: number | null;
  /** Why there is no reading of the old disk. */
  readonly secondMissing: string;
}

export const LOST_IDS_MAX = 20;
const VIOLATION_IDS_MAX = 5;
const EVIDENCE_WINDOW_MS = 1000;
/** Classes that are integrity violations: no service may ever have a write in one of them. */
export const VIOLATIONS = ['unexpected', 'corrupt', 'duplicated', 'diverged'] as const;

export function lossOf(inputs: LossInputs): Loss {
  const { plan, header, operations, classified, disaster, secondMissing } = inputs;
  const sides = sidesOf(operations, header, disaster);
  const isActiveActive = plan.strategy === 'active-active';
  const split = isActiveActive
    ? { certain: 0, possible: 0 }
    : splitBrainOf(operations, sides, disaster.started_ms);
  const byAcknowledgement = (a: number, b: number) =>
    operations.done_ms[a]! - operations.done_ms[b]! ||
    operations.writer[a]! - operations.writer[b]! ||
    operations.sequence[a]! - operations.sequence[b]!;
  const lost = rowsOf(classified, 'lost').sort(byAcknowledgement);
  const lostByOld = lost.filter((row) => isActiveActive || sides[row] !== SIDE.new);
  const late = rowsOf(classified, 'late');
  const survived = (row: number) => classified.present[row]! > 0;
  const point = (rows: readonly number[]) => recoveryPointOf(operations, rows, survived, disaster);
  // What a mistake had deleted before is missing from the old disk for that reason.
  const owed = lostByOld.filter(
    (row) => operations.sent_ms[row]! > (inputs.mistake_ms ?? -Infinity),
  );
  const second = secondOpinionOf(operations, classified, owed);
  return {
    outcomes: countOutcomes(operations),
    classes: countClasses(classified),
    split_brain: split.certain,
    split_brain_possible: split.possible,
    lost_bytes: lost.length * header.payload_bytes,
    rpo: point([...lostByOld, ...late]),
    rpo_after_return_ms: classified.hasReturned ? point(lostByOld).value : null,
    lost_after_recovery: lost.length - lostByOld.length,
    lost_ids: lost.slice(0, LOST_IDS_MAX).map((row) => idOf(operations, row)),
    violation_ids: violationIds(operations, classified),
    second,
    second_missing: second === null ? secondMissing : null,
    wrong_reads: countWrongReads(operations),
    acknowledged_before: acknowledgedBefore(operations, disaster, inputs.rpo_target_ms ?? 0),
  };
}

function countOutcomes({ count, kind, outcome }: Operations): Record<Outcome, number> {
  const counts = { acknowledged: 0, refused: 0, unknown: 0, unsent: 0 };
  const names = Object.keys(counts) as Outcome[];
  for (let row = 0; row < count; row++) {
    if (kind[row] === OPERATION_KIND.read) continue;
    for (const name of names) if (outcome[row] === OUTCOME[name]) counts[name]++;
  }
  return counts;
}

function countWrongReads({ count, kind, flags }: Operations): number {
  let wrong = 0;
  for (let row = 0; row < count; row++) {
    if (kind[row] !== OPERATION_KIND.read) continue;
    if ((flags[row]! & OPERATION_FLAG.wrong_read) !== 0) wrong++;
  }
  return wrong;
}

function acknowledgedBefore(
  { count, kind, outcome, done_ms }: Operations,
  { started_ms }: Disaster,
  target_ms: number,
): number {
  const from = started_ms - Math.max(EVIDENCE_WINDOW_MS, target_ms);
  let found = 0;
  for (let row = 0; row < count; row++) {
    if (!isWriteOfClients(kind[row]!) || outcome[row] !== OUTCOME.acknowledged) continue;
    if (done_ms[row]! >= from && done_ms[row]! <= started_ms) found++;
  }
  return found;
}

function isWriteOfClients(kind: number): boolean {
  return kind === OPERATION_KIND.write || kind === OPERATION_KIND.update;
}

function violationIds(operations: Operations, classified: Classified): Loss['violation_ids'] {
  const order = (a: Id, b: Id) => a.writer - b.writer || a.sequence - b.sequence;
  const entries = VIOLATIONS.map((name) => {
    const ids = rowsOf(classified, name).map((row) => idOf(operations, row));
    if (name === 'unexpected') ids.push(...classified.unexpected);
    return [name, ids.sort(order).slice(0, VIOLATION_IDS_MAX)] as const;
  });
  return Object.fromEntries(entries.filter(([, ids]) => ids.length > 0));
}

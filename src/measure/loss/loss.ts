// What became of every write: counts per outcome and class, how far back the loss reaches, and
// which side acknowledged what.
import { writesOwnTable } from '../../drill/attached/clients.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { LedgerHeader } from '../../evidence/ledger/ledger.ts';
import { OPERATION_FLAG, OPERATION_KIND, OUTCOME } from '../../evidence/ledger/operation.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import { countClasses, idOf, rowsOf, type Classified } from './classify.ts';
import type { Id, Interval, Loss, SecondOpinion } from '../../drill/measurement.ts';
import { ceilGrain, floorGrain } from '../grain.ts';
import { countRows, spansOf } from '../operations/schedule.ts';
import type { Failure } from '../measured.ts';
import { counted, writeId, writeIds } from '../words.ts';
import { SIDE, sidesOf, splitBrain, type Nameless, type Struck } from './sides.ts';

interface LossInputs {
  readonly plan: Plan;
  readonly header: LedgerHeader;
  readonly operations: Operations;
  readonly classified: Classified;
  readonly disaster: Struck;
  /** Null where the file states none. */
  readonly rpo_target_ms: number | null;
  /** When an operator's mistake committed; null: there was none. */
  readonly mistake_ms: number | null;
  /** When the new side took a write of drill's own that no ledger has; null: nobody tried. */
  readonly taken_ms: number | null;
  /** Null: answers name the server. */
  readonly nameless: Nameless | null;
  /** Why there is no reading of the old disk; null: there is none to ask. */
  readonly secondMissing: string | null;
}

export const LOST_IDS_MAX = 20;
const VIOLATION_IDS_MAX = 5;
const EVIDENCE_WINDOW_MS = 1000;
/** Classes that are integrity violations: no service may ever have a write in one of them. */
const VIOLATIONS = ['unexpected', 'corrupt', 'duplicated', 'diverged'] as const;
const WORDS: Readonly<Record<(typeof VIOLATIONS)[number], string>> = {
  unexpected: 'present although refused or never sent',
  corrupt: 'present with a payload that no client sent',
  duplicated: 'present more than once',
  diverged: 'not the same in two serving databases, or wiped out of a shared row',
};

export function lossOf(inputs: LossInputs): Loss {
  const { plan, header, operations, classified, disaster, secondMissing } = inputs;
  const sides = sidesOf(operations, header, disaster);
  const isActiveActive = plan.strategy === 'active-active';
  const { taken_ms, nameless } = inputs;
  const split = isActiveActive
    ? { certain: 0, possible: 0, missing: null }
    : splitBrain(operations, sides, {
        from_ms: disaster.started_ms,
        taken_ms,
        classified,
        nameless,
      });
  const byAcknowledgement = (a: number, b: number) =>
    operations.done_ms.at(a) - operations.done_ms.at(b) ||
    operations.writer.at(a) - operations.writer.at(b) ||
    operations.sequence.at(a) - operations.sequence.at(b);
  const lost = rowsOf(classified, 'lost').sort(byAcknowledgement);
  const lostByOld = lost.filter((row) => isActiveActive || sides[row] !== SIDE.new);
  const late = rowsOf(classified, 'late');
  const survived = (row: number) => classified.present[row]! > 0;
  // No answer names a server: an old one took it that was none any more, or nobody did.
  const since_ms = taken_ms ?? Infinity;
  const lostSince = lost.filter((row) => {
    return sides[row] === SIDE.nobody && operations.sent_ms.at(row) > since_ms;
  });
  const point = (rows: readonly number[]) => recoveryPointOf(operations, rows, survived, disaster);
  // What a mistake had deleted before is missing from the old disk for that reason.
  const owed = lostByOld.filter(
    (row) => operations.sent_ms.at(row) > (inputs.mistake_ms ?? -Infinity),
  );
  // A server that lived was read at some moment, and took writes after that.
  const isDead = plan.attached === undefined;
  const second = secondOpinionOf(operations, classified, isDead ? owed : []);
  const isRead = (row: number) => operations.kind.at(row) === OPERATION_KIND.read;
  const written = new Float64Array(Object.keys(OUTCOME).length);
  for (let row = 0; row < operations.count; row++) {
    if (!isRead(row)) written[operations.outcome.at(row)]!++;
  }
  return {
    outcomes: {
      acknowledged: written[OUTCOME.acknowledged]!,
      refused: written[OUTCOME.refused]!,
      unknown: written[OUTCOME.unknown]!,
      unsent: written[OUTCOME.unsent]!,
    },
    classes: countClasses(classified),
    split_brain: split.certain,
    split_brain_possible: split.possible,
    split_brain_missing: split.missing,
    lost_bytes: lost.length * header.payload_bytes,
    rpo: point([...lostByOld, ...late]),
    rpo_after_return_ms: classified.hasReturned ? point(lostByOld).value : null,
    lost_after_recovery: lost.length - lostByOld.length + lostSince.length,
    lost_ids: lost.slice(0, LOST_IDS_MAX).map((row) => idOf(operations, row)),
    violation_ids: violationIds(operations, classified),
    second,
    second_missing: second === null ? secondMissing : null,
    wrong_reads: countRows(
      operations,
      (row) => isRead(row) && (operations.flags.at(row) & OPERATION_FLAG.wrong_read) !== 0,
    ),
    acknowledged_before: acknowledgedBefore(operations, disaster, inputs.rpo_target_ms ?? 0),
  };
}

function acknowledgedBefore(
  operations: Operations,
  { started_ms }: Struck,
  target_ms: number,
): number {
  const { kind, outcome, done_ms } = operations;
  const from = started_ms - Math.max(EVIDENCE_WINDOW_MS, target_ms);
  let found = 0;
  // A little more than asked for, since the end of a span is left out.
  for (const [first, end] of spansOf(operations, done_ms, from, started_ms + 1)) {
    for (let row = first; row < end; row++) {
      const isOfClients =
        kind.at(row) === OPERATION_KIND.write || kind.at(row) === OPERATION_KIND.update;
      const isInTime = done_ms.at(row) >= from && done_ms.at(row) <= started_ms;
      if (isOfClients && isInTime && outcome.at(row) === OUTCOME.acknowledged) found++;
    }
  }
  return found;
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

/**
 * How far back data was lost: from the acknowledgement of the oldest lost write to the fault, or to
 * the newest lost one if that came later. Its upper bound reaches back to the newest survivor
 * acknowledged before the oldest lost write; where nothing older survived, to the first send of
 * all, since there was no data before it. `lost` are rows; 0 without any.
 */
function recoveryPointOf(
  operations: Operations,
  lost: readonly number[],
  survived: (row: number) => boolean,
  disaster: Struck,
): Interval {
  if (lost.length === 0) return { value: 0, low: 0, high: 0 };
  const { count, kind, outcome, sent_ms, done_ms } = operations;
  let oldest = Infinity;
  let newest = -Infinity;
  for (const row of lost) {
    oldest = Math.min(oldest, done_ms.at(row));
    newest = Math.max(newest, done_ms.at(row));
  }
  let firstSend = Infinity;
  let lastSurvivor = -Infinity;
  for (let row = 0; row < count; row++) {
    if (kind.at(row) === OPERATION_KIND.read) continue;
    if (sent_ms.at(row) < firstSend) firstSend = sent_ms.at(row);
    if (outcome.at(row) !== OUTCOME.acknowledged || done_ms.at(row) >= oldest) continue;
    if (survived(row)) lastSurvivor = Math.max(lastSurvivor, done_ms.at(row));
  }
  const value = ceilGrain(Math.max(disaster.started_ms, newest)) - floorGrain(oldest);
  const back = lastSurvivor === -Infinity ? firstSend : lastSurvivor;
  const high = ceilGrain(Math.max(disaster.injected_ms, newest)) - floorGrain(back);
  return { value, low: value, high: Math.max(value, high) };
}

/**
 * What the old primary's own disk says: what exists only there must be lost or unknown, and what is
 * lost must be there. `lost` are the rows that the old side had acknowledged. Null without a
 * reading of that disk.
 */
function secondOpinionOf(
  operations: Operations,
  { present, unexpected, oldPrimary }: Classified,
  lost: readonly number[],
): SecondOpinion | null {
  if (oldPrimary === null) return null;
  const servingUnexpected = new Set(unexpected.map(writeId));
  const onlyUnexpected = oldPrimary.unexpected.filter((id) => !servingUnexpected.has(writeId(id)));
  let only_old = onlyUnexpected.length;
  let unexplained = onlyUnexpected.length;
  let unknown = 0;
  for (let row = 0; row < operations.count; row++) {
    if (oldPrimary.copies[row] === 0 || present[row]! > 0) continue;
    only_old++;
    const outcome = operations.outcome.at(row);
    if (outcome === OUTCOME.unknown) unknown++;
    else if (outcome !== OUTCOME.acknowledged) unexplained++;
  }
  const never_durable = lost.filter((row) => oldPrimary.copies[row] === 0).length;
  return { only_old, unknown, agrees: unexplained === 0, unexplained, never_durable };
}

/** What no service may do. It is proved by sound readings only. */
export function integrityFailures(plan: Plan, loss: Loss): Failure[] {
  const found = VIOLATIONS.filter((name) => {
    const isAllowed = name === 'duplicated' && plan.targets.duplicates === 'allow';
    return loss.classes[name] > 0 && !isAllowed;
  }).map((name): Failure => {
    const total = loss.classes[name];
    const verb = total === 1 ? 'is' : 'are';
    const ids = writeIds(loss.violation_ids[name]!, total);
    const text = `${counted(total, 'write')} ${verb} ${WORDS[name]}: ${ids}.`;
    return { code: `write-${name}`, text };
  });
  if (loss.lost_after_recovery > 0) {
    const writes = counted(loss.lost_after_recovery, 'write');
    const clients = plan.attached?.clients;
    const who =
      clients === undefined || writesOwnTable(clients)
        ? 'acknowledged by the new side after the recovery'
        : 'acknowledged once another server had taken over';
    const text = `${writes} ${who} went missing.`;
    found.push({ code: 'write-lost-after-recovery', text });
  }
  return found;
}

// What became of the writes of one store in the failback: of those that were there at the first cut
// and of all since, as the database that serves after it has them. The class of every operation in
// a ledger, for its export, is that of both counts.
import { CLASS_NAMES, ZERO_LOSS_WRITES_MIN } from '../../drill/measurement.ts';
import type { ClassName, Id, Loss, StoreLoss } from '../../drill/measurement.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { Evidence, StoreEvidence } from '../../evidence/evidence.ts';
import { OUTCOME } from '../../evidence/ledger/operation.ts';
import { drainDoubts } from '../journal/run-doubts.ts';
import { classify, FAILBACK_SIGHTS, NO_CLASS, type Classified } from '../loss/classify.ts';
import { integrityFailures, lossOf } from '../loss/loss.ts';
import {
  classesOfDrill,
  isDamaged,
  namelessIn,
  readingDoubts,
  type Count,
  type LossBasis,
} from '../loss/store-loss.ts';
import { doubts, measuredOfStore, type Measured, type Failure } from '../measured.ts';
import { selectRows, sliceOf } from '../operations/slices.ts';
import { Timeline } from '../timeline.ts';
import { counted, writeId, writeIds } from '../words.ts';

const COUNT: Count = { slice: 'failback', main: 'after-failback', due: [], others: [] };
const IDS_SHOWN = 5;
const SECOND_MISSING = 'a planned move of service leaves no dead disk to ask';

/** `from` has all operations; service began to move away from `region` at `started_ms`. */
export function measureFailbackLoss(
  basis: LossBasis,
  from: StoreEvidence,
  start: { readonly region: string; readonly started_ms: number },
): Measured<StoreLoss> {
  const { run } = basis;
  const { plan } = run;
  const { store, header, operations } = from;
  const name = basis.nameOf(store);
  const first = firstCount(run, from);
  const classified = classesAfter(from);
  const reading = readingDoubts(run, from, classified, COUNT);
  const reasons = [...drainDoubts(run, store, 'failback'), ...reading];
  if (operations === null || header === null || classified === null || first === null) {
    return measuredOfStore(store, name, null, reasons);
  }
  const isCounted = (row: number) =>
    first.wasThere(row) ||
    first.isLater(row) ||
    (isDenied(operations.outcome.at(row)) && classified.present[row]! > 0);
  const owed = selectRows(operations, isCounted);
  const loss = lossOf({
    plan,
    header,
    operations: owed.operations,
    classified: narrowed(classified, owed.rows),
    disaster: { ...start, injected_ms: start.started_ms },
    rpo_target_ms: null,
    mistake_ms: null,
    taken_ms: null,
    nameless: namelessIn(
      run,
      { store, reading: COUNT.main, region: start.region },
      start.started_ms,
    ),
    secondMissing: SECOND_MISSING,
  });
  const isProved = reading.length === 0 && !isDamaged(basis, store);
  const failures = isProved ? failbackFailures(plan, loss) : [];
  const more = [
    ...continuityDoubts(plan, from, first, classified),
    ...thinDoubts(loss),
    ...splitDoubts(loss),
  ];
  return measuredOfStore(store, name, loss, [...reasons, ...doubts('loss', more)], failures);
}

/** Certainly not there, as the reply or the lack of a request says. */
function isDenied(outcome: number): boolean {
  return outcome === OUTCOME.refused || outcome === OUTCOME.unsent;
}

/** What the first count says of each row of the whole ledger. */
interface FirstCount {
  readonly isLater: (row: number) => boolean;
  readonly wasThere: (row: number) => boolean;
}

function firstCount(run: Timeline, from: StoreEvidence): FirstCount | null {
  const { operations } = from;
  const resumed_ms = run.resume(from.store)?.scheduled_from_ms ?? Infinity;
  const classified = classesAtCut(run, from);
  if (operations === null || classified === null) return null;
  const isLater = (row: number) => operations.scheduled_ms.at(row) >= resumed_ms;
  const there = new Uint8Array(operations.count);
  let at = 0;
  for (let row = 0; row < operations.count; row++) {
    if (!isLater(row)) there[row] = classified.presentLast[at++]!;
  }
  return { isLater, wasThere: (row) => there[row]! > 0 };
}

/** The classes of the drill's own operations, by the first count. */
function classesAtCut(run: Timeline, from: StoreEvidence): Classified | null {
  return classesOfDrill(run, { ...from, operations: sliceOf(run, from, 'drill') });
}

/** The classes by what the database holds after the failback. */
function classesAfter({ operations, readings }: StoreEvidence): Classified | null {
  if (operations === null) return null;
  const sights = FAILBACK_SIGHTS;
  return classify({ operations, readings, sights, isUndone: () => false });
}

function narrowed(classified: Classified, rows: Uint32Array): Classified {
  const pick = (of: Uint8Array) => Uint8Array.from(rows, (row) => of[row]!);
  return {
    ...classified,
    classes: pick(classified.classes),
    present: pick(classified.present),
    presentLast: pick(classified.presentLast),
    oldPrimary: null,
  };
}

/**
 * Writes that nobody was promised, which come or go: then the database that serves now is not the
 * one that served at the cut. A standby that was never rewound shows like this.
 */
function continuityDoubts(
  { strategy }: Plan,
  { operations }: StoreEvidence,
  { isLater, wasThere }: FirstCount,
  { present }: Classified,
): string[] {
  const { count, outcome } = operations!;
  let came = 0;
  let went = 0;
  for (let row = 0; row < count; row++) {
    // A read is in no database: it neither comes nor goes.
    if (isLater(row) || isDenied(outcome.at(row))) continue;
    const isThere = present[row]! > 0;
    if (isThere && !wasThere(row)) came++;
    if (!isThere && wasThere(row) && outcome.at(row) === OUTCOME.unknown) went++;
  }
  const reasons: string[] = [];
  // A region that serves again brings back what only it had.
  if (came > 0 && strategy !== 'active-active') {
    reasons.push(`${counted(came, 'write')} that had been gone at the cut came back with it.`);
  }
  if (went > 0) {
    reasons.push(`${counted(went, 'unanswered write')} that had been there at the cut went away.`);
  }
  return reasons;
}

/** Zero loss is no more than what was there to be lost. */
function thinDoubts({ classes, acknowledged_before }: Loss): string[] {
  if (classes.lost > 0 || acknowledged_before >= ZERO_LOSS_WRITES_MIN) return [];
  const writes = counted(acknowledged_before, 'write');
  const needed = `${ZERO_LOSS_WRITES_MIN} are needed to say that nothing was lost`;
  return [`Only ${writes} acknowledged just before the move; ${needed}.`];
}

function splitDoubts({ split_brain_missing: missing }: Loss): string[] {
  return missing === null ? [] : [`Split-brain writes of the failback are not known: ${missing}.`];
}

/** Nothing at all may be lost in a failback, by whichever side. */
function failbackFailures(plan: Plan, loss: Loss): Failure[] {
  const found = integrityFailures(plan, { ...loss, lost_after_recovery: 0 });
  const { lost } = loss.classes;
  if (lost > 0) {
    const what = `${counted(lost, 'acknowledged write')} ${lost === 1 ? 'was' : 'were'} lost in it`;
    const text = `${what}: ${writeIds(loss.lost_ids.slice(0, IDS_SHOWN), lost)}.`;
    found.push({ code: 'write-lost-in-failback', text });
  }
  if (loss.split_brain > plan.targets.split_brain) {
    const writes = counted(loss.split_brain, 'write');
    const text = `${writes} acknowledged by the old side after the new one began.`;
    found.push({ code: 'split-brain-in-failback', text });
  }
  return found;
}

/** What the second count can find wrong with a write that was there, and fine, at the first one. */
const HARMS: readonly ClassName[] = ['corrupt', 'duplicated', 'diverged', 'lost'];

interface LedgerClasses {
  /** Index into CLASS_NAMES by operation row; NO_CLASS for reads, and where nobody can say. */
  readonly classes: Uint8Array;
  readonly unexpected: readonly Id[];
  readonly isWhole: boolean;
}

/**
 * The class of every operation of a store: of the drill by the first count, of the failback by the
 * second, and what was fine at the first and is harmed at the second by what harmed it. Null
 * without a first count.
 */
export function classesOf(whole: Evidence, from: StoreEvidence): LedgerClasses | null {
  const run = new Timeline(whole.plan, whole.events);
  const first = classesAtCut(run, from);
  const resume = run.resume(from.store);
  if (first === null || resume === undefined) return first && { ...first, isWhole: true };
  const second = classesAfter(from);
  const { count, scheduled_ms } = from.operations!;
  const classes = new Uint8Array(count).fill(NO_CLASS);
  let at = 0;
  for (let row = 0; row < count; row++) {
    const after = second?.classes[row] ?? NO_CLASS;
    if (scheduled_ms.at(row) >= resume.scheduled_from_ms) {
      classes[row] = after;
      continue;
    }
    const name = CLASS_NAMES[after]!;
    const isHarmed = name === 'unexpected' || (first.presentLast[at]! > 0 && HARMS.includes(name));
    classes[row] = isHarmed ? after : first.classes[at]!;
    at++;
  }
  const unexpected = new Map(
    [...first.unexpected, ...(second?.unexpected ?? [])].map((id) => [writeId(id), id]),
  );
  return { classes, unexpected: [...unexpected.values()], isWhole: second !== null };
}

// The class of every operation in a ledger, for its export: of both counts, where there are two.
import { CLASS_NAMES, type ClassName, type Id } from '../../drill/measurement.ts';
import type { Evidence, StoreEvidence } from '../../evidence/evidence.ts';
import { NO_CLASS } from '../loss/classify.ts';
import { classesOfDrill } from '../loss/store-loss.ts';
import { sliceOf } from '../operations/slices.ts';
import { Timeline } from '../timeline.ts';
import { writeId } from '../words.ts';
import { classesAfter } from './failback-loss.ts';

/** What the second count can find wrong with a write that was fine at the first one. */
const HARMS: readonly ClassName[] = ['unexpected', 'corrupt', 'duplicated', 'diverged', 'lost'];

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
  const first = classesOfDrill(run, { ...from, operations: sliceOf(run, from, 'drill') });
  const resume = run.resume(from.store);
  if (first === null || resume === undefined) return first && { ...first, isWhole: true };
  const second = classesAfter(from);
  const { count, scheduled_ms } = from.operations!;
  const classes = new Uint8Array(count).fill(NO_CLASS);
  let at = 0;
  for (let row = 0; row < count; row++) {
    const after = second?.classes[row] ?? NO_CLASS;
    if (scheduled_ms[row]! >= resume.scheduled_from_ms) {
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

// An operator's mistake that harmed data: service that answers from harmed data is no service, so
// what was acknowledged until the data was seen to be right again counts as unserved.
import { Column } from '../../base/column.ts';
import { OUTCOME, type Operations } from '../../evidence/ledger/operation.ts';
import { doubt, doubts, missing, type Failure } from '../measured.ts';
import type { Doubt } from '../../drill/measurement.ts';
import type { Disaster, Timeline } from '../timeline.ts';
import { plainDetail } from '../words.ts';

/** Times on the run's clock. */
export interface Harm {
  /** Just before the mistake committed: what was acknowledged before committed before it. */
  readonly harmed_ms: number;
  /** When what it had harmed was first seen to be there again; null: not yet, or never. */
  readonly verified_ms: number | null;
}

/** Null where the disaster harmed no data, or nothing says when it did. */
export function harmOf(run: Timeline, { effect, started_ms }: Disaster): Harm | null {
  if (effect.data !== 'harmed') return null;
  const harmed = run.all('data.harmed').find(({ t }) => t >= started_ms);
  if (harmed === undefined) return null;
  const verified = run.all('data.verified').find(({ t, ok }) => ok && t >= harmed.t);
  return { harmed_ms: harmed.t, verified_ms: verified?.t ?? null };
}

/**
 * The operations as recovery time sees them: what was acknowledged while the data was harmed, from
 * the mistake up to the moment at which it was seen to be right again, is not served.
 */
export function withoutHarmed(operations: Operations, harm: Harm | null): Operations {
  if (harm === null) return operations;
  const { harmed_ms, verified_ms } = harm;
  const outcome = Column.from(operations.count, (row) => {
    const done_ms = operations.done_ms.at(row);
    const found = operations.outcome.at(row);
    const isHarmed = done_ms >= harmed_ms && done_ms < (verified_ms ?? Infinity);
    // With the time of its end it is decided, and acknowledged is all that can be served.
    return isHarmed && found === OUTCOME.acknowledged ? OUTCOME.unknown : found;
  });
  return { ...operations, outcome };
}

/** Why a recovery from a mistake cannot be timed. */
export function harmDoubts(run: Timeline, { effect }: Disaster): Doubt[] {
  if (effect.data !== 'harmed') return [];
  const harmed = run.first('data.harmed');
  if (harmed === undefined) return [doubt('all', 'Nothing says when data was harmed.')];
  const none = harmed.rows === 0 ? ['The mistake harmed no row, so there was no disaster.'] : [];
  const isSeen = run.first('data.verified') !== undefined;
  const unseen = 'Nobody looked whether what the mistake had harmed was there again.';
  return [...doubts('all', none), ...missing('recovery', isSeen ? [] : [unseen])];
}

/** A restored database that was looked at and never had again what the mistake had harmed. */
export function harmFailures(run: Timeline, { effect }: Disaster): Failure[] {
  if (effect.data !== 'harmed') return [];
  const looks = run.all('data.verified');
  const last = looks.at(-1);
  if (last === undefined || looks.some(({ ok }) => ok)) return [];
  const text = `What the mistake had harmed is not there again: ${plainDetail(last.detail)}.`;
  return [{ code: 'data-not-restored', text }];
}

// Whether the count of survivors proves anything: the right database, read completely, and a second
// opinion that does not contradict it.
import type { Evidence } from '../evidence/evidence.ts';
import type { Reading } from '../evidence/survivors.ts';
import type { Classified } from './classify.ts';
import { IdTable } from './id-table.ts';
import type { Doubt, Loss } from './measurement.ts';
import { eventsOf, firstOf } from './timeline.ts';
import { counted, plainDetail, writeId } from './words.ts';

/** Doubts about the reading itself: with any of them, neither a loss nor a lie is proved. */
export function readingDoubts(evidence: Evidence, classified: Classified | null): Doubt[] {
  const { events, readings, operations } = evidence;
  if (classified === null || operations === null) {
    const failure = readingFailure(evidence, 'serving') ?? 'it was never read';
    return [loss(`What survived in the serving database is not known: ${failure}.`)];
  }
  const doubts: Doubt[] = [];
  const rows = readings.get('serving')?.count ?? 0;
  const read = eventsOf(events, 'survivors.read').find((event) => event.reading === 'serving');
  if (read === undefined) {
    doubts.push(loss('The journal does not say that the serving database was read to its end.'));
  } else if (!read.ok) {
    const failure = plainDetail(read.detail);
    doubts.push(loss(`The serving database could not be read to its end: ${failure}.`));
  } else if (read.rows !== rows) {
    doubts.push(loss(`The database gave ${read.rows} rows, survivors.bin holds ${rows}.`));
  }
  const marker = firstOf(events, 'marker.written');
  if (marker === null) {
    doubts.push(loss('No marker was written, so nothing proves which database serves.'));
  } else if (!marker.ok) {
    doubts.push(loss(`The marker could not be written: ${plainDetail(marker.detail)}.`));
  } else {
    const row = new IdTable(operations).rowOf(marker.writer, marker.sequence);
    if (row < 0 || classified.serving.copies[row] === 0) {
      const reason =
        `The marker ${writeId(marker)} is not among the survivors, ` +
        'so the database that was read is not the one that serves.';
      doubts.push(loss(reason));
    }
  }
  return doubts;
}

/** The first broken half of the second opinion blocks a pass; the second is a note. */
export function secondOpinionDoubts({ second }: Loss): Doubt[] {
  if (second === null || second.agrees) return [];
  const rows = counted(second.unexplained, 'write');
  const what = 'that neither loss nor unknown outcomes explain';
  return [loss(`The old primary's disk holds ${rows} ${what}.`)];
}

/** Why a reading is missing, in words for a sentence; null when the journal does not say. */
export function readingFailure({ events }: Evidence, reading: Reading): string | null {
  const failed = eventsOf(events, 'survivors.read').find(
    (event) => event.reading === reading && !event.ok,
  );
  return failed === undefined ? null : plainDetail(failed.detail);
}

function loss(reason: string): Doubt {
  return { affects: 'loss', reason };
}

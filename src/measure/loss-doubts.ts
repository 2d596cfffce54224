// Whether the count of survivors proves anything: the right database, read completely, and a second
// opinion that does not contradict it. Each of these is about one store.
import type { StoreName } from '../drill/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import type { StoreEvidence } from '../evidence/evidence.ts';
import { RUN_FILES, STORE_FILES } from '../evidence/file-names.ts';
import type { Reading } from '../evidence/survivors.ts';
import type { Classified } from './classify.ts';
import { IdTable } from './id-table.ts';
import type { Loss } from './measurement.ts';
import { eventsOfStore } from './timeline.ts';
import { counted, plainDetail, writeId } from './words.ts';

/** Doubts about the reading itself: with any of them, neither a loss nor a lie is proved. */
export function readingDoubts(
  events: readonly RunEvent[],
  { store, readings, operations }: StoreEvidence,
  classified: Classified | null,
): string[] {
  if (classified === null || operations === null) {
    const failure = readingFailure(events, store, 'serving') ?? 'it was never read';
    return [`What survived in the serving database is not known: ${failure}.`];
  }
  const doubts: string[] = [];
  const rows = readings.get('serving')?.count ?? 0;
  const reads = eventsOfStore(events, 'survivors.read', store);
  const read = reads.find((event) => event.reading === 'serving');
  if (read === undefined) {
    doubts.push('The journal does not say that the serving database was read to its end.');
  } else if (!read.ok) {
    const failure = plainDetail(read.detail);
    doubts.push(`The serving database could not be read to its end: ${failure}.`);
  } else if (read.rows !== rows) {
    const file = RUN_FILES[STORE_FILES[store].survivors];
    doubts.push(`The database gave ${read.rows} rows, ${file} holds ${rows}.`);
  }
  const marker = eventsOfStore(events, 'marker.written', store)[0];
  if (marker === undefined) {
    doubts.push('No marker was written, so nothing proves which database serves.');
  } else if (!marker.ok) {
    doubts.push(`The marker could not be written: ${plainDetail(marker.detail)}.`);
  } else {
    const row = new IdTable(operations).rowOf(marker.writer, marker.sequence);
    const markerId = writeId({ writer: marker.writer, sequence: marker.sequence });
    if (row < 0 || classified.serving.copies[row] === 0) {
      const reason =
        `The marker ${markerId} is not among the survivors, ` +
        'so the database that was read is not the one that serves.';
      doubts.push(reason);
    }
  }
  return doubts;
}

/** The first broken half of the second opinion blocks a pass; the second is a note. */
export function secondOpinionDoubts({ second }: Loss): string[] {
  if (second === null || second.agrees) return [];
  const rows = counted(second.unexplained, 'write');
  const what = 'that neither loss nor unknown outcomes explain';
  return [`The old primary's disk holds ${rows} ${what}.`];
}

/** Why a reading is missing, in words for a sentence; null when the journal does not say. */
export function readingFailure(
  events: readonly RunEvent[],
  store: StoreName,
  reading: Reading,
): string | null {
  const failed = eventsOfStore(events, 'survivors.read', store).find(
    (event) => event.reading === reading && !event.ok,
  );
  return failed === undefined ? null : plainDetail(failed.detail);
}

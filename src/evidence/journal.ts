// `journal.ndjson`: every event of a run, appended as it happens; a crash loses nothing already
// written.
import type { RunEvent } from './event.ts';
import { LineWriter, readLines } from './lines.ts';

export interface Journal {
  append(event: RunEvent): void;
  close(): void;
}

/** Opens the file for appending. Throws what the operating system says. */
export function createJournal(file: string): Journal {
  const lines = new LineWriter(file);
  return {
    append: (event) => lines.append(event, { sync: false }),
    close: () => lines.close(),
  };
}

interface JournalContents {
  readonly events: readonly RunEvent[];
  readonly problems: readonly string[];
}

/**
 * Reads the events in the order in which they were written. Throws an `EvidenceError` when it
 * cannot.
 */
export function readJournal(file: string): JournalContents {
  const { values, problems } = readLines<RunEvent>(file, 'an event', isEvent);
  return { events: values, problems };
}

function isEvent(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { t, event } = value as { t?: unknown; event?: unknown };
  return typeof t === 'number' && typeof event === 'string';
}

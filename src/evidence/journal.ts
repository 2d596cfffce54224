// `journal.ndjson`: every event of a run, appended as it happens; a crash loses nothing already
// written.
import { roleWritten, STORES, type StoreRole } from '../drill/stores.ts';
import type { EventName, RunEvent } from './event.ts';
import { LineWriter, readLines } from './lines.ts';

export interface Journal {
  append(event: RunEvent): void;
  close(): void;
}

/** Opens the file for appending. Throws what the operating system says. */
export function createJournal(file: string): Journal {
  const lines = new LineWriter(file);
  return {
    append: (event) => lines.append(written(event), { sync: false }),
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
  const { values, problems } = readLines<Written>(file, 'an event', isEvent);
  return { events: values.map(asRead), problems };
}

function isEvent(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { t, event } = value as { t?: unknown; event?: unknown };
  return typeof t === 'number' && typeof event === 'string';
}

/** An event in the file, which names a store by its engine. */
type Written = Omit<RunEvent, 'store'> & { readonly store?: unknown };

/** Events that are about one store. A journal of before there was a second one names none. */
const ABOUT_A_STORE: ReadonlySet<EventName> = new Set<EventName>([
  ...(['seed.written', 'workload.started', 'workload.sampled', 'workload.stopped'] as const),
  ...(['workload.drained', 'marker.written', 'survivors.read'] as const),
]);

function written(event: RunEvent): object {
  const { store } = event as { readonly store?: StoreRole };
  return store === undefined ? event : { ...event, store: STORES[store].written };
}

function asRead(event: Written): RunEvent {
  if (event.store === undefined && !ABOUT_A_STORE.has(event.event)) return event as RunEvent;
  return { ...event, store: roleWritten(event.store ?? STORES.orders.written) } as RunEvent;
}

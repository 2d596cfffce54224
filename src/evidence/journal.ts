// `journal.ndjson`: every event of a run, appended as it happens, so that a crash loses none.
import { roleWritten, STORES, type StoreRole } from '../drill/stores.ts';
import type { EventName, RunEvent } from './event.ts';
import { LineWriter, readLines } from './lines.ts';
import { sealChecker, sealer } from './seal.ts';

/** Opens the file for appending. Throws what the operating system says. */
export function createJournal(file: string) {
  const lines = new LineWriter(file);
  const sealed = sealer();
  return {
    append: (event: RunEvent) => lines.write(sealed(written(event))),
    close: () => lines.close(),
  };
}

/**
 * The events in the order in which they were written. `isSealed`: whether each line has to have its
 * checksum; null: where the first has. Throws an `EvidenceError`.
 */
export function readJournal(file: string, isSealed: boolean | null = null) {
  const { values, problems } = readLines<Written>(
    file,
    'an event',
    (value) => {
      const { t, event } = (value ?? {}) as Partial<RunEvent>;
      return typeof t === 'number' && typeof event === 'string';
    },
    sealChecker(isSealed),
  );
  return { events: values.map(asRead), problems };
}

/** An event in the file, which names a store by its engine, with its number and checksum. */
type Written = Omit<RunEvent, 'store'> & { store?: unknown; n?: number; sum?: string };

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
  // The last key first: what is left stays an object of the usual, fast kind.
  delete event.sum;
  delete event.n;
  if (event.store === undefined && !ABOUT_A_STORE.has(event.event)) return event as RunEvent;
  return { ...event, store: roleWritten(event.store ?? STORES.orders.written) } as RunEvent;
}

// `journal.ndjson`: every event of a run, appended as it happens, so that a crash loses none.
import * as z from 'zod';
import { fitted, type Fit } from '../drill/misfit.ts';
import { STORES, type StoreRole } from '../drill/stores.ts';
import { count } from '../drill/planned.ts';
import { EVENTS, JOURNAL_FORMAT, type RunEvent } from './event.ts';
import { UnreadableError } from './evidence-error.ts';
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
  const { values, problems } = readLines(file, eventIn, sealChecker(isSealed));
  return { events: values, problems };
}

const SCHEMAS = new Map<string, z.ZodObject>(
  Object.entries(EVENTS).map(([name, body]) => [name, z.strictObject(body)]),
);

const LINE = {
  t: z.number().describe('Milliseconds since the origin of the run.'),
  n: count.exactOptional().describe('The number of the line. Absent in journals of old versions.'),
  sum: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .exactOptional()
    .describe('CRC-32 of all lines up to here, without this key. Absent as `n` is.'),
};

/** A line as it stands in the file. */
export const journalLine = z.union(
  Object.entries(EVENTS).map(([name, body]) =>
    z.strictObject({ ...LINE, event: z.literal(name), ...body }),
  ),
);

/** What stands in one line, without its number and checksum. */
function eventIn(line: unknown): Fit<RunEvent> {
  const { t, event, n: _, sum: __, ...stated } = (line ?? {}) as Readonly<Record<string, unknown>>;
  const { schema: format } = stated;
  if (event === 'run.started' && typeof format === 'string' && format !== JOURNAL_FORMAT) {
    throw new UnreadableError(`the journal is ${format}, which this version of drill cannot read`);
  }
  if (!Number.isFinite(t) || typeof event !== 'string') return { problem: 'is not an event' };
  const schema = SCHEMAS.get(event);
  if (schema === undefined) return { problem: `has an event of no known name, "${event}"` };
  const read = fitted(schema, stated);
  if ('problem' in read) return { problem: `(${event}) is no such event: ${read.problem}` };
  return { value: { t, event, ...read.value } as RunEvent };
}

/** The event of one line, whatever its seal; null: it is none. */
export function eventOf(line: string): RunEvent | null {
  try {
    const read = eventIn(JSON.parse(line));
    return 'value' in read ? read.value : null;
  } catch {
    return null; // it is torn, or was written by another version
  }
}

/** An event as it stands in the file. */
export function written(event: RunEvent): object {
  const { store } = event as { readonly store?: StoreRole };
  return store === undefined ? event : { ...event, store: STORES[store].written };
}

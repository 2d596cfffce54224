// `salvage.ndjson`: rows that only the dead primary's disk held, whole, so that somebody can put
// them back. Nothing is judged from it; the count of what was lost has its own reading.
import * as z from 'zod';
import { fitted } from '../drill/misfit.ts';
import type { Frozen } from '../drill/planned.ts';
import { LineWriter, readLines, type Lines } from './lines.ts';

const salvagedRow = z.strictObject({
  writer: z.number(),
  sequence: z.number(),
  payload: z.string(),
  /** The region of the app that took it. */
  region: z.string(),
  /** The time by the clock of the database that took it. */
  created: z.string(),
});
export type SalvagedRow = Frozen<z.output<typeof salvagedRow>>;

/** How the note in the journal begins that says that rows could not be kept. */
export const NOT_SALVAGED = 'the old rows are not salvaged';

export function writeSalvage(file: string, rows: readonly SalvagedRow[]): void {
  const lines = new LineWriter<SalvagedRow>(file);
  try {
    for (const row of rows) lines.append(row);
  } finally {
    lines.close();
  }
}

/** Throws an `EvidenceError` when the file cannot be read. */
export function readSalvage(file: string): Lines<SalvagedRow> {
  return readLines(file, (value) => {
    const read = fitted(salvagedRow, value);
    return 'problem' in read ? { problem: `is not a row: ${read.problem}` } : read;
  });
}

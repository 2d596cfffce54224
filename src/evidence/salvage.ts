// `salvage.ndjson`: rows that only the dead primary's disk held, whole, so that somebody can put
// them back. Nothing is judged from it; the count of what was lost has its own reading.
import { LineWriter, readLines, type Lines } from './lines.ts';

export interface SalvagedRow {
  readonly writer: number;
  readonly sequence: number;
  readonly payload: string;
  /** The region of the app that took it. */
  readonly region: string;
  /** The time by the clock of the database that took it. */
  readonly created: string;
}

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
  return readLines<SalvagedRow>(file, 'a row', (value) => {
    const { writer, sequence, payload, region, created } = (value ?? {}) as Partial<SalvagedRow>;
    return (
      [writer, sequence].every((number) => typeof number === 'number') &&
      [payload, region, created].every((text) => typeof text === 'string')
    );
  });
}

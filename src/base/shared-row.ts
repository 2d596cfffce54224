// How updates of shared rows stand in the database: which row an update belongs to follows from the
// seed and its id, and its id is one entry of that row's history. Shared by who writes and who
// counts.
import { mix32 } from './random.ts';

const ROW_DRAW = 0x7374_6f63;

/** The key, from 1 to `rows`, of the shared row that an update changes. */
export function sharedRowOf(seed: number, writer: number, sequence: number, rows: number): number {
  return (mix32(seed, writer, sequence, ROW_DRAW) % rows) + 1;
}

export function historyEntry({ writer, sequence }: { writer: number; sequence: number }): string {
  return `${writer}-${sequence}`;
}

/** Null where it is no entry that the service writes. */
export function parseHistoryEntry(entry: string): { writer: number; sequence: number } | null {
  const match = /^(\d{1,10})-([1-9]\d{0,15})$/.exec(entry);
  return match === null ? null : { writer: Number(match[1]), sequence: Number(match[2]) };
}

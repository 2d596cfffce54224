// Writes and reads `undo.ndjson`. An entry is on the disk before `append` returns: what it undoes
// may happen next.
import { readFileSync, truncateSync } from 'node:fs';
import { LineWriter, readLines } from './lines.ts';
import { isUndone, type UndoEntry } from './undo.ts';

export interface UndoLog {
  append(entry: UndoEntry): void;
  close(): void;
}

/** Opens the file for appending. Throws what the operating system says. */
export function createUndoLog(file: string): UndoLog {
  const lines = new LineWriter(file);
  return {
    append: (entry) => lines.append(entry, { sync: true }),
    close: () => lines.close(),
  };
}

/** Says that everything in the log is undone; a torn last line, which undoes nothing, goes. */
export function finishUndoLog(file: string): void {
  truncateSync(file, readFileSync(file).lastIndexOf('\n') + 1);
  const log = createUndoLog(file);
  log.append({ undo: 'done' });
  log.close();
}

interface UndoContents {
  /** In the order of their effects; undo them in reverse. What was undone in time is not there. */
  readonly entries: readonly UndoEntry[];
  readonly problems: readonly string[];
}

/** A torn last line is an effect that never took place, but a problem all the same. */
export function readUndoLog(file: string): UndoContents {
  const { values, problems } = readLines<UndoEntry>(file, 'an undo entry', isEntry);
  const undone = new Set<unknown>(values.filter(isUndone).map(({ id }) => id));
  const entries = values.filter((entry) => !('id' in entry && undone.has(entry.id)));
  return { entries, problems };
}

function isEntry(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { undo?: unknown }).undo === 'string'
  );
}

// A journal as it grows, for whoever looks on while the run is made.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { RunEvent } from './event.ts';
import { readingError } from './evidence-error.ts';
import { eventOf } from './journal.ts';

/** A result is written so soon after the last event, unless the runner was killed. */
export const RESULT_AT_MOST_MS = 5_000;

const CHUNK_BYTES = 1 << 16;
const NEWLINE = 10;

export interface JournalFollower {
  /** What was written since the last look; lines that are no event are left out. */
  look(): RunEvent[];
  close(): void;
}

/** Throws an `EvidenceError` when the file cannot be read. */
export function followJournal(file: string): JournalFollower {
  const fd = reading(file, () => openSync(file, 'r'));
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let at = 0;
  let rest = Buffer.alloc(0);
  const lines = function* () {
    while (at < reading(file, () => fstatSync(fd).size)) {
      const length = reading(file, () => readSync(fd, chunk, 0, CHUNK_BYTES, at));
      if (length === 0) return;
      at += length;
      rest = Buffer.concat([rest, chunk.subarray(0, length)]);
      const end = rest.lastIndexOf(NEWLINE);
      if (end < 0) continue;
      yield* rest.toString('utf8', 0, end).split('\n');
      rest = rest.subarray(end + 1);
    }
  };
  return {
    look: () => [...lines()].flatMap((line) => eventOf(line) ?? []),
    close: () => closeSync(fd),
  };
}

function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw readingError(file, error);
  }
}

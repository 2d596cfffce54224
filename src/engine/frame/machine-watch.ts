// Notices during a run that the machine has run out of something, most of all of disk: from then on
// nothing proves anything of the system, so the run ends with that as its reason.
import { join } from 'node:path';
import type { Emit, EventBodies } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import { freeBytes } from '../../host/files.ts';
import { endOf, linesAtEnd } from '../../host/machine/last-words.ts';
import { DISK } from '../../host/machine/lacks.ts';
import { diskIsFull, lackError } from '../../host/machine/machine-error.ts';

const EVERY_MS = 100;
/** A segment of PostgreSQL's log: where it has no room, the server ends. */
const LEAST_BYTES = 16 * 1024 * 1024;

interface DiskWatch {
  readonly clock: Clock;
  /** Where the run writes, by what is there. */
  readonly places: Readonly<Record<string, string>>;
  readonly fail: (error: Error) => void;
  readonly signal: AbortSignal;
  /** Bytes that are free; the operating system's word when left out. */
  readonly look?: (path: string) => number;
}

/** Watches until `signal` aborts or a place that had room has none any more. */
export async function watchTheDisks({
  clock,
  places,
  fail,
  signal,
  look = roomIn,
}: DiskWatch): Promise<void> {
  const hadRoom = new Set<string>();
  while (!signal.aborted) {
    for (const [what, path] of Object.entries(places)) {
      const free = look(path);
      if (free >= LEAST_BYTES) hadRoom.add(path);
      else if (hadRoom.has(path)) {
        const found = `No space left on device: ${Math.floor(free / 1024)} kB free in ${path}`;
        return fail(diskIsFull(what, found));
      }
    }
    await clock.sleep(EVERY_MS, signal).catch(() => {});
  }
}

/** Infinity where it cannot be said: the place is not there yet, or not any more. */
function roomIn(path: string): number {
  try {
    return freeBytes(path);
  } catch {
    return Infinity;
  }
}

/**
 * Emits as `emit` does; a node that ended by itself says why, by the end of its log, and where the
 * machine had run out of something the run fails of that. `bounded`: nodes with disks of their own,
 * whose room is not the machine's.
 */
export function withLastWords(
  emit: Emit,
  logs: string,
  fail: (error: Error) => void,
  bounded: readonly string[],
): Emit {
  return (name, body, t) => {
    if (name !== 'node.ended') return emit(name, body, t);
    const ended = body as EventBodies['node.ended'];
    if (ended.expected) return emit('node.ended', ended, t);
    const { node } = ended;
    const logFile = join(logs, `${node.replaceAll('/', '-')}.log`);
    const { how: reason, lack } = endOf(ended.reason, linesAtEnd(logFile));
    emit('node.ended', { ...ended, reason }, t);
    if (lack === null || (lack === DISK && bounded.includes(node))) return;
    fail(lackError(lack, { what: node, found: reason, hint: `read its log: ${logFile}` }));
  };
}

// Shared memory that is in use on this machine (Linux; elsewhere nothing is known). A server of
// drill's has a small System V segment, and keeps the rest below its data directory.
import { readFileSync } from 'node:fs';

/** System V segments, how many the kernel allows, and those that no process is attached to. */
export function sharedMemory() {
  const rows = segmentRows();
  if (rows === null) return null;
  try {
    return {
      segments: rows.length,
      segments_max: Number(readFileSync('/proc/sys/kernel/shmmni', 'utf8')),
      orphans: rows.filter(({ attached }) => attached === 0).length,
    };
  } catch {
    return null;
  }
}

/** False only where it is known that there is no such segment. */
export function mayHaveSegment(id: number): boolean {
  return segmentRows()?.some((row) => row.id === id) ?? true;
}

/** Null where there is none of that number, or where nothing is known. */
export function segmentFacts(id: number): SegmentRow | null {
  return segmentRows()?.find((row) => row.id === id) ?? null;
}

interface SegmentRow {
  readonly id: number;
  /** The process that made it. */
  readonly maker: number;
  /** How many processes use it. */
  readonly attached: number;
  readonly uid: number;
}

function segmentRows(): SegmentRow[] | null {
  try {
    const rows = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').slice(1);
    // key shmid perms size cpid lpid nattch uid …
    const fields = rows.map((row) => row.trim().split(/\s+/).map(Number));
    return fields.map(([, id = -1, , , maker = -1, , attached = 0, uid = -1]) => {
      return { id, maker, attached, uid };
    });
  } catch {
    return null;
  }
}

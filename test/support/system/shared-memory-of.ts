// Which shared memory PostgreSQL processes of one run hold, and what is left of it later. The
// machine's totals will not do: other runs come and go at the same time.
import { existsSync, readFileSync } from 'node:fs';

/** `segment 7` and `/dev/shm/PostgreSQL.123`; empty where there is no /proc. */
export function sharedMemoryOf(pids: readonly number[]): string[] {
  const lines = pids.flatMap((pid) => {
    try {
      return readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n');
    } catch {
      return [];
    }
  });
  const held = lines.flatMap((line) => {
    const [, , , , inode = '', path = ''] = line.trim().split(/\s+/);
    if (path.startsWith('/SYSV')) return [`segment ${inode}`];
    return path.startsWith('/dev/shm/PostgreSQL.') ? [path] : [];
  });
  return [...new Set(held)];
}

export function stillThere(held: readonly string[]): string[] {
  if (held.length === 0) return [];
  const rows = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').slice(1);
  const segments = new Set(rows.map((row) => `segment ${row.trim().split(/\s+/)[1]}`));
  return held.filter((name) => segments.has(name) || (name.startsWith('/') && existsSync(name)));
}

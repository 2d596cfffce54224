// What the disk of a dead database holds, read by PostgreSQL's single-user mode on a copy of it:
// no server, no connection, and none of drill's own ways to a dead disk.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locatePostgres } from '../../src/postgres/binaries.ts';

const AT_MOST_MS = 60_000;
/** Alone, and waiting for nobody. */
const SETTINGS = ['archive_mode=off', 'synchronous_standby_names=', 'autovacuum=off'];

/** A region's data directory; a destroyed one was only moved away. */
export function diskOf(scratch: string, region: string): string {
  const data = join(scratch, region, 'data');
  return existsSync(data) ? data : `${data}-destroyed`;
}

/** `writer-sequence` of each order. The directory itself stays as it is. */
export async function idsOnDisk(data: string): Promise<string[]> {
  const { uid, gid } = statSync(data);
  const isOther = uid !== process.getuid!();
  const { bin } = await locatePostgres(process.env, { name: String(uid), uid, gid, isOther });
  const place = mkdtempSync(join(tmpdir(), 'drill-test-disk-'));
  const user = isOther ? { uid, gid } : {};
  try {
    chmodSync(place, 0o777);
    const [copy, out] = [join(place, 'data'), join(place, 'ids')];
    execFileSync('cp', ['-a', data, copy]);
    rmSync(join(copy, 'postmaster.pid'), { force: true });
    const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
    const ids = `select writer || '-' || sequence from orders`;
    execFileSync(join(bin, 'postgres'), ['--single', '-D', copy, ...settings, 'orders'], {
      ...{ ...user, cwd: place, timeout: AT_MOST_MS, stdio: ['pipe', 'ignore', 'pipe'] },
      input: `copy (${ids}) to '${out}'\n`,
    });
    return readFileSync(out, 'utf8').split('\n').slice(0, -1);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

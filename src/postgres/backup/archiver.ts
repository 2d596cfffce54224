// A primary that hands its write-ahead log to a repository segment by segment: the script that does
// it, its state, how much of the log the repository has not got yet, and whether a record that is
// written now arrives there.
import { chmodSync, chownSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePrivateFile, type Owner } from '../../host/files.ts';
import { OperationFailed, unlessFailed } from '../../host/operation-failed.ts';
import { until, type Clock } from '../../host/clock.ts';
import { oneRow, withConnection, type DatabaseAddress } from '../server/connection.ts';
import { parseLsn } from '../server/lsn.ts';
import { alterSystem, createRestorePoint, flushedLsn } from '../server/primary.ts';
import type { Settings } from '../server/settings.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 5_000 };
const POLL_MS = 10;
const BROKEN = 'echo no space left on device >&2; exit 1';
const SCRIPT = fileURLToPath(new URL('../../../compose/entrypoints/archive.sh', import.meta.url));

export interface ArchiverSeen {
  /** `off`: nothing is handed over, whatever else stands here. */
  readonly mode: string;
  readonly archived_count: number;
  readonly last_archived: string | null;
  readonly failed_count: number;
  readonly last_failed: string | null;
  /** The last attempt failed. */
  readonly is_failing: boolean;
  /** Its command is the one that `setArchiving` has fail. */
  readonly is_broken: boolean;
}

/** The counts of the primary's archiver since its statistics began. */
export async function archiverState(primary: DatabaseAddress): Promise<ArchiverSeen> {
  const sql = `select current_setting('archive_mode') as mode,
       archived_count::float8, last_archived_wal as last_archived,
       failed_count::float8, last_failed_wal as last_failed,
       coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as is_failing,
       current_setting('archive_command') = '${BROKEN}' as is_broken
     from pg_stat_archiver`;
  return await withConnection(primary, LIMITS, (client) => oneRow<ArchiverSeen>(client, sql));
}

/** The part of a repository's state that is looked at here. */
export interface StoredUntil {
  readonly end_lsn: string | null;
  readonly problem: string | null;
}

/** The end of the primary's log, and how much of it the repository lacks; null: it has none. */
export async function missingInRepository(
  primary: DatabaseAddress,
  stored: Pick<StoredUntil, 'end_lsn'>,
): Promise<{ readonly lsn: string; readonly bytes: number | null }> {
  const lsn = await withConnection(primary, LIMITS, flushedLsn);
  if (stored.end_lsn === null) return { lsn, bytes: null };
  const missing = parseLsn(lsn) - parseLsn(stored.end_lsn);
  return { lsn, bytes: missing > 0n ? Number(missing) : 0 };
}

export interface ArchiveCheck {
  readonly primary: DatabaseAddress;
  /** The repository's state, asked again and again. */
  readonly stored: () => Promise<StoredUntil>;
  readonly clock: Clock;
  readonly at_most_ms: number;
  readonly signal?: AbortSignal;
}

/**
 * Writes a restore point, ends its segment and waits until the repository has it; to where the
 * point ends. Rejects after `at_most_ms` with how far the repository is and what the primary's
 * archiver says.
 */
export async function checkArchive(check: ArchiveCheck, name: string): Promise<string> {
  const { primary, stored, clock, at_most_ms, signal } = check;
  const deadline_ms = clock.now() + at_most_ms;
  const lsn = await withConnection(primary, LIMITS, async (client) => {
    const point = await createRestorePoint(client, name);
    await client.query('select pg_switch_wal()');
    return point;
  });
  let seen: StoredUntil = { end_lsn: null, problem: null };
  const isStored = await until({ clock, deadline_ms, every_ms: POLL_MS, signal }, async () => {
    seen = await stored();
    return seen.end_lsn !== null && parseLsn(seen.end_lsn) >= parseLsn(lsn) ? true : null;
  });
  if (isStored === null) throw await notArchived(check, lsn, seen);
  return lsn;
}

async function notArchived(
  { primary, at_most_ms }: ArchiveCheck,
  lsn: string,
  seen: StoredUntil,
): Promise<OperationFailed> {
  const has = seen.end_lsn === null ? 'no log' : `log up to ${seen.end_lsn}`;
  const archiver = await unlessFailed(archiverState(primary));
  const failed = archiver?.is_failing === true ? `archiving ${archiver.last_failed} fails` : null;
  const found = [has, seen.problem, failed].filter((part) => part !== null).join('; ');
  const expected = `the log up to ${lsn} within ${at_most_ms / 1000} s`;
  return new OperationFailed({ what: 'the storage', expected, found });
}

/** Ends the current segment of the primary's log, so that it is archived. */
export async function switchSegment(primary: DatabaseAddress): Promise<void> {
  await withConnection(primary, LIMITS, async (client) => {
    await client.query('select pg_switch_wal()');
  });
}

/** From now on its archive command fails, as one does whose target is full; or works again. */
export async function setArchiving(primary: DatabaseAddress, works: boolean): Promise<void> {
  const archive_command = works ? null : BROKEN;
  await withConnection(primary, LIMITS, (client) => alterSystem(client, { archive_command }));
}

export interface ArchiveOptions {
  /** The script's directory, which the databases' user can pass through. */
  readonly directory: string;
  readonly owner: Owner;
  /** The repository, as the primary reaches it through the link. */
  readonly to: { readonly host: string; readonly port: number };
  readonly token: string;
  /** A segment is handed over at the latest so long after its first record. */
  readonly timeout_ms: number;
}

/** Writes the script and its token; returns what has to stand in the primary's configuration. */
export function installArchiving(options: ArchiveOptions): Settings {
  const { directory, owner, to, token, timeout_ms } = options;
  const script = join(directory, 'archive.sh');
  const secret = join(directory, 'archive-token');
  copyFileSync(SCRIPT, script);
  chmodSync(script, 0o500);
  if (owner !== null) chownSync(script, owner.uid, owner.gid);
  writePrivateFile(secret, token, owner);
  const stated = [script, to.host, String(to.port), `@${secret}`].map(forCommand);
  return {
    archive_mode: 'on',
    archive_command: ['bash', ...stated, "'/wal/%f'", "'%p'"].join(' '),
    archive_timeout: `${Math.max(1, Math.ceil(timeout_ms / 1000))}s`,
  };
}

/**
 * Quotes for a shell, and for PostgreSQL, which replaces `%f` and `%p` and refuses any other `%`.
 */
function forCommand(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`.replaceAll('%', '%%');
}

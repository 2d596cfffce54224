// Checks a base backup against its manifest, for packages without pg_verifybackup: every file is
// there, none is there besides, sizes and SHA-256 sums are right, and the manifest itself is whole.
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { allDone } from '../../base/all-done.ts';
import { sha256 } from '../../host/sha256.ts';
import { isAlgorithm, sumOf, titleOf, type Sum } from './file-sum.ts';

export const MANIFEST_FILE = 'backup_manifest';
/** Files that pg_verifybackup leaves out too: write-ahead log, and what a restore adds. */
const NOT_LISTED = [
  'backup_manifest',
  'pg_wal',
  'postgresql.auto.conf',
  'recovery.signal',
  'standby.signal',
];
const CHECKSUM_LINE = '"Manifest-Checksum"';
const PROBLEMS_SHOWN = 20;
/** A processor is left for the server, which replays meanwhile: on two, four were no faster. */
const FILES_AT_ONCE = Math.max(1, Math.min(4, availableParallelism() - 1));

interface Manifest {
  readonly files: readonly ManifestFile[];
  /** Null where it does not say which log it needs: Barman makes such. */
  readonly range: BackupRange | null;
}

interface ManifestFile {
  readonly path: string;
  readonly size: number;
  readonly sum: Sum;
}

/** The write-ahead log without which the copy is not consistent. */
export interface BackupRange {
  readonly timeline: number;
  /** The position at which replay begins, and the one from which on the database is consistent. */
  readonly lsn: string;
  readonly end_lsn: string;
}

export interface VerifiedBackup {
  readonly files: number;
  readonly bytes: number;
  /** Null when the manifest cannot be read. */
  readonly range: BackupRange | null;
  /** Empty when the backup is sound; at most 20 are named. */
  readonly problems: readonly string[];
}

/**
 * Never rejects for what is wrong with the backup: that stands in `problems`. Of the write-ahead
 * log it only looks whether there is any, since the manifest has no sums of it.
 */
export async function verifyBackup(directory: string): Promise<VerifiedBackup> {
  const manifest = readManifest(join(directory, MANIFEST_FILE));
  if ('problem' in manifest) {
    return { files: 0, bytes: 0, range: null, problems: [manifest.problem] };
  }
  const { files, range } = manifest;
  const problems = unlisted(directory, new Set(files.map(({ path }) => path)));
  if (!hasLog(directory))
    problems.push('pg_wal: no write-ahead log, without which it cannot start');
  const found = await eachOf(files, (file) => problemOf(directory, file));
  problems.push(...found.filter((problem) => problem !== null));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return { files: files.length, bytes, range, problems: problems.slice(0, PROBLEMS_SHOWN) };
}

/** Some at once; the results are in the order of the items. */
async function eachOf<T, R>(items: readonly T[], look: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const takeOne = async () => {
    for (const [at, item] of rest) results[at] = await look(item);
  };
  await allDone(Array.from({ length: FILES_AT_ONCE }, takeOne));
  return results;
}

type Entry = Readonly<Record<string, unknown>>;

/** Not there where the backup was taken without sums. */
interface Sums {
  readonly 'Checksum-Algorithm'?: string;
  readonly Checksum?: string;
}

/** The format is PostgreSQL's ("Backup Manifest Format"); its last line has the sum of the rest. */
function readManifest(file: string): Manifest | { readonly problem: string } {
  if (!existsSync(file)) return { problem: `there is no ${MANIFEST_FILE}` };
  const text = readFileSync(file, 'utf8');
  const at = text.lastIndexOf(CHECKSUM_LINE);
  const sum = /"([0-9a-f]{64})"/.exec(text.slice(at))?.[1];
  const own = sha256(text.slice(0, Math.max(0, at)));
  if (at < 0 || sum !== own) return { problem: `${MANIFEST_FILE} is damaged or not whole` };
  const { Files: listed, 'WAL-Ranges': ranges } = JSON.parse(text) as {
    readonly Files: readonly Entry[];
    readonly 'WAL-Ranges'?: readonly Entry[];
  };
  const [log, second] = ranges ?? [];
  if (ranges !== undefined && (log === undefined || second !== undefined)) {
    return { problem: `expected log of one timeline, found ${ranges.length}` };
  }
  const files: ManifestFile[] = [];
  for (const entry of listed) {
    const encoded = entry['Encoded-Path'] as string | undefined;
    const path = encoded === undefined ? entry['Path'] : Buffer.from(encoded, 'hex').toString();
    const { 'Checksum-Algorithm': algorithm = 'NONE', Checksum: hex = '' } = entry as Sums;
    if (!isAlgorithm(algorithm)) return { problem: `there are sums by ${algorithm}, unknown here` };
    files.push({ path: String(path), size: Number(entry['Size']), sum: { algorithm, hex } });
  }
  return { files, range: log === undefined ? null : rangeOf(log) };
}

function rangeOf(log: Entry): BackupRange {
  return {
    timeline: Number(log['Timeline']),
    lsn: String(log['Start-LSN']),
    end_lsn: String(log['End-LSN']),
  };
}

async function problemOf(directory: string, file: ManifestFile): Promise<string | null> {
  const { path, size, sum } = file;
  const facts = lstatSync(join(directory, path), { throwIfNoEntry: false });
  if (facts === undefined) return `${path}: missing`;
  if (!facts.isFile()) return `${path}: expected a file`;
  if (facts.size !== size) return `${path}: ${facts.size} bytes, expected ${size}`;
  const found = await sumOf(join(directory, path), size, sum.algorithm);
  return found === sum.hex ? null : `${path}: its ${titleOf(sum)} sum differs`;
}

function unlisted(directory: string, listed: ReadonlySet<string>, below = ''): string[] {
  return readdirSync(join(directory, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (NOT_LISTED.includes(path)) return [];
    if (entry.isDirectory()) return unlisted(directory, listed, path);
    return listed.has(path) ? [] : [`${path}: not in the manifest`];
  });
}

function hasLog(directory: string): boolean {
  const log = join(directory, 'pg_wal');
  return existsSync(log) && readdirSync(log).some((name) => /^[0-9A-F]{24}$/.test(name));
}

// An archive of write-ahead log as it was at one moment: a folder of links to the files that were
// there. What arrives later is not in it, and nothing is written in the archive.
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { PARTIAL } from '../backup/segment-writer.ts';
import { startOf } from '../server/lsn.ts';
import { listSegments } from '../repository/layout.ts';
import { readLogHeader } from '../repository/stored-log.ts';

const USEFUL = /^([0-9A-F]{24}(\.partial)?|[0-9A-F]{8}\.history)$/;
const HEADER_BYTES = 64;

/** `archive` is null where the backup has only the log that it carries. */
export function viewArchive(archive: string | null, view: string): void {
  mkdirSync(view, { mode: 0o755 });
  if (archive === null) return;
  for (const name of readdirSync(archive)) {
    if (USEFUL.test(name)) symlinkSync(join(archive, name), join(view, name));
  }
}

/** Names in the archive that say it holds log, but in a form that is not read here. */
export function packedSegments(archive: string): string[] {
  return readdirSync(archive).filter((name) => /^[0-9A-F]{24}\.(?!partial|[0-9A-F]{8})/.test(name));
}

export interface ArchivedLog {
  /** Null where there is no segment. */
  readonly segment_bytes: number | null;
  /** Segments that are not what their names say, each with why. */
  readonly damaged: readonly string[];
  /** Segments of other clusters. */
  readonly foreign: readonly { readonly name: string; readonly system: string }[];
}

/** The first bytes of each segment are read that does not lie before `from`. */
export function lookAtLog(directory: string, system: string, from: bigint): ArchivedLog {
  const damaged: string[] = [];
  const foreign: { name: string; system: string }[] = [];
  let segment_bytes: number | null = null;
  for (const name of listSegments(directory)) {
    const path = join(directory, name);
    const { size } = statSync(path);
    if (startOf(name, size) + BigInt(size) <= from) continue;
    const header = readLogHeader(name, headOf(path), size);
    if (typeof header === 'string') {
      damaged.push(header);
      continue;
    }
    if (header.system !== system) foreign.push({ name, system: header.system });
    else segment_bytes ??= header.segment_bytes;
  }
  return { segment_bytes, damaged, foreign };
}

function headOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEADER_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

/** One that somebody can be asked to read: any file of the archive. */
export function someFileOf(view: string): string | null {
  const [name] = readdirSync(view).filter((each) => !each.endsWith(PARTIAL));
  return name === undefined ? null : join(view, name);
}

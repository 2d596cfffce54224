// An archive of write-ahead log as it was at one moment: a folder of links to the files that were
// there. What arrives later is not in it, and nothing is written in the archive.
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { PARTIAL } from '../../backup/segment-writer.ts';
import { listSegments } from '../../repository/layout.ts';
import { readLogHeader } from '../../repository/stored-log.ts';
import { SEGMENT_NAME, startOf } from '../../server/lsn.ts';
import { packerOf, unpackingWords, type Packer } from './packed.ts';
import type { LogView } from './source.ts';

const USEFUL = /^([0-9A-F]{24}(\.partial)?|[0-9A-F]{8}\.history)$/;
const HEADER_BYTES = 64;

/** A file of an archive, and what PostgreSQL calls it. */
export interface ArchivedFile {
  readonly name: string;
  readonly path: string;
}

/** Of several of one name the first counts. */
export function viewFiles(view: string, files: Iterable<ArchivedFile>): LogView {
  mkdirSync(view, { mode: 0o755 });
  const packers = new Set<Packer>();
  const packed = new Set<string>();
  const seen = new Set<string>();
  for (const { name, path } of files) {
    if (seen.has(name) || !USEFUL.test(name)) continue;
    seen.add(name);
    // It is still being written, and has another name once it is whole.
    if (name.endsWith(PARTIAL)) {
      copyFileSync(path, join(view, name));
      continue;
    }
    symlinkSync(path, join(view, name));
    const packer = packerOf(headOf(path));
    if (packer === null) continue;
    packed.add(name);
    if (!packers.has(packer)) mkdirSync(join(view, packer), { mode: 0o755 });
    packers.add(packer);
    symlinkSync(path, join(view, packer, name));
  }
  const get = packers.size === 0 ? null : () => unpackingWords(view, [...packers]);
  return { directory: view, packed, programs: [...packers], get };
}

/** The same where something else knows how to read the files. */
export function viewNamed(view: string, files: Iterable<ArchivedFile>): Omit<LogView, 'get'> {
  mkdirSync(view, { mode: 0o755 });
  const packed = new Set<string>();
  for (const { name, path } of files) {
    if (packed.has(name)) continue;
    packed.add(name);
    symlinkSync(path, join(view, name));
  }
  return { directory: view, packed, programs: [] };
}

export interface ArchivedLog {
  /** Null where there is no segment. */
  readonly segment_bytes: number | null;
  /** Segments that are not what their names say, each with why. */
  readonly damaged: readonly string[];
  /** Segments of other clusters. */
  readonly foreign: readonly { readonly name: string; readonly system: string }[];
}

/** The first bytes of each segment are read that does not lie before `from` and is not packed. */
export function lookAtLog(
  directory: string,
  { system, from }: { readonly system: string; readonly from: bigint },
  packed: ReadonlySet<string> = new Set(),
): ArchivedLog {
  const damaged: string[] = [];
  const foreign: { name: string; system: string }[] = [];
  let segment_bytes: number | null = null;
  for (const name of listSegments(directory).filter((each) => !packed.has(each))) {
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

/** What a segment says of its size; null where it is none. */
export function sizeOfSegment(name: string, path: string): number | null {
  const header = readLogHeader(name, headOf(path), statSync(path).size);
  return typeof header === 'string' ? null : header.segment_bytes;
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

/** One that somebody can be asked to read: any segment of the archive. */
export function someFileOf(view: string): string | null {
  const name = readdirSync(view).find((each) => SEGMENT_NAME.test(each));
  return name === undefined ? null : join(view, name);
}

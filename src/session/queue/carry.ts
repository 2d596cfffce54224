// The folder of a run as it is carried from the machine that made it to the one that asked for it:
// a compressed tar file, read as strictly as a pack of evidence.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { adoptRunDirectory } from '../../archive/run-directory.ts';
import { isAsWritten, readResult, RUN_ID } from '../../archive/run-list.ts';
import { sha256OfFileSync } from '../../host/sha256.ts';
import { RUN_FILES } from '../../evidence/evidence.ts';
import { filesBelow, type PackFile } from '../../evidence/pack/pack-file.ts';
import { clashIn, PackError } from '../../evidence/pack/paths.ts';
import { endOfTar, entriesOf, headerOf, paddingOf } from '../../evidence/pack/tar.ts';
import { runFile } from '../../evidence/run-files.ts';
import { isThere, makeDirectories } from '../../host/files.ts';
import { checkRun } from '../pack/judge-pack.ts';

/** More than this is not sent through a database, compressed. */
const SENT_BYTES = 32 * 2 ** 20;
/** More than any run that is sent has, unpacked. */
const UNPACKED_BYTES = 2 ** 30;
/** What shows that a result is the one that was written, however large the rest is. */
const LEAST: readonly string[] = [
  ...[RUN_FILES.plan, RUN_FILES.drill, RUN_FILES.journal, RUN_FILES.result, RUN_FILES.undo],
];
/** Passwords of a system, and what is no evidence. */
const LEFT_OUT: readonly string[] = [
  ...[RUN_FILES.system, RUN_FILES.claims, RUN_FILES.pinned, RUN_FILES.report],
];

export interface Carried {
  /** Base64. */
  readonly files: string;
  /** Whether some were too large, and stay where they are. */
  readonly isPart: boolean;
}

/** Throws a `PackError` where the folder has what no run has. */
export function packRun(directory: string): Carried {
  const all = pack(directory, (path) => !path.startsWith('.') && !LEFT_OUT.includes(path));
  if (all.length <= SENT_BYTES) return { files: all.toString('base64'), isPart: false };
  const least = pack(directory, (path) => LEAST.includes(path));
  return { files: least.toString('base64'), isPart: true };
}

function pack(directory: string, isTaken: (path: string) => boolean): Buffer {
  const parts = [...filesBelow(directory, isTaken)].flatMap((file: PackFile) => {
    const { path, size } = file;
    return [headerOf({ path, size, time_s: 0 }), ...file.chunks(), paddingOf(size)];
  });
  return gzipSync(Buffer.concat([...parts, endOfTar()]));
}

/**
 * Puts the run beside those that were made here. Null: it is there, and is what it says it is, as
 * far as its files show; else what is wrong with it. A run that is there already stays.
 */
export function unpackRun(
  runs: string,
  run: string,
  { files, isPart }: Carried,
): { readonly problem: string | null } {
  if (!RUN_ID.test(run)) return { problem: `"${run.slice(0, 80)}" is no id of a run` };
  const incoming = join(runs, `.${run}.incoming`);
  try {
    rmSync(incoming, { recursive: true, force: true });
    makeDirectories(incoming);
    unpack(gunzipSync(Buffer.from(files, 'base64'), { maxOutputLength: UNPACKED_BYTES }), incoming);
    const problem = problemOf(incoming, run, isPart);
    if (problem !== null) return { problem };
    const directory = join(runs, run);
    if (!isThere(directory)) adoptRunDirectory(runs, run, incoming);
    else if (resultSum(directory) !== resultSum(incoming)) {
      return { problem: `another run ${run} is in ${runs}` };
    }
    return { problem: null };
  } catch (error) {
    // Whatever was sent is damaged, or was never a run.
    const isSent = error instanceof PackError || (error as { code?: string }).code !== undefined;
    if (!isSent) throw error;
    return { problem: (error as Error).message };
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
}

function resultSum(directory: string): string {
  return sha256OfFileSync(runFile(directory, 'result'));
}

function unpack(bytes: Buffer, to: string): void {
  const source = {
    size: bytes.length,
    read: (at: number, length: number) => bytes.subarray(at, at + length),
  };
  const entries = [...entriesOf(source)];
  const clash = clashIn(entries.map(({ path }) => path));
  if (clash !== null) throw new PackError(`${clash[0]} and ${clash[1]} are one file`);
  for (const { path, at, size } of entries) {
    const file = join(to, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source.read(at, size), { flag: 'wx' });
  }
}

function problemOf(directory: string, run: string, isPart: boolean): string | null {
  if (readResult(directory)?.id !== run) return 'it has no result of its own';
  if (!isAsWritten(directory)) return 'its result is not the one that its journal names';
  // Without its ledgers it can only be judged where those are.
  if (isPart) return null;
  return checkRun(directory, run).checks.find(({ isOk }) => !isOk)?.text ?? null;
}

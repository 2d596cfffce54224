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
import { clashProblem, PackError } from '../../evidence/pack/paths.ts';
import { endOfTar, entriesOf, headerOf, paddingOf } from '../../evidence/pack/tar.ts';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { readPlan, runFile } from '../../evidence/run-files.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { isThere, makeDirectories } from '../../host/files.ts';
import { SENT_BYTES } from '../../queue/parts.ts';
import { checkRun } from '../pack/judge-pack.ts';

/** More than this is sent by nobody, and taken from nobody. */
const UNPACKED_BYTES = 2 ** 30;
/** Passwords of a system, and what is no evidence. */
const LEFT_OUT: readonly string[] = [
  RUN_FILES.system,
  RUN_FILES.claims,
  RUN_FILES.pinned,
  RUN_FILES.report,
];

/**
 * The files, compressed; null: they are too large to be sent. Throws a `PackError` where the folder
 * has what no run has.
 */
export function packRun(directory: string, most = SENT_BYTES): Buffer | null {
  const files = [...filesBelow(directory, isCarried)];
  if (files.reduce((all, { size }) => all + size, 0) > UNPACKED_BYTES) return null;
  const parts = files.flatMap((file: PackFile) => {
    const { path, size } = file;
    return [headerOf({ path, size, time_s: 0 }), ...file.chunks(), paddingOf(size)];
  });
  const all = gzipSync(Buffer.concat([...parts, endOfTar()]));
  return all.length <= most ? all : null;
}

function isCarried(path: string): boolean {
  return !path.startsWith('.') && !LEFT_OUT.includes(path);
}

/**
 * Puts the run beside those that were made here. Null: it is there, and is what it says it is, and
 * what was asked for; else what is wrong with it. A run that is there already stays. Throws an
 * `EnvironmentError` where this machine cannot keep it, whatever it is.
 */
export function unpackRun(
  runs: string,
  run: string,
  files: Buffer,
  misfit: (plan: Plan) => string | null,
): { readonly problem: string | null } {
  if (!RUN_ID.test(run)) return { problem: `"${run.slice(0, 80)}" is no id of a run` };
  const incoming = join(runs, `.${run}.incoming`);
  try {
    rmSync(incoming, { recursive: true, force: true });
    makeDirectories(incoming);
    unpack(gunzipSync(files, { maxOutputLength: UNPACKED_BYTES }), incoming);
    const problem = problemOf(incoming, run) ?? misfit(readPlan(incoming));
    if (problem !== null) return { problem };
    const directory = join(runs, run);
    if (!isThere(directory)) adoptRunDirectory(runs, run, incoming);
    else if (resultSum(directory) !== resultSum(incoming)) {
      return { problem: `another run ${run} is in ${runs}` };
    }
    return { problem: null };
  } catch (error) {
    if (isOfSent(error)) return { problem: error.message };
    if ((error as { syscall?: string }).syscall === undefined) throw error;
    throw cannotKeep(runs, error as Error);
  } finally {
    clear(incoming);
  }
}

/** What stays is begun anew by the next try. */
function clear(incoming: string): void {
  try {
    rmSync(incoming, { recursive: true, force: true });
  } catch {
    // A folder that cannot be written is told by what failed before.
  }
}

/** Whether what was sent is damaged, or was never a run. */
function isOfSent(error: unknown): error is Error {
  if (error instanceof PackError || error instanceof EvidenceError) return true;
  const { code } = error as { code?: string };
  return code !== undefined && /^(Z_|ERR_BUFFER_TOO_LARGE)/.test(code);
}

function cannotKeep(runs: string, error: Error): EnvironmentError {
  return new EnvironmentError(
    {
      what: `the folder of runs ${runs}`,
      expected: 'room for a run that a worker has sent, and leave to write it',
      found: error.message,
      hint: 'mend that, then --resume the series: what was sent is still in the queue',
    },
    { cause: error },
  );
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
  const clash = clashProblem(entries.map(({ path }) => path));
  if (clash !== null) throw new PackError(clash);
  for (const { path, at, size } of entries) {
    const file = join(to, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source.read(at, size), { flag: 'wx' });
  }
}

function problemOf(directory: string, run: string): string | null {
  if (readResult(directory)?.id !== run) return 'it has no result of its own';
  if (!isAsWritten(directory)) return 'its result is not the one that its journal names';
  return checkRun(directory, run).checks.find(({ isOk }) => !isOk)?.text ?? null;
}

// Verifies a pack of evidence: that it is what somebody signed, and that what it says follows from
// it. It only reads, and writes nowhere but into a folder of its own, which goes in the end.
import type { KeyObject } from 'node:crypto';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { bad, checkPack, type Check } from '../../evidence/pack/check-pack.ts';
import { hashOf, openPack, type PackFile } from '../../evidence/pack/pack-file.ts';
import { PackError } from '../../evidence/pack/paths.ts';
import type { Statement } from '../../evidence/pack/statement.ts';
import { isOwn, removeTree } from '../../host/files.ts';
import { lockHolders, takeLock } from '../../host/lock.ts';
import { temporaryDirectory } from '../../host/temporary.ts';
import { judgePack } from './judge-pack.ts';

/** The part of a pack that has the runs, as a folder of runs. */
export const RUNS = 'runs';

const SCRATCH = 'drill-evidence-';
const LOCK = 'verify.lock';

export interface Verified {
  readonly checks: readonly Check[];
  /** Null where there is none that can be read. */
  readonly statement: Statement | null;
  readonly keyid: string | null;
  /** Every check is all right. By whose key it is signed is another question. */
  readonly isWhole: boolean;
}

/** `key` null: the one inside. Throws what the system says where the file cannot be read. */
export function verifyPack(path: string, key: KeyObject | null): Verified {
  try {
    return verify(path, key);
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    const checks = [bad('pack', error.message)];
    return { checks, statement: null, keyid: null, isWhole: false };
  }
}

function verify(path: string, key: KeyObject | null): Verified {
  using pack = openPack(path);
  const { checks, statement, keyid } = checkPack(pack.files, key);
  const isAuthentic = checks.every(({ isOk }) => isOk);
  // What is not as it was signed is not even looked into.
  const judged = isAuthentic && statement !== null ? judgeUnpacked(pack.files(), statement) : [];
  const all = [...checks, ...judged];
  return {
    checks: all,
    statement,
    keyid,
    isWhole: judged.length > 0 && all.every((one) => one.isOk),
  };
}

function judgeUnpacked(files: Iterable<PackFile>, statement: Statement): Check[] {
  const temporary = temporaryDirectory();
  removeLeft(temporary);
  const scratch = mkdtempSync(join(temporary, SCRATCH));
  takeLock(join(scratch, LOCK), 'drill evidence verify');
  try {
    const sums = new Map(statement.subject.map(({ name, digest }) => [name, digest.sha256]));
    for (const file of files) {
      if (file.path.startsWith(`${RUNS}/`))
        unpack(file, join(scratch, file.path), sums.get(file.path));
    }
    const checks = judgePack(join(scratch, RUNS), statement);
    // Where it was unpacked to tells nobody anything.
    return checks.map((check) => ({ ...check, text: check.text.replaceAll(`${scratch}/`, '') }));
  } finally {
    removeTree(scratch);
  }
}

/** Those of verifiers that were killed; a lock shows whose process is gone. */
function removeLeft(temporary: string): void {
  for (const name of readdirSync(temporary).filter((each) => each.startsWith(SCRATCH))) {
    const scratch = join(temporary, name);
    const lock = join(scratch, LOCK);
    // Without a lock it is not drill's, or was made a moment ago.
    if (!isOwn(scratch) || !isFolder(scratch) || !isFolder(lock)) continue;
    if (readdirSync(lock).length > 0 && lockHolders(lock).length === 0) removeTree(scratch);
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Its path was looked at; it is hashed once more, since it may have been changed meanwhile. */
function unpack(file: PackFile, to: string, sha256: string | undefined): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const written = openSync(to, 'wx', 0o600);
  try {
    const chunks = function* () {
      for (const chunk of file.chunks()) {
        for (let done = 0; done < chunk.length;) done += writeSync(written, chunk, done);
        yield chunk;
      }
    };
    if (hashOf({ chunks }) !== sha256) throw new PackError(`${file.path} was changed meanwhile`);
  } finally {
    closeSync(written);
  }
}

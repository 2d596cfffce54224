// A lock that one process at a time holds: a folder with a file for everybody who holds or wants
// it. Everybody writes their own file before they look at the others', so that of two at once never
// both go on. What a dead process left counts for nothing.
import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectories } from './files.ts';
import { readPlainFile } from './plain-file.ts';
import { presenceOf, thisRunner, type Runner } from './process/runner.ts';

const HOLDER_BYTES = 16_384;

export interface LockHolder {
  /** What the holder does, in words. */
  readonly by: string;
  readonly owner: Runner;
}

export type Locked = { readonly release: () => void } | { readonly taken: LockHolder };

/**
 * Takes the lock, unless somebody has it: another process, or this one for something else. Throws
 * where a link or a file is in the folder's place: nothing is written to where a link leads.
 */
export function takeLock(folder: string, by: string): Locked {
  const name = `${process.pid}-${randomBytes(4).toString('hex')}.json`;
  const own = join(folder, name);
  const owner = thisRunner();
  makeDirectories(folder);
  if (!isFolder(folder)) throw new Error(`${folder}: expected a folder, found something else`);
  writeFileSync(own, `${JSON.stringify({ by, owner })}\n`, { mode: 0o600, flag: 'wx' });
  const release = () => rmSync(own, { force: true });
  const [taken] = holdersIn(folder, name);
  if (taken === undefined) {
    forgetTheDead(folder);
    return { release };
  }
  release();
  return { taken };
}

/** Whoever was killed could not take its file away; it counts for nothing where it stays. */
function forgetTheDead(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const holder = readHolder(file);
    if (holder === null || mayLive(holder.owner)) continue;
    try {
      rmSync(file, { force: true });
    } catch {
      // it is another user's
    }
  }
}

/** Who holds or wants the lock now. */
export function lockHolders(folder: string): LockHolder[] {
  return holdersIn(folder, null);
}

function holdersIn(folder: string, but: string | null): LockHolder[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const holder = name === but ? null : readHolder(join(folder, name));
    return holder !== null && mayLive(holder.owner) ? [holder] : [];
  });
}

/** Also true where it cannot be seen: of the same boot, in another container. */
function mayLive(owner: Runner): boolean {
  return ['there', 'unseen'].includes(presenceOf(owner));
}

/** Null for one that is gone by now, or half written: its writer looks at the others after that. */
function readHolder(file: string): LockHolder | null {
  try {
    const text = readPlainFile(file, HOLDER_BYTES).toString('utf8');
    const holder = JSON.parse(text) as Partial<LockHolder> | null;
    const { by, owner } = holder ?? {};
    if (typeof by !== 'string' || !isRunner(owner)) return null;
    return { by, owner };
  } catch {
    return null;
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isRunner(owner: Partial<Runner> | undefined): owner is Runner {
  return typeof owner?.pid === 'number' && typeof owner.started === 'string';
}

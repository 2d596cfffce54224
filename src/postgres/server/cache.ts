// The cache of what drill makes once for all runs: the database template and, where needed, its
// own copy of the PostgreSQL binaries.
import { accessSync, chmodSync, constants, existsSync, lstatSync, renameSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { EnvironmentError } from '../../host/environment-error.ts';
import { removeHalfMade } from '../../host/tree/remove-half-made.ts';
import { makeDirectories, removeTree, isThere } from '../../host/files.ts';
import { platform } from '../../host/platform.ts';
import { makerOf, makerEnding } from '../../host/half-made/ending.ts';
import type { ProcessEnvironment } from '../../host/process/processes.ts';
import { closedTo } from '../../host/temporary.ts';
import { ownUid } from '../../host/users.ts';
import type { Identity } from './identity.ts';

const OTHERS_MAY_WRITE = 0o022;
const KEPT = /^(?:template|postgres)-/;

/**
 * `DRILL_CACHE`; else `drill` below the user's cache (XDG). Root uses `/var/cache/drill`, since the
 * user that PostgreSQL runs as cannot pass through root's home. Where that cannot be written, a
 * directory of this user's in the system's temporary one.
 */
export function cacheDirectory(environment: ProcessEnvironment, identity: Identity): string {
  const stated = environment['DRILL_CACHE'];
  if (stated) {
    const path = resolve(stated); // the servers work elsewhere
    const problem = prepare(path, identity);
    if (problem === null) return path;
    throw new EnvironmentError({
      what: 'the cache directory',
      expected: `DRILL_CACHE=${stated} to be a directory that this user alone can write`,
      found: problem,
      hint: 'name one of drill’s own: DRILL_CACHE=/some/where/drill drill …, or unset it',
    });
  }
  const fallback = resolve(platform().temporary, `drill-cache-${ownUid()}`);
  const usual = usualDirectory(environment, identity) ?? fallback;
  if (prepare(usual, identity) === null) return usual;
  const problem = prepare(fallback, identity);
  if (problem === null) return fallback;
  throw new EnvironmentError({
    what: 'the cache directory',
    expected: `${usual} or ${fallback} to be writable`,
    found: problem,
    hint: 'name a directory that this user can write: DRILL_CACHE=/some/where drill …',
  });
}

/** Null for a user without a home. */
function usualDirectory(environment: ProcessEnvironment, identity: Identity): string | null {
  if (identity.isOther) return '/var/cache/drill';
  const stated = environment['XDG_CACHE_HOME'];
  // The specification has a relative one ignored.
  if (stated && isAbsolute(stated)) return join(stated, 'drill');
  const { home } = platform();
  return home === null ? null : join(home, '.cache', 'drill');
}

/**
 * Null when the directory is there, this user's own and nobody else's to write; else what is wrong.
 * Anybody who could write there could put a template of theirs there.
 */
function prepare(path: string, identity: Identity): string | null {
  try {
    if (!existsSync(path)) {
      const mode = identity.isOther ? 0o755 : 0o700;
      makeDirectories(path, mode);
      chmodSync(path, mode); // exactly, whatever the umask; one that was there keeps its mode
    }
    const facts = lstatSync(path);
    const { uid, mode } = facts;
    if (!facts.isDirectory()) return `${path} is not a directory`;
    if (uid !== ownUid()) return `${path} belongs to uid ${uid}`;
    if ((mode & OTHERS_MAY_WRITE) !== 0) return `other users can write in ${path}`;
    accessSync(path, constants.W_OK | constants.X_OK);
    const closed = identity.isOther ? closedTo(identity, path) : null;
    if (closed !== null) return `${identity.name}, who runs PostgreSQL, cannot enter ${closed}`;
    removeHalfMade(path, isWorkshop);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether a directory of that name is one in which something was being made for the cache. */
export function isWorkshop(name: string): boolean {
  return KEPT.test(name) && makerOf(name) !== null;
}

/** A path beside `kept` at which this process makes it; nothing is there yet. */
export function claimWorkshop(kept: string): string {
  const own = `${kept}.making-${makerEnding()}`;
  removeTree(own);
  return own;
}

/**
 * Moves what was made to where it is kept, unless another process was faster; an incomplete one
 * that stands in the way is removed.
 */
export function putInPlace(made: string, kept: string, isComplete: () => boolean): void {
  try {
    renameSync(made, kept);
  } catch (error) {
    const isInTheWay = isThere(kept);
    if (isComplete() || !isInTheWay) throw error;
    const broken = join(dirname(kept), `${basename(kept)}.broken-${makerEnding()}`);
    removeTree(broken);
    renameSync(kept, broken);
    renameSync(made, kept);
    removeTree(broken);
  }
}

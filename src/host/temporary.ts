// The directory for what a run needs only while it lasts: TMPDIR, where it can be used.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { EnvironmentError } from './environment-error.ts';
import { platform } from './platform.ts';
import type { HostUser } from './users.ts';

const OTHERS_MAY_WRITE = 0o002;
const STICKY = 0o1000;

/** What can be wrong with it: what was expected of it, and what was found. */
type Problem = readonly [expected: string, found: string];

/**
 * Throws an `EnvironmentError` where this user cannot make directories in it, or where `other`, who
 * is to work in one of them, cannot get there.
 */
export function temporaryDirectory(other: HostUser | null = null): string {
  const { temporary } = platform();
  const problem = problemOf(temporary, other);
  if (problem === null) return temporary;
  const [expected, found] = problem;
  throw new EnvironmentError({
    what: `the directory for temporary files, TMPDIR=${temporary}`,
    expected,
    found,
    hint: 'unset TMPDIR, or name another directory: TMPDIR=/tmp drill …',
  });
}

function problemOf(path: string, other: HostUser | null): Problem | null {
  if (!isAbsolute(path)) return ['an absolute path', 'a relative one'];
  const expected = 'a directory that this user can write';
  try {
    const facts = statSync(path);
    if (!facts.isDirectory()) return [expected, 'no directory'];
    if ((facts.mode & OTHERS_MAY_WRITE) !== 0 && (facts.mode & STICKY) === 0) {
      return [
        'a directory in which nobody can exchange the files of others (chmod +t)',
        'others can write there, and it is not sticky',
      ];
    }
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    return [expected, (error as Error).message];
  }
  const closed = other === null ? null : closedTo(other, path);
  if (closed === null) return null;
  const user = `${other!.name} (uid ${other!.uid})`;
  return [
    `a directory that ${user} can enter too, since PostgreSQL runs as that user`,
    `${closed} is closed to it`,
  ];
}

/**
 * The topmost directory on the way to `path`, itself included, that the user cannot enter; null
 * where the way is free. Only root can ask for another user. The kernel is asked and not the modes:
 * there are access lists too.
 */
export function closedTo(user: { uid: number; gid: number }, path: string): string | null {
  const way: string[] = [];
  for (let at = realpathSync(path); at !== dirname(at); at = dirname(at)) way.unshift(at);
  const canEnter = (directory: string) => {
    const args = ['-c', 'cd -- "$1"', 'sh', directory];
    const ids = { uid: user.uid, gid: user.gid };
    const { status } = spawnSync('/bin/sh', args, { ...ids, cwd: '/', env: {}, stdio: 'ignore' });
    return status === 0 || status === null; // null: it could not be asked
  };
  if (way.length === 0 || canEnter(way.at(-1)!)) return null;
  return way.find((directory) => !canEnter(directory)) ?? null;
}

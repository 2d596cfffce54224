// The symbolic links of the platform package. npm archives hold none; the package's install script
// makes them from `pg-symlinks.json`, and where scripts are not run they are missing: then
// libraries are not found, or the system's own are bound silently.
import { existsSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

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

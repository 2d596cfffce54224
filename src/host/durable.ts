// Files that are still there after a power cut: written under another name, forced to the disk, and
// only then given their own.
import {
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { link, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Owner } from './files.ts';

const AT_ONCE = 16;

/** A file's content stays; names that were made, changed or removed in a directory stay so. */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Everything below the directory, and the directory itself. */
export async function syncTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isDirectory())) {
    await syncTree(join(path, entry.name));
  }
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(path, name));
  for (let at = 0; at < files.length; at += AT_ONCE) {
    await Promise.all(files.slice(at, at + AT_ONCE).map(syncPath));
  }
  await syncPath(path);
}

/** Gives what is on the disk already its own name. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncPath(dirname(to));
}

/**
 * Like `writeDurably`, for whoever has other things to do meanwhile. `isNew`: where something has
 * the name already, it stays as it is; resolves to whether the text is there now. `half` is taken
 * away, unless this process is killed.
 */
export async function writeBeside(
  path: string,
  text: string,
  { half, isNew }: { readonly half: string; readonly isNew: boolean },
): Promise<boolean> {
  try {
    await writeFile(half, text, { mode: 0o600, flush: true, flag: 'wx' });
    if (isNew) await link(half, path);
    else await rename(half, path);
    await syncPath(dirname(path));
    return true;
  } catch (error) {
    if (isNew && (error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(half, { force: true });
  }
}

/**
 * The old text or the new one is on the disk at every moment, never a half one. Whoever writes it
 * must not go on before, and the text is short: this waits for the disk.
 */
export function writeDurably(
  path: string,
  text: string,
  { owner = null, mode = 0o644 }: { readonly owner?: Owner; readonly mode?: number } = {},
): void {
  const half = `${path}.half`;
  rmSync(half, { force: true }); // a writer that was killed leaves one
  writeFileSync(half, text, { mode, flush: true, flag: 'wx' });
  if (owner !== null) chownSync(half, owner.uid, owner.gid);
  renameSync(half, path);
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

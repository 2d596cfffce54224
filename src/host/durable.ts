// Files that are still there after a power cut: written under another name, forced to the disk, and
// only then given their own.
import { chown, open, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Owner } from './files.ts';

const AT_ONCE = 16;

/** Names that were made, changed or removed in the directory stay so. */
export async function syncDirectory(path: string): Promise<void> {
  await sync(path);
}

async function sync(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
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
    await Promise.all(files.slice(at, at + AT_ONCE).map(sync));
  }
  await syncDirectory(path);
}

/** Gives what is on the disk already its own name. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}

/** Only its owner can read it. */
export async function writeDurably(path: string, text: string, owner: Owner): Promise<void> {
  const half = `${path}.half`;
  const file = await open(half, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  if (owner !== null) await chown(half, owner.uid, owner.gid);
  await renameDurably(half, path);
}

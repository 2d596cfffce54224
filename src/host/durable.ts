// Files that are still there after a power cut: written under another name, forced to the disk, and
// only then given their own.
import { chown, open, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

type Owner = { readonly uid: number; readonly gid: number } | null;

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
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const at = join(path, entry.name);
    if (entry.isDirectory()) await syncTree(at);
    else if (entry.isFile()) await sync(at);
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

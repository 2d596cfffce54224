// What waits to go to a shared history: a file for each run and series, written before the first
// try, gone once it is there. Its name has a hash of what is in it, so that whoever takes one away
// never takes a newer state of the same run with it.
import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Fit } from '../../drill/misfit.ts';
import { uploadIn, type Upload } from '../../evidence/history-form.ts';
import { writeDurably } from '../../host/durable.ts';
import { makeDirectories } from '../../host/files.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import { sha256 } from '../../host/sha256.ts';

/** More than any result has, and what goes with it. */
const UPLOAD_BYTES = 160 * 2 ** 20;
const WAITING = /^(run|series)-.*\.json$/;
const RUN = /^run-(.*)\.[0-9a-f]{12}\.json$/;
const FAILED = 'failed';
const ASIDE = '.damaged';

export class Outbox {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Throws what the operating system says. */
  add(upload: Upload): void {
    makeDirectories(this.folder, 0o700);
    const text = `${JSON.stringify(upload)}\n`;
    const name = `${upload.kind}-${upload.id}.${sha256(text).slice(0, 12)}.json`;
    writeDurably(join(this.folder, name), text, { mode: 0o600 });
  }

  /** Names, the oldest first: ids begin with a time. */
  waiting(): string[] {
    return this.#names()
      .filter((name) => WAITING.test(name))
      .toSorted(byId);
  }

  /** The runs among them. */
  waitingRuns(): Set<string> {
    const ids = this.#names().flatMap((name) => RUN.exec(name)?.[1] ?? []);
    return new Set(ids);
  }

  /** Null where it is gone: somebody else has sent it. */
  read(name: string): Fit<Upload> | null {
    const path = join(this.folder, name);
    try {
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
      return uploadIn(readPlainFile(path, UPLOAD_BYTES).toString('utf8'));
    } catch (error) {
      return { problem: (error as Error).message };
    }
  }

  remove(name: string): void {
    rmSync(join(this.folder, name), { force: true });
  }

  /** Out of the way of others; people may look at it. */
  setAside(name: string): void {
    renameSync(join(this.folder, name), join(this.folder, `${name}${ASIDE}`));
  }

  /** When the database last did not take anything, by the clock of the disk; null: it did since. */
  failedAt(): number | null {
    const facts = lstatSync(join(this.folder, FAILED), { throwIfNoEntry: false });
    return facts === undefined ? null : facts.mtimeMs;
  }

  /** Null: it took all. Never throws: it is only asked for whether to wait before the next try. */
  noteFailure(why: string | null): void {
    const path = join(this.folder, FAILED);
    try {
      if (why === null) rmSync(path, { force: true });
      else writeDurably(path, `${why}\n`, { mode: 0o600 });
    } catch {
      // two at once, or a full disk
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}

function byId(one: string, other: string): number {
  const idOf = (name: string) => name.slice(name.indexOf('-') + 1);
  return idOf(one) < idOf(other) ? -1 : Number(idOf(one) > idOf(other));
}

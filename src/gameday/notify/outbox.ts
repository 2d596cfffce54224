// The messages on the disk, `.drill/gamedays/outbox/`: one file for each message and receiver,
// written before the first try. What was sent or given up stays for a while: it tells people, and
// it keeps the same from being said twice. Nothing here blocks, since drills go on meanwhile; what
// the disk does not take is kept in memory, as long as this process lives.
import { randomBytes } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectories } from '../../host/files.ts';
import { writeBeside } from '../../host/durable.ts';
import { takeLock, type Locked } from '../../host/lock.ts';
import { sha256 } from '../../host/sha256.ts';
import { gameDayFolder } from '../day/day-files.ts';
import { entryIn, type Entry } from './outbox-form.ts';

/** So many are kept, of at most some 64 KiB each. */
const ENTRIES_MOST = 400;
/** So many go at once where there is no room. */
const ROOM = 40;
const LOG_BYTES = 2 ** 20;
const HALF = '.half';
/** One that waits for longer waits for a receiver that no file has any more. */
const WAITED_MS = 7 * 86_400_000;
/** A half of a process that was killed. */
const HALF_MS = 600_000;

export interface Stored {
  /** Its name in the folder. */
  readonly file: string;
  readonly entry: Entry;
  /** False where it is in memory alone. */
  readonly isKept: boolean;
}

export class Outbox {
  readonly #folder: string;
  /** Goes before the disk: what could not be written there. */
  readonly #unwritten = new Map<string, Entry>();

  readonly #say: (text: string) => void;
  #isBroken = false;

  /** `say`: that nothing can be written, once for as long as it lasts. */
  constructor(runs: string, say: (text: string) => void = () => {}) {
    this.#folder = join(gameDayFolder(runs), 'outbox');
    this.#say = say;
  }

  /** Resolves to why it is only in memory; null: it is on the disk, or was before. */
  async add(entry: Entry): Promise<string | null> {
    const file = fileOf(entry);
    try {
      await this.#makeRoom(entry.since_ms);
      await this.#write(file, entry, true);
      return null;
    } catch (error) {
      if (this.#unwritten.size < ENTRIES_MOST) this.#unwritten.set(file, entry);
      return this.#broken(error as Error);
    }
  }

  /** The same; of one that is only in memory it stays there. */
  async update({ file, entry }: Pick<Stored, 'file' | 'entry'>): Promise<string | null> {
    try {
      await this.#write(file, entry, false);
      this.#unwritten.delete(file);
      return null;
    } catch (error) {
      this.#unwritten.set(file, entry);
      return this.#broken(error as Error);
    }
  }

  /** Null where it is not there any more. */
  async read(file: string): Promise<Entry | null> {
    const unwritten = this.#unwritten.get(file);
    if (unwritten !== undefined) return unwritten;
    try {
      return entryIn(await readFile(join(this.#folder, file), 'utf8'));
    } catch {
      return null;
    }
  }

  /** The oldest first. Rejects where nothing can be read. */
  async list(): Promise<Stored[]> {
    const names = await this.#names().catch((error: Error) => {
      if (this.#unwritten.size === 0) throw error;
      return [];
    });
    const files = new Set([...names, ...this.#unwritten.keys()]);
    const found: Stored[] = [];
    for (const file of files) {
      const entry = await this.read(file);
      const isKept = !this.#unwritten.has(file);
      if (entry !== null) found.push({ file, entry, isKept });
    }
    return found.toSorted((one, other) => one.entry.since_ms - other.entry.since_ms);
  }

  /** Whoever sends to a receiver holds it: none gets the same from two processes at once. */
  lock({ entry }: Stored): Locked {
    return takeLock(join(this.#folder, `${receiverKey(entry)}.lock`), `to ${entry.receiver}`);
  }

  /** Takes the output of commands, the last of it. */
  commandLog(): string {
    const path = join(this.#folder, 'commands.log');
    try {
      makeDirectories(this.#folder, 0o700);
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES) rmSync(path);
    } catch {
      // a command is told without a log too
    }
    return path;
  }

  /** Takes away what processes that were killed have left half written. */
  async sweep(now_ms: number): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((name) => name.endsWith(HALF))) {
      const path = join(this.#folder, name);
      const facts = await stat(path).catch(() => null);
      if (facts !== null && facts.mtimeMs < now_ms - HALF_MS) await rm(path, { force: true });
    }
  }

  async #write(file: string, entry: Entry, isNew: boolean): Promise<void> {
    makeDirectories(this.#folder, 0o700);
    const path = join(this.#folder, file);
    const half = `${path}.${randomBytes(4).toString('hex')}${HALF}`;
    await writeBeside(path, `${JSON.stringify(entry)}\n`, { half, isNew });
    this.#isBroken = false;
  }

  #broken({ message }: Error): string {
    const then = 'messages are sent while this process lives, and not after it';
    if (!this.#isBroken) this.#say(`the outbox cannot be written: ${message}; ${then}`);
    this.#isBroken = true;
    return message;
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names.filter((name) => name.endsWith('.json'));
  }

  /** The oldest that nobody waits for go. Throws where all are waited for. */
  async #makeRoom(now_ms: number): Promise<void> {
    if ((await this.#names()).length < ENTRIES_MOST) return;
    const over = (await this.list()).filter(({ entry: { state, since_ms } }) => {
      return state !== 'waiting' || since_ms < now_ms - WAITED_MS;
    });
    if (over.length === 0) throw new Error(`${ENTRIES_MOST} messages wait, and there is no room`);
    for (const { file } of over.slice(0, ROOM)) await rm(join(this.#folder, file), { force: true });
  }
}

function receiverKey({ receiver, message }: Entry): string {
  return sha256(`${message.gameday.name}\n${receiver}`).slice(0, 12);
}

function fileOf(entry: Entry): string {
  return `${entry.message.id}.${receiverKey(entry)}.json`;
}

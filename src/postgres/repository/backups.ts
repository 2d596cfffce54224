// The base backups of a repository: taken from the primary, checked, put on the disk, and the
// oldest removed.
import { chmodSync, existsSync, readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../host/clock.ts';
import { renameDurably, syncTree, writeDurably } from '../../host/durable.ts';
import { makePrivateDirectory, removeTree } from '../../host/files.ts';
import { verifyBackup } from '../backup/backup-manifest.ts';
import { takeBaseBackup } from '../backup/base-backup.ts';
import {
  factsFile,
  listBackups,
  placesOf,
  segmentBytesOf,
  systemOf,
  type BackupFacts,
} from './layout.ts';
import type { RepositorySettings } from './protocol.ts';

export class BackupStore {
  readonly #settings: RepositorySettings;
  readonly #clock: Clock;
  readonly #place: string;
  #kept: readonly BackupFacts[];
  #last: number;

  /** Removes what an interrupted backup or removal left behind. */
  constructor(settings: RepositorySettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#place = placesOf(settings.directory).backups;
    this.#kept = listBackups(settings.directory);
    const numbers = readdirSync(this.#place).map((name) => Number(/^base-(\d+)/.exec(name)?.[1]));
    this.#last = Math.max(0, ...numbers.filter((number) => !Number.isNaN(number)));
    for (const name of readdirSync(this.#place)) {
      const isKept = this.#kept.some((kept) => name === kept.name || name === `${kept.name}.json`);
      if (!isKept) removeTree(join(this.#place, name));
    }
  }

  /** The oldest first. */
  get kept(): readonly BackupFacts[] {
    return this.#kept;
  }

  /**
   * Rejects, and leaves nothing, when the copy is not whole, does not agree with its manifest, or
   * `refuse` says that its source is another one.
   */
  async take(
    refuse: (facts: BackupFacts) => string | null,
    signal: AbortSignal,
  ): Promise<BackupFacts> {
    const { primary: from, owner } = this.#settings;
    const began = this.#clock.now();
    const name = `base-${String((this.#last += 1)).padStart(4, '0')}`;
    const half = join(this.#place, `${name}.half`);
    try {
      makePrivateDirectory(half, owner);
      chmodSync(half, 0o700);
      await takeBaseBackup({ from, directory: half, owner, signal });
      const facts = await this.#examine(half, name, began);
      signal.throwIfAborted();
      const refusal = refuse(facts);
      if (refusal !== null) throw new Error(refusal);
      await syncTree(half);
      signal.throwIfAborted();
      await renameDurably(half, join(this.#place, name));
      writeDurably(factsFile(this.#place, name), JSON.stringify(facts), { owner, mode: 0o600 });
      this.#kept = [...this.#kept, facts];
      return facts;
    } finally {
      removeTree(half);
    }
  }

  async #examine(half: string, name: string, began: number): Promise<BackupFacts> {
    const { files, bytes, range, problems } = await verifyBackup(half);
    if (range === null || problems.length > 0) {
      throw new Error(`the base backup is not sound: ${problems.join('; ')}`);
    }
    const now = this.#clock.now();
    return {
      name,
      files,
      bytes,
      ...range,
      system: systemOf(half),
      segment_bytes: segmentBytesOf(half),
      taken_ms: now,
      taken_at: new Date(this.#clock.wall()).toISOString(),
      ms: now - began,
    };
  }

  /** Resolves when only the newest `keep` are left. */
  async removeBut(keep: number): Promise<void> {
    const old = this.#kept.slice(0, -keep);
    this.#kept = this.#kept.slice(-keep);
    for (const { name } of old) {
      const path = join(this.#place, name);
      // Without its facts it is none any more, whatever is left of it.
      await rm(factsFile(this.#place, name), { force: true });
      if (existsSync(path)) renameSync(path, `${path}.old`);
      await rm(`${path}.old`, { recursive: true, force: true });
    }
  }
}

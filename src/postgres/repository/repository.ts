// The backup repository of one primary: base backups on a schedule, write-ahead log by one of three
// ways, and what is no longer needed of both removed.
import { until, type Clock } from '../../host/clock.ts';
import { makePrivateDirectory } from '../../host/files.ts';
import { LOOPBACK, type Address } from '../../host/ports.ts';
import { findLog, type LogToReplay } from './restore-log.ts';
import { WalReceiver } from '../backup/wal-receiver.ts';
import { BackupStore } from './backups.ts';
import { startIntake, type Intake } from './intake.ts';
import { placesOf, type BackupFacts } from './layout.ts';
import type {
  RepositoryProblem,
  RepositorySettings,
  RepositoryState,
  StoredLog,
  StreamStart,
} from './protocol.ts';
import { LogStore } from './stored-log.ts';

export interface RepositoryEvents {
  'backup.taken': BackupFacts;
  'backup.failed': RepositoryProblem;
  'wal.streaming': StreamStart;
  'wal.broken': RepositoryProblem;
}
export type EmitRepository = <N extends keyof RepositoryEvents>(
  name: N,
  body: RepositoryEvents[N],
) => void;

/** The primary must keep its log for us before a base backup begins. */
const SLOT_AT_MOST_MS = 10_000;
const SLOT_POLL_MS = 10;

/** A running repository; `hold` is its end, for whoever restores from it. */
export class BackupRepository {
  readonly #settings: RepositorySettings;
  readonly #clock: Clock;
  readonly #emit: EmitRepository;
  readonly #holding = new AbortController();
  readonly #log: LogStore;
  readonly #backups: BackupStore;
  readonly #receiver: WalReceiver | null;
  #intake: Intake | null = null;
  /** The backup that is being taken, and those that wait for it. */
  #taking: Promise<unknown> = Promise.resolve();
  #archivedBytes = 0;
  #backupBytes = 0;

  constructor(settings: RepositorySettings, clock: Clock, emit: EmitRepository) {
    this.#settings = settings;
    this.#clock = clock;
    this.#emit = emit;
    const { directory, owner } = settings;
    const places = placesOf(directory);
    for (const place of [directory, places.backups, places.wal]) makePrivateDirectory(place, owner);
    this.#log = new LogStore(places.wal);
    this.#backups = new BackupStore(settings, clock);
    for (const kept of this.#backups.kept) this.#log.admit(kept);
    this.#receiver = settings.wal === 'archive' ? null : this.#newReceiver(places.wal);
  }

  #newReceiver(directory: string): WalReceiver {
    const { primary, name, owner } = this.#settings;
    const clock = this.#clock;
    return new WalReceiver({
      from: primary,
      name,
      directory,
      owner,
      clock,
      refuse: (server) => this.#log.admit(server),
      missingFrom: (server) => this.#log.wholeUntil(server),
      onFlushed: () => this.#log.touch(clock.now()),
      onWhole: (segment) => this.#log.add(segment),
      onStream: (problem) => {
        const at_ms = clock.now();
        if (problem !== null) this.#emit('wal.broken', { at_ms, reason: problem });
        else this.#emit('wal.streaming', { at_ms, lsn: this.#logNow().end_lsn });
      },
    });
  }

  /**
   * Begins to take log and to count the time to the first scheduled backup. Resolves to where
   * segments are taken; null where the log is received.
   */
  async start(): Promise<Address | null> {
    this.#intake = this.#receiver === null ? await this.#startIntake() : null;
    this.#receiver?.start();
    void this.#keepSchedule();
    return this.#intake === null ? null : { host: this.#intake.host, port: this.#intake.port };
  }

  async #startIntake(): Promise<Intake> {
    const { run, token, owner, directory, listen } = this.#settings;
    return await startIntake({
      run,
      token,
      owner,
      directory: placesOf(directory).wal,
      listen: listen ?? { host: LOOPBACK, port: 0 },
      refuse: (source) => this.#log.admit(source),
      onStored: (name, bytes) => {
        this.#archivedBytes += bytes;
        this.#log.add(name);
        this.#log.touch(this.#clock.now());
      },
    });
  }

  async #keepSchedule(): Promise<void> {
    const { signal } = this.#holding;
    const { every_ms } = this.#settings;
    let next = this.#clock.now();
    while (!signal.aborted) {
      // A backup that took longer than the interval leaves out what it missed.
      do next += every_ms;
      while (next < this.#clock.now());
      await this.#clock.sleep(next - this.#clock.now(), signal).catch(() => {});
      // Told by its event; the next one is tried in its own time.
      if (!signal.aborted) await this.backup().catch(() => {});
    }
  }

  /** One more base backup, after the one that is under way. */
  async backup(): Promise<BackupFacts> {
    const taken = this.#taking.then(() => this.#takeBackup());
    this.#taking = taken.catch(() => {});
    return await taken;
  }

  async #takeBackup(): Promise<BackupFacts> {
    const { signal } = this.#holding;
    signal.throwIfAborted();
    try {
      await this.#untilLogIsKept();
      const refuse = (found: BackupFacts) => {
        this.#logNow(); // how far the log went before this one
        return this.#log.admit(found);
      };
      const facts = await this.#backups.take(refuse, signal);
      this.#log.touch(this.#clock.now());
      this.#backupBytes += facts.bytes;
      this.#emit('backup.taken', facts);
      await this.#removeOld();
      return facts;
    } catch (error) {
      signal.throwIfAborted();
      this.#emit('backup.failed', { at_ms: this.#clock.now(), reason: (error as Error).message });
      throw error;
    }
  }

  async #untilLogIsKept(): Promise<void> {
    const receiver = this.#receiver;
    if (receiver === null) return;
    const { signal } = this.#holding;
    const clock = this.#clock;
    const deadline_ms = clock.now() + SLOT_AT_MOST_MS;
    const waiting = { clock, deadline_ms, every_ms: SLOT_POLL_MS, signal };
    if (await until(waiting, async () => receiver.isSlotThere || null)) return;
    throw new Error(`the primary keeps no log for this storage: ${receiver.problem}`);
  }

  async #removeOld(): Promise<void> {
    if (this.#holding.signal.aborted) return;
    await this.#backups.removeBut(this.#settings.keep);
    const [oldest] = this.#backups.kept;
    if (oldest !== undefined && !this.#holding.signal.aborted) this.#log.prune(oldest);
  }

  state(): RepositoryState {
    const held = this.#holding.signal.aborted;
    const backup_bytes = this.#backupBytes;
    return { backups: this.#backups.kept, wal: this.#logNow(), backup_bytes, held };
  }

  logAfter(name: string): LogToReplay {
    const backup = this.#backups.kept.find((kept) => kept.name === name);
    if (backup === undefined) throw new Error(`there is no base backup ${name}`);
    return findLog(this.#settings.directory, backup);
  }

  #logNow(): StoredLog {
    const receiver = this.#receiver;
    return {
      ...this.#log.state(this.#backups.kept, receiver?.flushed ?? null),
      received_bytes: receiver?.receivedBytes ?? this.#archivedBytes,
      problem: receiver?.problem ?? null,
    };
  }

  /** Nothing changes after it; what came is on the disk. Doing it twice is fine. */
  async hold(): Promise<RepositoryState> {
    this.#holding.abort(new Error('the storage is held'));
    await Promise.all([this.#taking, this.#receiver?.stop(), this.#intake?.close()]);
    return this.state();
  }
}

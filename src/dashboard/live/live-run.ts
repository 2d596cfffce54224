// Runs that go on, each read once however many watch it: its journal is followed from its first
// line by one reader.
import { join } from 'node:path';
import { stateOf } from '../../archive/run-list.ts';
import {
  followJournal,
  RESULT_AT_MOST_MS,
  type JournalFollower,
} from '../../evidence/follow-journal.ts';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { readPlan, runFile } from '../../evidence/run-files.ts';
import { hostNow, type Clock } from '../../host/clock.ts';
import { isThere } from '../../host/files.ts';
import { Course } from './course.ts';

/** Nobody has asked for it for so long. */
const IDLE_MS = 60_000;

export class LiveRun {
  readonly id: string;
  readonly course: Course;
  readonly #place: string;
  readonly #journal: JournalFollower;
  readonly #clock: Pick<Clock, 'now'>;
  #wanted_ms: number;
  #going_ms = hostNow();

  /** Throws an `EvidenceError` where its plan or its journal cannot be read. */
  constructor(runs: string, id: string, clock: Pick<Clock, 'now'>) {
    this.id = id;
    this.#clock = clock;
    this.#wanted_ms = clock.now();
    this.#place = join(runs, id);
    this.course = new Course(readPlan(this.#place));
    this.#journal = followJournal(runFile(this.#place, 'journal'));
  }

  /** Reads what came since; whether anything did. */
  look(): boolean {
    this.#wanted_ms = this.#clock.now();
    const events = this.#journal.look();
    for (const event of events) this.course.add(event);
    return events.length > 0;
  }

  /** Milliseconds since its origin. */
  get t(): number {
    const { origin_ms } = this.course.progress;
    return origin_ms === null ? 0 : hostNow() - origin_ms;
  }

  get isOver(): boolean {
    if (stateOf(this.#place) === 'running') {
      this.#going_ms = hostNow();
      return false;
    }
    const hasResult = isThere(runFile(this.#place, 'result'));
    return hasResult || hostNow() - this.#going_ms > RESULT_AT_MOST_MS;
  }

  get isIdle(): boolean {
    return this.#clock.now() - this.#wanted_ms >= IDLE_MS;
  }

  close(): void {
    this.#journal.close();
  }
}

export class LiveRuns {
  readonly #runs: string;
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
  readonly #live = new Map<string, LiveRun>();
  readonly #closed = new AbortController();
  #isSweeping = false;

  constructor(runs: string, clock: Pick<Clock, 'now' | 'sleep'>) {
    this.#runs = runs;
    this.#clock = clock;
  }

  /** Whether nothing more comes of it. */
  isOver(id: string): boolean {
    const live = this.#live.get(id);
    return live === undefined ? stateOf(join(this.#runs, id)) !== 'running' : live.isOver;
  }

  /** As far as it is now; null where its files tell nothing yet. */
  get(id: string): LiveRun | null {
    this.#dropUnwanted();
    try {
      const live = this.#live.get(id) ?? new LiveRun(this.#runs, id, this.#clock);
      this.#live.set(id, live);
      live.look();
      void this.#sweep();
      return live;
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      this.#drop(id);
      return null;
    }
  }

  #dropUnwanted(): void {
    for (const [name, each] of this.#live) if (each.isIdle || each.isOver) this.#drop(name);
  }

  /** Whoever leaves says nothing: a journal that nobody asks for is closed a while later. */
  async #sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    while (this.#live.size > 0 && !this.#closed.signal.aborted) {
      await this.#clock.sleep(IDLE_MS, this.#closed.signal).catch(() => {}); // closed meanwhile
      this.#dropUnwanted();
    }
    this.#isSweeping = false;
  }

  #drop(id: string): void {
    this.#live.get(id)?.close();
    this.#live.delete(id);
  }

  close(): void {
    this.#closed.abort();
    for (const id of [...this.#live.keys()]) this.#drop(id);
  }
}
